"""What runs after what, and what becomes of jobs that fail: in this process, with a real store."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from tests.study.undrawn import carry_out, count_calls
from unroll.records import MeasurementRecord, Store, TrialRecord
from unroll.study.execute import RunOptions
from unroll.study.gradients.plan import plan_gradients
from unroll.study.gradients.settings import GradientSettings
from unroll.study.run import run_command
from unroll.study.running.inline import InlineExecutor
from unroll.study.running.measurement import MeasurementJob, run_measurement
from unroll.study.running.pool import WorkerLostError
from unroll.study.running.runner import Job, run_jobs
from unroll.study.running.trial_job import TrialJob
from unroll.study.running.worker import run_trial

P = ParamSpec("P")
R = TypeVar("R")

TINY = GradientSettings(
    cells=("rnn",),
    inits=("uniform",),
    length=5,
    seeds=1,
    sequences=2,
    trained_at=(4,),
    max_steps=2,
    hidden_size=4,
)
BROKEN = """
from unroll.cells import RNN

class Broken(RNN):
    def forward(self, x, state):
        if len(x) == {batch}:
            raise RuntimeError("out of order")
        return super().forward(x, state)
"""


class Watcher:
    """Notes what is recorded, in order."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def stepped(self, key: str, step: int) -> None: ...

    def tick(self) -> None: ...

    def finished(
        self, job: TrialJob, trial: TrialRecord, accuracy: float | None, problem: str | None
    ) -> None:
        assert (job.key, problem) == (trial.key, None)
        self.seen.append(f"trial {trial.status} {accuracy is not None}")

    def measured(self, job: MeasurementJob, measurement: MeasurementRecord) -> None:
        assert job.key == measurement.key
        self.seen.append(f"{job.settings['condition']} {measurement.error}")


class Loses(Executor):
    """Runs calls at once, but loses the worker of the first `times` calls of one function."""

    def __init__(self, function: object, times: int) -> None:
        self._function = function
        self._left = times
        self.calls: list[str] = []

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        self.calls.append(getattr(fn, "__name__", ""))
        future: Future[R] = Future()
        if fn is self._function and self._left:
            self._left -= 1
            future.set_exception(WorkerLostError("its worker process ended (signal SIGKILL)"))
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def run_all(
    settings: GradientSettings, out: Path, executor: Executor
) -> tuple[list[str], list[MeasurementRecord]]:
    """Return what a watcher saw, and the measurements recorded."""
    plan, watcher = plan_gradients(settings), Watcher()
    with Store.create(out) as store:
        # The measurements come first here: the order asked for must not matter to what is needed.
        jobs: tuple[Job, ...] = (*plan.measurements, *plan.trials)
        run_jobs(jobs, store=store, executor=executor, watcher=watcher)
        records = [store.find_measurement(job.key) for job in plan.measurements]
    return watcher.seen, [record for record in records if record is not None]


def conditions(records: list[MeasurementRecord]) -> list[tuple[str, bool, str | None]]:
    return [(r.settings["condition"], r.values is not None, r.error) for r in records]


def test_what_looks_into_a_trial_comes_after_it(tmp_path: Path) -> None:
    executor = Loses(None, 0)
    seen, records = run_all(TINY, tmp_path, executor)
    # The measurement without a need is sent at once, the other when the trial is recorded.
    assert executor.calls == ["run_measurement", "run_trial", "run_measurement"]
    assert seen.index("trial budget True") < seen.index("trained None")
    assert len(seen) == 3
    untrained, trained = records
    assert untrained.values is not None
    assert trained.values is not None
    assert trained.values["by_time"] != untrained.values["by_time"]


def test_store_holds_seconds_and_environment(tmp_path: Path) -> None:
    _, records = run_all(TINY, tmp_path, InlineExecutor())
    for record in records:
        assert record.kind == "gradients"
        assert record.seconds > 0
        assert {"unroll", "torch", "python"} <= set(record.environment)


