"""`unroll text train` while it runs: looked at, interrupted, its directory taken away."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.refusals import fail
from tests.study.text.commands.runs import write_book
from unroll.cli import main

QUICKEST = "--hidden-size 8 --layers 1 --batch-size 2 --window 8".split()


@contextmanager
def training(book: Path, out: Path) -> Iterator["subprocess.Popen[str]"]:
    """Train without end in another process, of which a checkpoint is there already."""
    command = [sys.executable, "-m", "unroll.cli", "text", "train", str(book), *QUICKEST]
    command += ["--steps", "100000000", "--out", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        # Step 0 is saved before it is sampled from, and the first steps soon after.
        while "writes by step 1:" not in process.stderr.readline():
            assert process.poll() is None
        try:
            yield process
        finally:
            process.kill()


def test_a_run_is_looked_at_while_it_trains_and_trained_by_one_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, out = write_book(tmp_path), tmp_path / "run"
    begin = ["text", "train", str(book), *QUICKEST, "--steps", "100000000", "--out", str(out)]
    with training(book, out):
        for again in (begin, ["text", "train", "--resume", str(out)]):
            assert fail(again, capsys) == (
                f"unroll: {out}: is being written by another process; wait for it, or choose "
                "another --out"
            )
        main(["text", "write", str(out), "--prompt", "fox", "--length", "5"])
        captured = capsys.readouterr()
        assert captured.out.startswith("fox")
        assert captured.err == (
            f"note: the training in {out} is not finished; these are its weights so far\n"
        )
        for look in (
            ["score", str(out), str(book)],
            ["copies", str(out), "--characters", "100"],
            ["context", str(out), "--positions", "2", "--gradients", "2", "--furthest", "4"],
        ):
            main(["text", *look, "--json", "--quiet"])
            captured = capsys.readouterr()
            assert json.loads(captured.out)["run"] == str(out)
            assert captured.err == ""


def test_a_run_that_is_removed_while_it_trains_ends_in_one_line(tmp_path: Path) -> None:
    book, out = write_book(tmp_path), tmp_path / "run"
    with training(book, out) as process:
        out.rename(tmp_path / "gone")
        assert process.stderr is not None
        told = process.stderr.read()
        assert process.wait() == 2
    last = told.splitlines()[-1]
    assert last.startswith(f"unroll: {out}/")
    assert last.endswith(
        ": cannot be written: its directory is not there; it may have been removed meanwhile"
    )
    assert "Traceback" not in told
    assert not out.exists()


def test_ctrl_c_says_how_to_go_on_and_the_run_does(tmp_path: Path) -> None:
    book, out = write_book(tmp_path), tmp_path / "run"
    command = [sys.executable, "-m", "unroll.cli", "text", "train", str(book), *QUICKEST]
    command += ["--steps", "100000000", "--out", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        told = [process.stderr.readline()]
        # Step 0 is sampled from before training: from its line on, the run can go on.
        while "writes by step 0:" not in told[-1]:
            assert told[-1] or process.poll() is None
            told.append(process.stderr.readline())
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait() == 130
    last = rest.splitlines()[-1]
    assert last.startswith("interrupted")
    assert last.endswith(f"unroll text train --resume {out} goes on")
    assert "Traceback" not in rest
