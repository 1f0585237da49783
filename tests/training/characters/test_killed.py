"""A training that is killed, at any moment, and goes on: its weights are those of one that is not.

The process is another one, and is ended by SIGKILL, from outside.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.training.characters.cases import DROPPING, Recorder, lasting, train_tiny
from unroll.training.characters.fit import resume
from unroll.training.characters.run import open_run

STEPS = 60
Zygote = subprocess.Popen[str]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return train_tiny(tmp_path_factory.mktemp("run") / "out", DROPPING, steps=STEPS)


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    command = [sys.executable, "-m", "tests.training.characters.zygote"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def train_and_kill(zygote: Zygote, out: Path, calls: int, waits: bool) -> None:
    """Kill a training at a call that changes the disk, or at some moment after it."""
    assert zygote.stdin is not None
    assert zygote.stdout is not None
    job = {"out": str(out), "steps": STEPS, "calls": calls, "waits": waits}
    print(json.dumps(job), file=zygote.stdin, flush=True)
    said = [zygote.stdout.readline().strip() for _ in range(2)]
    assert "now" in said
    (child,) = (int(word) for word in said if word != "now")
    os.kill(child, signal.SIGKILL)
    assert zygote.stdout.readline() == "gone\n"


def check(zygote: Zygote, out: Path, undisturbed: dict[str, Any], calls: int, waits: bool) -> None:
    train_and_kill(zygote, out, calls, waits)
    assert open_run(out).result is None
    result = resume(out, Recorder())
    assert result["notes"] == undisturbed["notes"]
    assert lasting(result) == lasting(undisturbed)


# A save is two files, each opened, written, synced, renamed and its folder synced: 3 calls counted
# for each, or more where an older one is replaced or removed.
@pytest.mark.parametrize(("calls", "waits"), [(3, True), (107, False), (251, True)])
def test_a_killed_training_ends_as_if_it_had_not_been(
    zygote: Zygote, tmp_path: Path, undisturbed: dict[str, Any], calls: int, waits: bool
) -> None:
    check(zygote, tmp_path / "out", undisturbed, calls, waits)


@pytest.mark.slow
@pytest.mark.parametrize("case", range(20))
def test_twenty_killed_trainings_end_as_if_they_had_not_been(
    zygote: Zygote, tmp_path: Path, undisturbed: dict[str, Any], case: int
) -> None:
    calls = Random(case).randrange(1, 500)
    check(zygote, tmp_path / "out", undisturbed, calls, waits=case % 2 == 0)


def test_one_that_is_killed_twice_ends_as_if_it_had_not_been(
    zygote: Zygote, tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    train_and_kill(zygote, tmp_path / "out", 40, waits=True)

    class Ending(Recorder):
        def on_stage(self, step: int, model: Any) -> None:
            super().on_stage(step, model)
            if step == 30:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        resume(tmp_path / "out", Ending())
    assert lasting(resume(tmp_path / "out", Recorder())) == lasting(undisturbed)
