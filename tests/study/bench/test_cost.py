"""What a step costs, measured: memory that is planted, processes that end. No time is asserted."""

import functools
from pathlib import Path
from typing import Any

import pytest

from unroll.cells.source import find_cell
from unroll.errors import ConfigError
from unroll.probes.cost import Timing, time_repeatedly
from unroll.study.bench import cost, cost_process
from unroll.study.bench.cost import cost_jobs, measure_cost, plain_loop_job, runs_plain
from unroll.study.bench.cost_process import CostTask, measure_lengths
from unroll.study.bench.cost_view import read_cost
from unroll.study.running.measurement import MeasurementJob, run_measurement

CELLS = """
from typing import NamedTuple
import torch
from torch import nn

class State(NamedTuple):
    h: torch.Tensor

class Hoarder(nn.Module):
    "Keeps all that it read, and reads all of it again at every step: T² in all."

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.enter = nn.Linear(input_size, hidden_size)
        self.past = []

    def initial_state(self, batch_size):
        self.past = []
        return State(self.enter.bias.new_zeros(batch_size, self.enter.out_features))

    def forward(self, x, state):
        self.past.append(self.enter(x))
        h = torch.stack(self.past).tanh().mean(0)
        return h, State(h)

class Breaking(Hoarder):
    "Talks, and breaks at the sixth step."

    def forward(self, x, state):
        print("a step of mine")
        if len(self.past) == 5:
            raise ValueError("too much to remember")
        return super().forward(x, state)
"""


def write_cells(directory: Path) -> Path:
    path = directory / "cells.py"
    path.write_text(CELLS)
    return path