def test_a_look_into_a_trial_that_failed_says_why(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(BROKEN.format(batch=128))
    settings = replace(TINY, cells=(f"{tmp_path}/own.py:Broken",))
    seen, records = run_all(settings, tmp_path / "out", InlineExecutor())
    assert "trial failed False" in seen
    assert conditions(records) == [
        ("untrained", True, None),
        ("trained", False, "its trial failed: RuntimeError: out of order"),
    ]


def test_a_measurement_that_fails_leaves_the_others_alone_and_is_made_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.py").write_text(BROKEN.format(batch=2))
    settings = replace(TINY, cells=("rnn", f"{tmp_path}/own.py:Broken"), trained_at=())
    for attempt in range(2):
        executor = InlineExecutor()
        result = carry_out(settings, tmp_path / "out", executor, quiet=False)
        assert executor.calls == (1 if attempt else 2)
        assert result.summary["failures"] == [f"{settings.cells[1]}: RuntimeError: out of order"]
        assert [n["cell"] for n in result.summary["networks"]] == ["rnn"]
        assert result.succeeded
        told = f"failed: {settings.cells[1]}: RuntimeError: out of order"
        assert told in result.text.splitlines()
        assert "RuntimeError: out of order" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("times", "wanted"),
    [
        (1, ("untrained", True, None)),
        (2, ("untrained", False, "its worker process ended (signal SIGKILL), twice")),
    ],
)
def test_a_lost_worker_costs_one_retry_and_then_the_measurement(
    tmp_path: Path, times: int, wanted: tuple[str, bool, str | None]
) -> None:
    executor = Loses(run_measurement, times)
    _, records = run_all(replace(TINY, trained_at=()), tmp_path, executor)
    assert executor.calls == ["run_measurement"] * 2
    assert conditions(records) == [wanted]
    assert set(records[0].environment) >= {"unroll", "torch", "python"}


def test_a_trial_whose_worker_is_lost_twice_takes_its_measurement_along(tmp_path: Path) -> None:
    executor = Loses(run_trial, 2)
    seen, records = run_all(TINY, tmp_path, executor)
    assert executor.calls == ["run_measurement", "run_trial", "run_trial"]
    assert "trial failed False" in seen
    why = "its trial failed: its worker process ended (signal SIGKILL), twice"
    assert conditions(records)[1] == ("trained", False, why)


def test_the_same_command_again_runs_nothing(tmp_path: Path) -> None:
    first = carry_out(TINY, tmp_path).summary
    assert count_calls(TINY, tmp_path) == 0
    assert carry_out(TINY, tmp_path).summary["networks"] == first["networks"]


def test_what_is_left_of_a_failed_run_is_all_that_runs(tmp_path: Path) -> None:
    executor = Loses(run_trial, 2)
    carry_out(TINY, tmp_path, executor)
    assert count_calls(TINY, tmp_path) == 2
    with Store.read(tmp_path) as store:
        keys = [job.key for job in plan_gradients(TINY).measurements]
        records = [store.find_measurement(key) for key in keys]
    assert conditions([r for r in records if r]) == [
        ("untrained", True, None),
        ("trained", True, None),
    ]


def test_a_trial_recorded_by_another_command_is_looked_into_at_once(tmp_path: Path) -> None:
    carry_out(TINY.training(), tmp_path)
    executor = Loses(None, 0)
    carry_out(TINY, tmp_path, executor)
    assert executor.calls == ["run_measurement"] * 2


class Interrupts(InlineExecutor):
    """Is interrupted by Ctrl-C when the second call is submitted."""

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        if self.calls:
            raise KeyboardInterrupt
        return super().submit(fn, *args, **kwargs)


def test_an_interrupted_run_does_not_count_nothing_of_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = replace(TINY, trained_at=(), seeds=2)
    options = RunOptions(out=tmp_path, workers=1, quiet=False)
    with pytest.raises(KeyboardInterrupt):
        run_command(settings, options, Interrupts())
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("interrupted: ")
    assert "0 of 0" not in last
    assert "interrupted: 0 of 2 measurements are recorded in " in last
    with pytest.raises(KeyboardInterrupt):
        run_command(replace(settings, trained_at=(4,)), options, Interrupts())
    last = capsys.readouterr().err.splitlines()[-1]
    assert "interrupted: 0 of 2 trials and 0 of 4 measurements are recorded in " in last


def test_the_way_a_cell_is_spelt_does_not_change_the_key() -> None:
    job = plan_gradients(TINY).measurements[0]
    other = replace(job, settings=job.settings | {"cell": "./cells/../rnn.py:RNN"})
    assert other.key == job.key
    for name in ("cell_class", "cell_sha256"):
        assert replace(job, settings=job.settings | {name: "other"}).key != job.key
