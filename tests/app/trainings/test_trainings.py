"""Trainings in processes of their own: what they tell, and how they end."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from filelock import FileLock

from unroll.app.trainings import trainings as trainings_module
from unroll.app.trainings import worker
from unroll.app.trainings.trainings import TITLES, Progress, Trainings
from unroll.app.trainings.wanted import NETWORKS, TEXT
from unroll.errors import StoreError

PATIENCE_S = 60

on_linux = pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")

_SERVER = """
import sys, time
from pathlib import Path
from unroll.app.trainings.trainings import Trainings

trainings = Trainings(Path(sys.argv[1]))
trainings.begin(["text"])
while trainings.progress()[0].said == "starting":
    time.sleep(0.02)
print(trainings.progress()[0].said, flush=True)
sys.stdin.read()
"""


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "never became so"
        os.sched_yield()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[], Trainings]]:
    """Makes trainings of one folder; they are ended after the test."""
    made: list[Trainings] = []

    def one() -> Trainings:
        made.append(Trainings(tmp_path))
        return made[-1]

    yield one
    for trainings in made:
        trainings.close()


def state_of(trainings: Trainings, name: str) -> Progress:
    return {one.name: one for one in trainings.progress()}[name]


def test_what_is_not_lacking_is_not_trained(make: Callable[[], Trainings]) -> None:
    trainings = make()
    trainings.begin([])

    assert [one.as_dict() for one in trainings.progress()] == [
        {
            "name": name,
            "title": TITLES[name],
            "state": "finished",
            "done": 1.0,
            "seconds_left": None,
            "said": "not needed: there are trained ones",
        }
        for name in (TEXT, NETWORKS)
    ]


def test_a_second_playground_waits_for_the_first_and_then_goes_on(
    make: Callable[[], Trainings], tmp_path: Path
) -> None:
    first, second = make(), make()
    with FileLock(tmp_path / ".text.lock"):
        second.begin([TEXT])
        wait_until(lambda: state_of(second, TEXT).state == "waiting")
        assert state_of(second, TEXT).said == (
            "another playground trains it: this one waits for the end"
        )
        assert not (tmp_path / "text").exists()

    wait_until(lambda: state_of(second, TEXT).state == "training")
    first.begin([TEXT])
    wait_until(lambda: state_of(first, TEXT).state == "waiting")
    second.close()
    wait_until(lambda: state_of(first, TEXT).state == "training")


@on_linux
def test_a_training_whose_process_is_killed_is_said_to_have_failed_and_not_begun_again(
    make: Callable[[], Trainings], tmp_path: Path
) -> None:
    with FileLock(tmp_path / ".text.lock"):
        trainings = make()
        trainings.begin([TEXT])
        wait_until(lambda: state_of(trainings, TEXT).state == "waiting")
        (pid,) = trainers_of(os.getpid())
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: state_of(trainings, TEXT).state == "failed")

    assert state_of(trainings, TEXT).said == (
        "its process ended early (exit code -9): start unroll app again to go on"
    )
    assert trainers_of(os.getpid()) == []


def test_what_a_library_prints_is_not_taken_for_progress(
    make: Callable[[], Trainings], monkeypatch: pytest.MonkeyPatch
) -> None:
    # It prints some lines of prose, and ends.
    monkeypatch.setattr(trainings_module, "_WORKER", "this")
    trainings = make()
    trainings.begin([TEXT])
    wait_until(lambda: state_of(trainings, TEXT).state == "failed")

    assert state_of(trainings, TEXT).said == (
        "its process ended early (exit code 0): start unroll app again to go on"
    )


def test_the_terminal_hears_in_a_line_each_what_is_begun_and_how_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = TITLES[TEXT][0].lower() + TITLES[TEXT][1:]
    begun = f"being trained: {title}; the pages show how far it is"
    (tmp_path / "learns.py").write_text('print(\'{"state": "finished", "said": "90 steps"}\')')
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for module, ended in (
        ("learns", f"trained: {title}: 90 steps"),
        (
            "this",
            f"not trained: {title}: its process ended early (exit code 0): start unroll app "
            "again to go on",
        ),
    ):
        monkeypatch.setattr(trainings_module, "_WORKER", module)
        heard: list[str] = []
        trainings = Trainings(tmp_path, heard.append)
        trainings.begin([TEXT])
        wait_until(partial(heard.__contains__, ended))
        trainings.close()
        assert heard == [begun, ended]


@on_linux
def test_closing_ends_the_processes(make: Callable[[], Trainings]) -> None:
    trainings = make()
    trainings.begin([TEXT, NETWORKS])
    assert len(trainers_of(os.getpid())) == 2

    trainings.close()

    assert trainers_of(os.getpid()) == []
    trainings.begin([TEXT])
    assert trainers_of(os.getpid()) == []


@on_linux
def test_a_trainer_ends_with_its_server_even_where_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _SERVER, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "loading PyTorch\n"
        (trainer,) = trainers_of(server.pid)
        server.kill()
        server.wait()

        # It holds this lock as long as it lives.
        with FileLock(tmp_path / ".text.lock", timeout=PATIENCE_S):
            pass
    wait_until(lambda: parent_of(Path(f"/proc/{trainer}")) is None)


def test_a_failed_training_says_why_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_asked: object) -> str:
        raise StoreError(f"{tmp_path}/text: no disk space left")

    monkeypatch.setattr(worker, "_train", fail)
    monkeypatch.setattr(worker, "_end_with_server", lambda: None)
    monkeypatch.setattr(os, "nice", lambda _by: 0)
    for kind in (TEXT, NETWORKS):
        worker.main([kind, str(tmp_path)])

    text, networks = map(json.loads, capsys.readouterr().out.splitlines())
    assert (text["state"], networks["state"]) == ("failed", "failed")
    assert text["said"] == (
        f"{tmp_path.name}/text: no disk space left; start unroll app again to try once more, or "
        "train a model of your own: unroll text train BOOK"
    )
    assert networks["said"] == (
        f"{tmp_path.name}/text: no disk space left; start unroll app again to try once more"
    )


def test_the_time_left_is_told_from_what_was_done_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter((100.0, 101.0, 101.1, 105.0))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    stream = io.StringIO()
    teller = worker.Teller(stream)

    for done in (0.0, 0.2, 0.3, 0.6):
        teller.training(done, f"{done}")

    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(one["done"], one["seconds_left"]) for one in told] == [
        (0.0, None),
        (0.2, None),
        # Four seconds for 0.4 of the work; what came at once after another was not told.
        (0.6, pytest.approx(4.0)),
    ]


def trainers_of(parent: int) -> list[int]:
    """Return the trainers that a process has started and that live."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if b"unroll.app.trainings.worker" in line and parent_of(folder) == parent:
            found.append(int(folder.name))
    return found


def parent_of(folder: Path) -> int | None:
    """Return the parent of a process that lives."""
    try:
        state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state == "Z" else int(parent)