def task(spec: str, lengths: tuple[int, ...], **change: Any) -> CostTask:
    values: dict[str, Any] = {"hidden_size": 16, "input_size": 10, "batch_size": 4} | change
    return CostTask(
        source=find_cell(spec),
        lengths=lengths,
        initialisation="own",
        engine="auto",
        device="cpu",
        **values,
    )


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every step once: its memory is the same each time."""
    single = functools.partial(time_repeatedly, fewest=1, most=1)
    monkeypatch.setattr(cost_process, "time_repeatedly", single)


def memory_exponent(task: CostTask) -> str:
    source, lines = task.source, list(measure_lengths(task))
    (job,) = cost_jobs(source, task.hidden_size, lengths=task.lengths)
    record = run_measurement(job_with(job, {"lines": lines, "load": None, "cores": 2}))
    (found,) = read_cost([record])
    exponent = found.exponent("mib")
    assert exponent is not None
    return exponent.verdict


def job_with(job: MeasurementJob, values: dict[str, Any]) -> MeasurementJob:
    return MeasurementJob(
        kind=job.kind, measure=lambda _: values, settings=job.settings, label=job.label
    )


@pytest.mark.usefixtures("once")
def test_a_cell_of_planted_quadratic_memory_is_found(tmp_path: Path) -> None:
    spec = f"{write_cells(tmp_path)}:Hoarder"
    assert memory_exponent(task(spec, (100, 200, 400), hidden_size=64)) == "faster than linearly"


@pytest.mark.usefixtures("once")
def test_a_cell_of_linear_memory_is_called_so() -> None:
    # 300 steps of 4 sequences of 64 units keep 5 MiB: well above the C library's own keeping.
    assert memory_exponent(task("lstm", (300, 600, 1200), hidden_size=64)) == "linearly"


def test_a_process_of_its_own_survives_a_cell_that_breaks_and_talks(tmp_path: Path) -> None:
    spec = f"{write_cells(tmp_path)}:Breaking"
    (job,) = cost_jobs(find_cell(spec), 8, lengths=(2, 4, 8, 16))
    record = run_measurement(job)
    (found,) = read_cost([record])
    assert [point.length for point in found.evaluation] == [2, 4]
    assert [point.length for point in found.training] == [2, 4]
    assert found.problems == (
        "evaluation from T = 8 on: ValueError: too much to remember",
        "training from T = 8 on: ValueError: too much to remember",
    )
    assert found.engine == "plain"
    assert found.exponent("seconds") is None
    assert all(len(p.seconds) == len(p.wall_seconds) >= 3 for p in found.training)


@pytest.mark.usefixtures("once")
def test_a_length_that_would_need_too_much_memory_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cost_process, "available_bytes", lambda: 5 * 2**20)
    lines = list(measure_lengths(task("lstm", (2, 20))))
    # Of a first length nothing is known but the estimate; of the next, at most 1 MiB · 20/2.
    assert [line.get("problem") for line in lines] == [
        None,
        "it would need about 10 MiB, and 5 are free",
    ] * 2


def test_a_length_that_would_take_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = [Timing(seconds=20.0, wall_seconds=40.0)]
    monkeypatch.setattr(cost_process, "time_repeatedly", lambda *_, **__: slow)
    lines = list(measure_lengths(task("rnn", (2, 4))))
    assert [line.get("problem") for line in lines] == [
        None,
        "a step would take about 80 s, and 60 s is the most that is waited for",
    ] * 2


@pytest.mark.parametrize(
    ("program", "limit", "problem"),
    [
        (
            "import os; os.kill(os.getpid(), 9)",
            900.0,
            "its process was ended by signal 9, as it is where memory is short",
        ),
        (
            "import sys; sys.exit('no such thing')",
            900.0,
            "its process ended with code 1: no such thing",
        ),
        ("import threading; threading.Event().wait()", 0.1, "ended after 0 minutes"),
    ],
)
def test_a_process_that_ends_is_told_of(
    monkeypatch: pytest.MonkeyPatch, program: str, limit: float, problem: str
) -> None:
    line = 'import sys; print(\'{"mode": "evaluation", "length": 2}\', flush=True);'
    monkeypatch.setattr(cost, "_START", line + program)
    monkeypatch.setattr(cost, "LIMIT_SECONDS", limit)
    (job,) = cost_jobs(find_cell("rnn"), 4, lengths=(2,))
    lines = measure_cost(job)["lines"]
    assert lines[-1] == {"problem": problem}
    assert lines[:-1] in ([{"mode": "evaluation", "length": 2}], [])


def test_a_cell_of_which_nothing_could_be_measured_is_still_read(tmp_path: Path) -> None:
    spec = f"{write_cells(tmp_path)}:Breaking"
    (job,) = cost_jobs(find_cell(spec), 4, lengths=(8,))
    lines = [{"mode": "evaluation", "length": 8, "problem": "too much"}]
    record = run_measurement(job_with(job, {"lines": lines, "load": 0.5, "cores": 2}))
    (found,) = read_cost([record])
    assert (found.longest, found.microseconds_per_step, found.engine) == (None, None, "auto")
    assert found.problems == ("evaluation from T = 8 on: too much",)


def test_jobs_stand_one_after_another() -> None:
    first, second = cost_jobs(find_cell("linear"), 8, after="before")
    assert (first.after, second.after) == ("before", first.key)
    assert (first.settings["engine"], second.settings["engine"]) == ("auto", "plain")
    assert first.label == "time and memory of linear up to T = 10,000"
    assert second.label == "time and memory of linear up to T = 10,000, plain loop"
    assert len(cost_jobs(find_cell("lstm"), 8)) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lengths": ()}, "cost: lengths must be 1 or more and ascend, got "),
        ({"lengths": (0, 4)}, "cost: lengths must be 1 or more and ascend, got 0, 4"),
        ({"lengths": (8, 4)}, "cost: lengths must be 1 or more and ascend, got 8, 4"),
        ({"batch_size": 0}, "cost: batch size must be 1 or more, got 0"),
    ],
)
def test_what_cannot_be_measured_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        cost_jobs(find_cell("rnn"), 8, **change)
    assert str(raised.value) == message


def test_the_plain_loop_beside_an_engine_is_measured_at_the_shorter_lengths() -> None:
    job = plain_loop_job(find_cell("lstm"), 8, initialisation="own", after="before")
    assert (job.settings["engine"], job.settings["lengths"], job.after) == (
        "plain",
        [10, 30, 100, 300, 1_000],
        "before",
    )
    assert [runs_plain(find_cell(name), 8) for name in ("lstm", "peephole", "min-gru")] == [
        False,
        True,
        False,
    ]


def test_a_plain_loop_is_foreseen_to_take_longer_whatever_the_cell() -> None:
    (lstm,), (peephole,) = (cost_jobs(find_cell(name), 8) for name in ("lstm", "peephole"))
    assert peephole.work == 4 * lstm.work
