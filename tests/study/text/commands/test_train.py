"""Training a book by command: what is kept, and what a directory must hold to go on."""

import json
from pathlib import Path

import pytest

from tests.study.text.commands.runs import TEXT, small, write_book
from unroll.errors import UnrollError
from unroll.study.text.commands.stage_samples import (
    LENGTHS,
    first_characters,
    read_samples,
    write_samples,
)
from unroll.study.text.commands.train import run_resume, run_train, train_book
from unroll.training.characters.run import Run, open_run
from unroll.training.characters.watcher import Unwatched


def test_samples_of_every_stage_are_kept_and_begin_alike(run: Run) -> None:
    kept = read_samples(run)
    assert [stage["step"] for stage in kept] == [0, 1, 3, 10, 30, 100, 300]
    assert tuple(stage["step"] for stage in kept) == run.stages
    firsts = first_characters(run)
    for stage in kept:
        assert [one["first"] for one in stage["samples"]] == firsts
        assert [one["length"] for one in stage["samples"]] == list(LENGTHS)
        assert [len(one["text"]) for one in stage["samples"]] == list(LENGTHS)
    assert all(first in TEXT and not first.isspace() for first in firsts)


def test_samples_can_be_written_again_from_the_kept_weights(run: Run) -> None:
    again = write_samples(run, 10, run.load_model(10))
    kept = next(stage for stage in read_samples(run) if stage["step"] == 10)
    assert [one.text for one in again] == [one["text"] for one in kept["samples"]]


def test_the_unknown_symbol_is_never_written_where_the_book_has_none(run: Run) -> None:
    assert run.corpus.unknown_characters == 0
    # An untrained model gives every symbol about the same: 150 characters of about 30.
    assert all("\ufffd" not in one.text for one in write_samples(run, 0, run.load_model(0)))


def test_rare_characters_may_be_written_where_the_book_has_them(tmp_path: Path) -> None:
    settings = small(write_book(tmp_path), threshold=400, steps=1)
    train_book(settings, tmp_path / "run", Unwatched())
    run = open_run(tmp_path / "run")
    assert run.corpus.unknown_characters > 1000
    written = "".join(one.text for one in write_samples(run, 0, run.load_model(0)))
    assert "\ufffd" in written


def test_the_same_command_again_returns_the_same_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = small(write_book(tmp_path), steps=3)
    first = run_train(settings, tmp_path / "run", quiet=True)
    again = run_train(settings, tmp_path / "run", quiet=True)
    resumed = run_resume(tmp_path / "run", quiet=True)
    assert first == again == resumed
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")
    assert first.succeeded
    # What --json prints is JSON.
    assert json.loads(json.dumps(first.summary)) == first.summary


def test_the_summary_names_both_ways_of_reading(run: Run) -> None:
    outcome = run_resume(run.path, quiet=True)
    held_out = outcome.summary["validation"]
    assert {"carried_nats", "w256_nats", "w64_nats", "w30_nats", "accuracy"} <= set(held_out)
    assert {"cpu_seconds", "steps", "weights_sha256"} <= set(outcome.summary)
    assert outcome.summary["book"]["characters"] == len(TEXT)
    carried = held_out["carried_nats"]
    line = f"  carried   {carried:.3f} nats  {carried / 0.693147:.3f} bits a character"
    assert line in outcome.text
    assert f'unroll text write {run.path} --prompt "The king saw"' in outcome.text
    assert max(len(line) for line in outcome.text.splitlines() if str(run.path) not in line) <= 80


def test_another_book_in_the_directory_is_refused(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text(TEXT + "The end.\n", encoding="utf-8")
    with pytest.raises(UnrollError) as error:
        run_train(small(other), run.path, quiet=True)
    assert str(error.value).startswith(
        f"{run.path}: holds a run on another book, 'tales' (SHA-256 "
    )
    assert str(error.value).endswith("; choose another --out")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"steps": 301}, "steps 300, asked for 301"),
        ({"seed": 1}, "seed 0, asked for 1"),
        ({"threshold": 2}, "threshold 1, asked for 2"),
        ({"rate": 0.5}, "rate 0.006, asked for 0.5"),
    ],
)
def test_other_settings_in_the_directory_are_refused(
    run: Run, tmp_path: Path, changes: dict[str, object], told: str
) -> None:
    with pytest.raises(UnrollError) as error:
        run_train(small(write_book(tmp_path), **changes), run.path, quiet=True)
    assert str(error.value) == (
        f"{run.path}: holds a run with {told}; unroll text train --resume {run.path} goes on with "
        "it as it began, or choose another --out"
    )


def test_a_training_that_diverges_says_so_and_is_no_success(tmp_path: Path) -> None:
    settings = small(write_book(tmp_path), rate=1e30, optimiser="rmsprop", schedule="constant")
    outcome = run_train(settings, tmp_path / "run", quiet=True)
    assert not outcome.succeeded
    assert outcome.summary["stopped"] == "diverged"
    assert "where training diverged" in outcome.text


def test_a_cell_of_ones_own_is_trained_and_writes(tmp_path: Path) -> None:
    (tmp_path / "cells.py").write_text("from unroll.cells import RNN\nclass Mine(RNN): pass\n")
    settings = small(write_book(tmp_path), steps=2, cell=f"{tmp_path}/cells.py:Mine")
    outcome = run_train(settings, tmp_path / "run", quiet=True)
    assert outcome.summary["recipe"]["cell"] == f"{tmp_path}/cells.py:Mine"
    assert len(read_samples(open_run(tmp_path / "run"))) == 3
