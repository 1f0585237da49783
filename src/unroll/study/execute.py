"""Carry out plans: store, workers, the growing report, and how to go on after an interruption."""

import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from unroll.errors import ConfigError, UnrollError, in_one_line
from unroll.records import MeasurementRecord, Store, TrialRecord
from unroll.records.opening import FILE_NAME
from unroll.report.extra import MissingExtraError
from unroll.report.section import Progress
from unroll.report.terminal import standard_error
from unroll.study.announcements import how_to_resume, intentions
from unroll.study.document import NothingFinishedError, write_document
from unroll.study.running.cluster.address import ClusterError, read_address
from unroll.study.running.display import Display
from unroll.study.running.hiring import hired
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.plan import Plan, describe_request, grown, missing_jobs
from unroll.study.running.pool import WorkerPool
from unroll.study.running.runner import Job, run_jobs
from unroll.study.running.trial_job import TrialJob

REWRITE_SECONDS = 5.0
"""The growing report is not drawn more often than this."""
REST_FACTOR = 20
"""Nor does drawing it take more than a twentieth of one core's time."""


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Where a run goes and what it tells while it runs."""

    out: Path
    """Directory of results and report."""
    workers: int
    """Worker processes, one thread each."""
    quiet: bool
    """Whether nothing is printed on standard error."""
    executor: str | None = None
    """Address of the Dask scheduler whose workers do the work instead, `tcp://HOST:PORT`."""

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise ConfigError(f"workers must be 1 or more, got {self.workers}")
        if self.executor is not None:
            read_address(self.executor)


def execute(
    plans: Sequence[Plan],
    options: RunOptions,
    executor: Executor | None = None,
    headline: str = "",
) -> Path | None:
    """Run what is missing, and return where the report lies.

    Raises: UnrollError, in one line and before anything is written, for a user's mistake.
    """
    console = standard_error(quiet=options.quiet)
    with (
        hired(
            options.executor if executor is None else None,
            _left_to_do(plans, options.out),
            workers=options.workers,
            out=options.out,
            say=lambda line: console.print(line, soft_wrap=True, markup=False),
        ) as (cluster, workers),
        Store.create(options.out) as store,
    ):
        executor, options = executor or cluster, replace(options, workers=workers)
        plans = _noted(plans, store, options)
        jobs = missing_jobs(plans, store)
        later = [job for plan in plans for job in plan.later]
        trials, measurements = _by_sort(jobs)
        told = intentions(plans, jobs, workers=workers, out=options.out)
        for line in (headline, *told):
            console.print(line, soft_wrap=True, markup=False, end="\n" if line else "")
        pool = executor or WorkerPool(min(options.workers, max(len(jobs) + len(later), 1)))
        try:
            with Display(trials, measurements, quiet=options.quiet, later=later) as display:
                watcher = _GrowingReport(display, store)
                _run_rounds(plans, jobs, pool, watcher, options)
        except BaseException as error:
            if executor is None:
                pool.shutdown(cancel_futures=True)
            if isinstance(error, KeyboardInterrupt | ClusterError):
                known = [grown(plan, store) for plan in plans]
                console.print(how_to_resume(known, store), soft_wrap=True, markup=False)
            raise
        if executor is None:
            pool.shutdown()
        return _final_report(store, console)


def _noted(plans: Sequence[Plan], store: Store, options: RunOptions) -> list[Plan]:
    """Return the plans as far as they are known, and note what they ask for.

    So that a report can be drawn at any time.
    """
    known = [grown(plan, store) for plan in plans]
    for plan in known:
        store.add_request(describe_request(plan, options.out))
    return known


def _run_rounds(
    plans: Sequence[Plan],
    jobs: Sequence[Job],
    pool: Executor,
    watcher: "_GrowingReport",
    options: RunOptions,
) -> None:
    """Run the jobs, and then those that can be named from what came of them, to the end.

    What failed is not tried again within one command.
    """
    tried: set[tuple[object, ...]] = set()
    while True:
        run_jobs(jobs, store=watcher.store, executor=pool, watcher=watcher)
        tried |= {_attempt(job) for job in jobs}
        following = [grown(plan, watcher.store) for plan in plans]
        if following == list(plans):
            return
        plans = _noted(following, watcher.store, options)
        jobs = [job for job in missing_jobs(plans, watcher.store) if _attempt(job) not in tried]
        watcher.go_on(jobs, [job for plan in plans for job in plan.later])


def _attempt(job: Job) -> tuple[object, ...]:
    return (job.key, job.lengths if isinstance(job, TrialJob) else ())


def _by_sort(jobs: Sequence[Job]) -> tuple[list[TrialJob], list[MeasurementJob]]:
    return (
        [job for job in jobs if isinstance(job, TrialJob)],
        [job for job in jobs if isinstance(job, MeasurementJob)],
    )


def _left_to_do(plans: Sequence[Plan], out: Path) -> Sequence[Job]:
    """Return the jobs that are not recorded yet, without writing anything."""
    if (out / FILE_NAME).is_file():
        with Store.read(out) as store:
            known = [grown(plan, store) for plan in plans]
            return [*missing_jobs(known, store), *(job for plan in known for job in plan.later)]
    jobs: list[Job] = [job for plan in plans for job in plan.trials]
    return jobs + [job for plan in plans for job in (*plan.measurements, *plan.later)]


class _GrowingReport:
    """Passes everything on to a display, and redraws the report as results come in."""

    def __init__(self, display: Display, store: Store) -> None:
        self._display = display
        self.store = store
        self._finished = 0
        self._is_due = False
        self._drawn = 0.0
        self._rest = REWRITE_SECONDS
        self._drawings = 0
        self._has_failed = False

    def go_on(self, jobs: Sequence[Job], later: Sequence[Job]) -> None:
        """Pass on that another round begins."""
        self._display.go_on(*_by_sort(jobs), later)

    def stepped(self, key: str, step: int) -> None:
        """Pass on."""
        self._display.stepped(key, step)

    def tick(self) -> None:
        """Pass on, and redraw when something is finished; all that is in is recorded by now."""
        self._display.tick()
        start = time.monotonic()
        rested = start - self._drawn > self._rest
        if self._is_due and rested and self._finished < self._display.total:
            self._draw()
            self._drawn = time.monotonic()
            self._is_due = False
            # The first drawing prepares the libraries and says nothing of the next one's time.
            if self._drawings:
                self._rest = max(REWRITE_SECONDS, REST_FACTOR * (self._drawn - start))
            self._drawings += 1

    def _draw(self) -> None:
        progress = Progress(done=self._finished, total=self._display.total, unit="measurements")
        try:
            write_document(self.store, progress)
        except UnrollError:
            # Told of at the end, if it is still so then.
            return
        except Exception as error:
            # A defect in drawing must not cost hours of training; at the end it is raised.
            if not self._has_failed:
                self._display.say(f"report not drawn: {in_one_line(error)}")
            self._has_failed = True

    def finished(
        self, job: TrialJob, trial: TrialRecord, accuracy: float | None, problem: str | None
    ) -> None:
        """Pass on."""
        self._display.finished(job, trial, accuracy, problem)
        self._finished += 1
        self._is_due = True

    def measured(self, job: MeasurementJob, measurement: MeasurementRecord) -> None:
        """Pass on."""
        self._display.measured(job, measurement)
        self._finished += 1
        self._is_due = True


def _final_report(store: Store, console: Console) -> Path | None:
    try:
        return write_document(store)
    except MissingExtraError as error:
        reason = str(error)
    except NothingFinishedError:
        reason = "every job failed"
    console.print(f"no report drawn: {reason}", soft_wrap=True, markup=False)
    return None
