"""Beams are the command line's, and copies the copy meter's."""

import math
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.app.conftest import ADDRESS
from tests.app.write.asking import refused
from tests.study.text.commands.runs import small
from unroll.app.application import make_application
from unroll.app.playground import Playground
from unroll.app.settings import AppSettings
from unroll.probes.copying import CopyIndex
from unroll.study.text.commands.train import train_book
from unroll.study.text.commands.write import write_texts
from unroll.study.text.settings import WriteSettings
from unroll.training.characters.run import Run
from unroll.training.characters.watcher import Unwatched


def test_beams_are_the_command_lines_with_each_characters_probability(
    client: TestClient, run: Run, run_id: str
) -> None:
    asked = {"prompt": "The king", "length": 30, "beams": 4, "until": "."}
    answer = client.post("/api/beams", json={"run": run_id, **asked}).json()
    wanted = write_texts(run, WriteSettings(**asked))["beams"]  # type: ignore[arg-type] # as typed
    assert answer["prompt"] == "The king"
    assert [one["text"] for one in answer["beams"]] == [one["text"] for one in wanted]
    assert [one["ended"] for one in answer["beams"]] == [one["ended"] for one in wanted]
    for one, other in zip(answer["beams"], wanted, strict=True):
        assert one["log_probability_nats"] == pytest.approx(other["log_probability_nats"], rel=1e-6)
        assert one["nats_per_char"] == pytest.approx(other["nats_per_char"], rel=1e-6)
        assert len(one["probabilities"]) == len(one["text"])
        total = sum(map(math.log, one["probabilities"]))
        assert total == pytest.approx(one["log_probability_nats"], rel=1e-4)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"beams": 11}, "beams must be 1 to 10, got 11"),
        ({"length": 201}, "length must be 1 to 200, got 201"),
        (
            {"until": ""},
            "'Ends with' must be 1 to 10 characters, no more than are to be written, got 0",
        ),
        (
            {"until": "x" * 11},
            "'Ends with' must be 1 to 10 characters, no more than are to be written, got 11",
        ),
        (
            {"until": "Q\n"},
            "'Ends with' can never be written: the model does not know 'Q' (U+0051): read as the "
            "unknown symbol '\ufffd'",
        ),
        ({"until": "\ufeff"}, "'Ends with' has no character that a text could end with"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_one_line(
    client: TestClient, run_id: str, asked: dict[str, Any], error: str
) -> None:
    given = {"run": run_id, "prompt": "The", "length": 10, "beams": 2, **asked}
    assert refused(client, "beams", **given) == (400, error)


def test_copies_are_the_copy_meters(client: TestClient, run: Run, run_id: str) -> None:
    text = "Zz The king (he was old) went home.\nand the fox, ‘and it is late.’\nqueen </script>"
    answer = client.post("/api/copies", json={"run": run_id, "text": text}).json()
    training, vocabulary = run.splits.training, run.corpus.vocabulary
    book = vocabulary.decode(run.corpus.ids[training.start : training.stop])
    copying = CopyIndex(run.corpus.ids[training.start : training.stop]).measure(
        vocabulary.encode(text)
    )
    assert answer["longest"] == copying.longest.length
    assert answer["share"] == copying.share(20)
    assert answer["characters"] == len(text)
    spans = answer["spans"]
    assert {(one["start"], one["length"]) for one in spans} <= {one[:2] for one in copying.spans}
    ends = [one["start"] + one["length"] for one in spans]
    assert all(end <= one["start"] for end, one in zip(ends, spans[1:], strict=False))
    for one in spans:
        start, stop = one["book_start"], one["book_start"] + one["length"]
        assert one["text"] == text[one["start"] : one["start"] + one["length"]] == book[start:stop]
        assert one["before"] == book[max(0, start - 30) : start]
        assert one["after"] == book[stop : stop + 30]


def test_rules_of_the_book_are_not_counted_as_copied_prose(tmp_path: Path) -> None:
    book = tmp_path / "tables.txt"
    book.write_text(("*" * 40 + "\nthe king sat by the fire\n") * 60, encoding="utf-8")
    train_book(small(book, steps=3), tmp_path / "run", Unwatched())
    playground = Playground(settings=AppSettings(runs=(tmp_path,), out=tmp_path / "app"))
    with TestClient(make_application(playground), base_url=ADDRESS) as client:
        (found,) = client.get("/api/runs").json()["runs"]
        asked = {"run": found["id"], "text": "*" * 40 + "kinge king sat by the fire, "}
        answer = client.post("/api/copies", json=asked).json()
    assert answer["longest"] == 40
    passage = len("e king sat by the fire")
    assert answer["prose"] == {"longest": passage, "share": passage / len(asked["text"])}


def test_a_text_that_is_empty_or_too_long_is_not_looked_up(client: TestClient, run_id: str) -> None:
    told = "the text must have 1 to 20,000 characters, got "
    assert refused(client, "copies", run=run_id, text="") == (400, f"{told}0")
    assert refused(client, "copies", run=run_id, text="a" * 20_001) == (400, f"{told}20,001")
