"""A study that is killed, interrupted or loses a worker ends with the same numbers."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.study.undrawn import carry_out
from unroll.errors import StoreError
from unroll.records.opening import FILE_NAME
from unroll.study.memory.settings import MemorySettings
from unroll.study.running.inline import InlineExecutor
from unroll.study.running.pool import WorkerPool

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")

SETTINGS = MemorySettings(
    cells=("rnn", "gru"), lengths=(3, 9, 10), seeds=2, max_steps=150, hidden_size=16
)
TRIALS = 12
PATIENCE_SECONDS = 120
"""For waiting on a busy machine; nothing depends on it but the end of a hanging test."""


def start(out: Path, workers: int = 1) -> subprocess.Popen[str]:
    """Start the study as its user would, in a session of its own, which Ctrl-C can be sent to."""
    words = SETTINGS.command(str(out)).split()[1:]
    return subprocess.Popen(
        [sys.executable, "-m", "unroll.cli", *words, "--workers", str(workers)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(out: Path) -> tuple[list[dict[str, Any]], int]:
    """Run what is left in this process; return all numbers, and how many trials were left."""
    executor = InlineExecutor()
    trials = carry_out(SETTINGS, out, executor).summary["trials"]
    timeless = [{k: v for k, v in t.items() if not k.endswith("seconds")} for t in trials]
    return timeless, executor.calls


def count_trials(out: Path) -> int:
    file = out / FILE_NAME
    if not file.exists():
        return 0
    connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=10)
    try:
        exists = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'trials'").fetchone()
        return int(connection.execute("SELECT count(*) FROM trials").fetchone()[0]) if exists else 0
    finally:
        connection.close()


def wait_for_trials(process: subprocess.Popen[str], out: Path, count: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while count_trials(out) < count and process.poll() is None:
        assert time.monotonic() < deadline, "no trial was recorded"
        time.sleep(0.02)


def kill_and_reap(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate(timeout=PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    trials, left = finish(tmp_path_factory.mktemp("undisturbed") / "out")
    assert left == TRIALS
    return trials


def test_a_study_that_is_killed_ends_with_the_same_numbers(
    tmp_path: Path, undisturbed: list[dict[str, Any]]
) -> None:
    out = tmp_path / "out"
    process = start(out)
    wait_for_trials(process, out, 2)
    kill_and_reap(process)
    kept = count_trials(out)
    assert kept >= 2
    trials, left = finish(out)
    assert left == TRIALS - kept
    assert trials == undisturbed


@pytest.mark.slow
def test_a_study_killed_twenty_times_at_random_ends_with_the_same_numbers(
    tmp_path: Path, undisturbed: list[dict[str, Any]]
) -> None:
    moments = random.Random(0)
    for pair in range(10):
        out = tmp_path / f"out{pair}"
        for _ in range(2):
            process = start(out, workers=2)
            time.sleep(moments.uniform(0, 8))
            kill_and_reap(process)
        assert finish(out)[0] == undisturbed


def test_ctrl_c_leaves_a_directory_that_can_be_resumed(
    tmp_path: Path, undisturbed: list[dict[str, Any]]
) -> None:
    out = tmp_path / "out"
    process = start(out, workers=2)
    wait_for_trials(process, out, 1)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    kept = count_trials(out)
    assert errors.splitlines()[-1] == (
        f"interrupted: {kept} of {TRIALS} trials are recorded in {out}; run the same command "
        "again to go on"
    )
    assert "Traceback" not in errors
    assert finish(out)[0] == undisturbed


KILLER = """
import multiprocessing, os, pathlib, signal
from unroll.cells import RNN

class Killer(RNN):
    def forward(self, x, state):
        flag = pathlib.Path(__file__).with_suffix(".flag")
        if multiprocessing.parent_process() is not None and {condition}:
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().forward(x, state)
"""


@pytest.mark.parametrize(
    ("condition", "status", "error"),
    [
        ("not flag.exists()", "budget", None),
        ("True", "failed", "its worker process ended (signal SIGKILL), twice"),
    ],
)
def test_a_lost_worker_costs_one_retry_and_then_the_trial(
    tmp_path: Path, condition: str, status: str, error: str | None
) -> None:
    file = tmp_path / "cells.py"
    file.write_text(KILLER.format(condition=condition))
    settings = MemorySettings(
        cells=("rnn", f"{file}:Killer"), lengths=(9,), seeds=1, max_steps=20, hidden_size=8
    )
    with WorkerPool(1) as pool:
        mine, theirs = carry_out(settings, tmp_path / "out", pool).summary["trials"]
    assert (mine["status"], mine["error"]) == ("budget", None)
    assert (theirs["status"], theirs["error"]) == (status, error)


def test_two_processes_do_not_write_one_directory(tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = start(out)
    wait_for_trials(first, out, 1)
    with pytest.raises(StoreError) as refused:
        finish(out)
    kill_and_reap(first)
    assert str(refused.value) == (
        f"{out}: is being written by another process; wait for it, or choose another directory"
    )
