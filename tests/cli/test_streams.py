"""Where a command prints to: pipes that are closed, and terminals that lack characters."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("words", ["--version", "memory --help"])
def test_a_pipe_whose_reader_has_gone_is_no_traceback(words: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "unroll.cli", *words.split()],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("words", ["--version", "memory --help"])
def test_a_full_disk_behind_the_output_is_one_line(words: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "unroll.cli", *words.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (done.returncode, done.stderr) == (
        1,
        "unroll: no space left for what is printed: free some\n",
    )


def test_a_terminal_that_lacks_a_character_is_shown_its_code() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "unroll.cli", "memory", "--help"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Train with seeds 0 \\u2026 N\\u22121." in done.stdout
