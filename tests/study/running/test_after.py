"""Measurements that look into what another one leaves behind, with a real store."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest

from unroll.records import MeasurementRecord, Store, TrialRecord
from unroll.study.running.inline import InlineExecutor
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.plan import Plan, missing_jobs
from unroll.study.running.pool import WorkerLostError
from unroll.study.running.runner import run_jobs
from unroll.study.running.trial_job import TrialJob

P = ParamSpec("P")
R = TypeVar("R")


class Asked:
    """The settings of a plan that nobody prints."""

    def command(self, out: str) -> str:
        return f"unroll nothing --out {out}"


class Watcher:
    """Notes what is recorded, in order."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str | None]] = []

    def stepped(self, key: str, step: int) -> None: ...

    def tick(self) -> None: ...

    def finished(
        self, job: TrialJob, trial: TrialRecord, accuracy: float | None, problem: str | None
    ) -> None: ...

    def measured(self, job: MeasurementJob, measurement: MeasurementRecord) -> None:
        self.seen.append((job.label, measurement.error))


class Kills(Executor):
    """Kills the worker of the first call, after it has done half of its work."""

    def __init__(self) -> None:
        self._left = 1

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        future: Future[R] = Future()
        job: Any = args[0]
        if self._left:
            self._left -= 1
            leave(job, "half")
            future.set_exception(WorkerLostError("its worker process ended (signal SIGKILL)"))
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def leave(job: MeasurementJob, text: str) -> None:
    assert job.folder is not None
    job.folder.mkdir(parents=True, exist_ok=True)
    with (job.folder / "left.txt").open("a") as file:
        file.write(text)


def make(job: MeasurementJob) -> dict[str, Any]:
    if job.settings.get("fails"):
        raise RuntimeError("out of order")
    leave(job, "whole")
    return {"made": True}


def look(job: MeasurementJob) -> dict[str, Any]:
    assert job.folder is not None
    return {"found": (job.folder / "left.txt").read_text()}


def jobs_of(fails: bool = False) -> tuple[MeasurementJob, MeasurementJob]:
    first = MeasurementJob(
        kind="made",
        measure=make,
        settings={"fails": True} if fails else {},
        label="first",
        folder=Path("made") / "one",
    )
    second = MeasurementJob(
        kind="looked",
        measure=look,
        settings={"look": 1},
        label="second",
        after=first.key,
        folder=first.folder,
    )
    return first, second


def carry_out(
    out: Path, jobs: tuple[MeasurementJob, ...], executor: Executor
) -> tuple[list[tuple[str, str | None]], int]:
    """Run what is missing, and return what was seen and how many jobs that were."""
    watcher = Watcher()
    with Store.create(out) as store:
        plan = Plan(kind="made", settings=Asked(), protocol={}, measurements=jobs)
        missing = missing_jobs([plan], store)
        run_jobs(missing, store=store, executor=executor, watcher=watcher)
    return watcher.seen, len(missing)


def values(out: Path, job: MeasurementJob) -> dict[str, Any] | None:
    with Store.read(out) as store:
        record = store.find_measurement(job.key)
    assert record is not None
    return record.values


def test_a_look_comes_after_what_it_looks_into_whatever_the_order(tmp_path: Path) -> None:
    first, second = jobs_of()
    seen, _ = carry_out(tmp_path, (second, first), InlineExecutor())
    assert seen == [("first", None), ("second", None)]
    assert values(tmp_path, second) == {"found": "whole"}
    assert (tmp_path / "made" / "one" / "left.txt").is_file()


def test_a_look_into_what_failed_says_why_and_is_made_again(tmp_path: Path) -> None:
    seen, _ = carry_out(tmp_path, jobs_of(fails=True), InlineExecutor())
    why = "what it looks into failed: RuntimeError: out of order"
    assert seen == [("first", "RuntimeError: out of order"), ("second", why)]
    assert carry_out(tmp_path, jobs_of(fails=True), InlineExecutor()) == (seen, 2)


def test_what_a_killed_worker_left_is_there_when_it_is_sent_again(tmp_path: Path) -> None:
    _, second = jobs_of()
    seen, _ = carry_out(tmp_path, jobs_of(), Kills())
    assert seen == [("first", None), ("second", None)]
    assert values(tmp_path, second) == {"found": "halfwhole"}


def test_the_same_again_runs_nothing(tmp_path: Path) -> None:
    carry_out(tmp_path, jobs_of(), InlineExecutor())
    assert carry_out(tmp_path, jobs_of(), InlineExecutor()) == ([], 0)


def test_a_folder_that_is_gone_is_made_again_when_it_is_needed(tmp_path: Path) -> None:
    first, second = jobs_of()
    carry_out(tmp_path, (first,), InlineExecutor())
    (tmp_path / "made" / "one" / "left.txt").unlink()
    (tmp_path / "made" / "one").rmdir()
    assert carry_out(tmp_path, (first,), InlineExecutor()) == ([], 0)
    seen, _ = carry_out(tmp_path, (first, second), InlineExecutor())
    assert seen == [("first", None), ("second", None)]


@pytest.mark.parametrize("name", ["folder", "after", "steps"])
def test_where_it_lies_and_what_it_waits_for_are_no_part_of_the_key(name: str) -> None:
    plain = MeasurementJob(kind="made", measure=make, settings={}, label="")
    other: dict[str, Any] = {"folder": Path("a"), "after": "key", "steps": 3}
    changed = MeasurementJob(
        kind="made", measure=make, settings={}, label="", **{name: other[name]}
    )
    assert changed.key == plain.key


def test_where_a_book_lies_is_no_part_of_the_key_but_its_text_is() -> None:
    def key(book: str, sha256: str) -> str:
        settings = {"book": book, "book_sha256": sha256}
        return MeasurementJob(kind="made", measure=make, settings=settings, label="").key

    assert key("a.txt", "1") == key("b.txt", "1")
    assert key("a.txt", "1") != key("a.txt", "2")
