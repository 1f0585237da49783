"""Copying at each stage, beside text that nobody learned by heart."""

import json
from typing import Any

import pytest

from tests.study.text.commands.runs import TEXT
from unroll.probes.copying import LENGTHS, CopyIndex
from unroll.study.text.commands.copies import (
    _held_out,
    _longest,
    is_prose,
    measure_copies,
    tell_copies,
)
from unroll.study.text.settings import CopiesSettings
from unroll.training.characters.run import Run


@pytest.fixture(scope="module")
def summary(run: Run) -> dict[str, object]:
    return measure_copies(run, CopiesSettings(characters=1500))


@pytest.fixture(scope="module")
def spans(run: Run) -> list[dict[str, Any]]:
    """Spans of a text that repeats its book, as a model does that has learned it by heart."""
    training = run.splits.training
    texts = _held_out(run, 1500)
    copying = CopyIndex(run.corpus.ids[training.start : training.stop]).measure(*texts)
    told = _longest(run, copying, texts)
    assert told
    return told


def test_every_stage_is_measured_beside_two_baselines(run: Run, summary: dict[str, object]) -> None:
    stages = summary["stages"]
    assert isinstance(stages, list)
    assert [one["step"] for one in stages] == list(run.stages)
    for one in (*stages, summary["held_out"], summary["five_gram"]):
        shares = [one["shares"][str(n)] for n in LENGTHS]
        # Whoever stands in a longer span stands in a shorter one.
        assert shares == sorted(shares, reverse=True)
        assert 0 <= shares[-1] <= shares[0] <= 1
    assert json.loads(json.dumps(summary)) == summary


def test_a_book_that_repeats_itself_is_seen_to(run: Run, summary: dict[str, object]) -> None:
    held_out = summary["held_out"]
    assert isinstance(held_out, dict)
    training, validation = run.splits.training, run.splits.validation
    index = CopyIndex(run.corpus.ids[training.start : training.stop])
    measured = index.measure(*_held_out(run, 1500))
    assert held_out["longest"]["length"] == measured.longest.length
    start = measured.longest.book_start
    passage = TEXT[start : start + measured.longest.length]
    assert passage in TEXT[validation.start :]
    # Five sentences are told over and over.
    assert held_out["shares"]["20"] > 0.9


def test_spans_stand_in_the_book_where_they_are_said_to(spans: list[dict[str, Any]]) -> None:
    for span in spans:
        start, length = span["book_start"], span["length"]
        assert span["text"] == TEXT[start : start + length]
        assert span["book_before"] == TEXT[max(0, start - 30) : start]


def test_only_passages_of_prose_are_told_and_each_once(spans: list[dict[str, Any]]) -> None:
    texts = [span["text"] for span in spans]
    assert all(is_prose(text) for text in texts)
    for text in texts:
        assert sum(text in other for other in texts) == 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("and he lived happily ever after", True),
        ("ja hän eli onnellisena elämänsä", True),
        ("+--------------------+---------", False),
        ("| x and y | x or y | not x |   ", False),
        (" " * 30, False),
    ],
)
def test_prose_is_mostly_letters(text: str, wanted: bool) -> None:
    assert is_prose(text) is wanted


def test_held_out_pieces_are_as_many_as_the_texts_and_do_not_overlap(run: Run) -> None:
    pieces = _held_out(run, 200)
    assert [len(piece) for piece in pieces] == [200]
    everything = _held_out(run, 10**6)
    assert sum(map(len, everything)) <= run.splits.validation.characters


def test_the_table_has_a_row_a_stage_and_fits_80_columns(
    run: Run, summary: dict[str, object]
) -> None:
    lines = tell_copies(summary).splitlines()
    rows = [line for line in lines if line.startswith(("step ", "held-out", "5-gram"))]
    assert len(rows) == len(run.stages) + 2
    assert all(len(row) <= 80 for row in rows)


def test_the_longest_span_of_all_and_of_prose_are_told_apart(
    summary: dict[str, object], spans: list[dict[str, Any]]
) -> None:
    told = tell_copies({**summary, "spans": spans}).splitlines()
    assert told[1] == "longest: of any characters, rows of dashes and blanks too"
    assert told[-len(spans) - 1] == (
        "longest spans of prose (70% letters or more) of the last stage, and the book around them"
    )
    told = tell_copies({**summary, "spans": []}).splitlines()
    assert told[-1] == (
        "no span of prose (70% letters or more) has 10 characters in the last stage"
    )
