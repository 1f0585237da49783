"""Run a whole command: plan, store, workers, report, and what to say at the end."""

import contextlib
import io
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from unroll.errors import UnrollError
from unroll.records import RequestRecord, Store, TrialRecord
from unroll.records.environment import describe_environment
from unroll.report.extra import MissingExtraError
from unroll.report.section import Progress
from unroll.study.display import Display, format_duration
from unroll.study.document import write_document
from unroll.study.estimate import estimate_seconds
from unroll.study.memory import MemoryPlan, missing_jobs, plan_memory, request_memory
from unroll.study.memory_settings import MemorySettings
from unroll.study.memory_summary import (
    accuracy_table,
    failure_line,
    retained_lines,
    summarise,
    table_notes,
)
from unroll.study.memory_view import MemoryView, label_cells, view_requests
from unroll.study.pool import WorkerPool
from unroll.study.presets import Preset
from unroll.study.runner import run_jobs
from unroll.study.words import count, distance, spread
from unroll.study.worker import TrialJob

REWRITE_SECONDS = 5.0
"""The growing report is not drawn more often than this."""


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Where a run goes and what it tells while it runs."""

    out: Path
    """Directory of results and report."""
    workers: int
    """Worker processes, one thread each."""
    quiet: bool
    """Whether nothing is printed on standard error."""


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """What a command has to say when it is done."""

    summary: dict[str, Any]
    """For `--json`."""
    text: str
    """For a person."""
    succeeded: bool
    """Whether there is a trial that did not fail."""


def run_memory_study(
    settings: MemorySettings, options: RunOptions, executor: Executor | None = None
) -> RunResult:
    """Run `unroll memory`; what is recorded in the directory already is not run again.

    Raises: UnrollError, in one line and before anything is written, for a user's mistake.
    """
    plan = plan_memory(settings)
    (view,), report = _measure([plan], options, executor)
    summary = {
        "command": "memory",
        "settings": asdict(settings),
        **summarise(view),
        **_where(options, report),
    }
    return RunResult(
        summary=summary, text=_to_text([view], report, options), succeeded=_succeeded([view])
    )


def run_study(preset: Preset, options: RunOptions, executor: Executor | None = None) -> RunResult:
    """Run `unroll study`: every part of the preset, then its report."""
    plans = [plan_memory(settings) for settings in preset.memory]
    views, report = _measure(plans, options, executor, preset)
    summary = {
        "command": "study",
        "preset": preset.name,
        "memory": [{"protocol": view.protocol, **summarise(view)} for view in views],
        "headlines": _headlines(views[0]),
        **_where(options, report),
    }
    headlines = "\n".join(f"  · {line}" for line in _headlines(views[0]))
    text = f"{_to_text(views, report, options)}\n\nIn short:\n{headlines}"
    return RunResult(summary=summary, text=text, succeeded=_succeeded(views))


def write_report(directory: Path) -> Path:
    """Draw the report of a directory again; nothing is trained."""
    with Store.read(directory) as store:
        return write_document(store)


def _measure(
    plans: Sequence[MemoryPlan],
    options: RunOptions,
    executor: Executor | None,
    preset: Preset | None = None,
) -> tuple[list[MemoryView], Path | None]:
    """Run what is missing, and return what is known then: one view a protocol."""
    console = Console(stderr=True, quiet=options.quiet, highlight=False)
    with Store.create(options.out) as store:
        requests = [request_memory(plan, store) for plan in plans]
        jobs = missing_jobs(plans, store)
        for line in _intentions(plans, jobs, options, preset):
            console.print(line, soft_wrap=True, markup=False)
        pool = executor or WorkerPool(min(options.workers, max(len(jobs), 1)))
        try:
            with Display(jobs, quiet=options.quiet) as display:
                watcher = _GrowingReport(display, store, jobs)
                run_jobs(jobs, store=store, executor=pool, watcher=watcher)
        except BaseException as error:
            if executor is None:
                pool.shutdown(cancel_futures=True)
            if isinstance(error, KeyboardInterrupt):
                _say_how_to_resume(console, store, plans, options)
            raise
        if executor is None:
            pool.shutdown()
        report = _final_report(store, console)
        return _views(store, requests), report


class _GrowingReport:
    """Passes everything on to a display, and redraws the report when a part is finished."""

    def __init__(self, display: Display, store: Store, jobs: Sequence[TrialJob]) -> None:
        self._display = display
        self._store = store
        self._total = len(jobs)
        self._finished = 0
        self._left: dict[tuple[str, int], int] = {}
        for job in jobs:
            part = _part(job)
            self._left[part] = self._left.get(part, 0) + 1
        self._is_due = False
        self._drawn = 0.0

    def stepped(self, key: str, step: int) -> None:
        """Pass on."""
        self._display.stepped(key, step)

    def tick(self) -> None:
        """Pass on, and redraw when a part is finished; all that is in is recorded by now."""
        self._display.tick()
        rested = time.monotonic() - self._drawn > REWRITE_SECONDS
        if self._is_due and rested and self._finished < self._total:
            # A report that cannot be drawn now is told of at the end; the trials go on.
            with contextlib.suppress(UnrollError):
                write_document(self._store, Progress(done=self._finished, total=self._total))
            self._drawn = time.monotonic()
            self._is_due = False

    def finished(
        self, job: TrialJob, trial: TrialRecord, accuracy: float | None, problem: str | None
    ) -> None:
        """Pass on, and note whether this was the last trial of its cell and length."""
        self._display.finished(job, trial, accuracy, problem)
        self._finished += 1
        self._left[_part(job)] -= 1
        self._is_due = self._is_due or self._left[_part(job)] == 0


def _part(job: TrialJob) -> tuple[str, int]:
    return job.settings.cell, job.settings.length


def _final_report(store: Store, console: Console) -> Path | None:
    try:
        return write_document(store)
    except MissingExtraError as error:
        console.print(f"no report drawn: {error}", soft_wrap=True, markup=False)
        return None


def _views(store: Store, requests: Sequence[RequestRecord]) -> list[MemoryView]:
    """Return one view for each protocol among these requests."""
    groups: dict[str, list[RequestRecord]] = {}
    for request in requests:
        groups.setdefault(repr(request.settings), []).append(request)
    return [view_requests(store, group) for group in groups.values()]


def _intentions(
    plans: Sequence[MemoryPlan],
    jobs: Sequence[TrialJob],
    options: RunOptions,
    preset: Preset | None,
) -> list[str]:
    """Say what will be run, and how long that takes at most."""
    lines = [f"study, preset {preset.name}: {preset.summary}"] if preset else []
    for plan in plans:
        s, recipe = plan.settings, plan.settings.resolve_recipe()
        lines.append(
            f"memory: {', '.join(s.cells)} at T = {', '.join(map(str, sorted(s.lengths)))}; "
            f"{count(s.seeds, 'seed')}; recipe {s.recipe}, "
            f"at most {count(recipe.max_steps, 'step')}"
        )
        if plan.keep_own:
            lines.append(f"  {', '.join(plan.keep_own)}: initialised by its own constructor")
    total = len({key for plan in plans for key in plan.keys})
    known = f", {total - len(jobs)} recorded already" if len(jobs) < total else ""
    workers = min(options.workers, max(len(jobs), 1))
    time_needed = (
        f"; about {format_duration(estimate_seconds(jobs, workers))} on "
        f"{count(workers, 'worker')} if none stops early"
        if jobs
        else ""
    )
    lines.append(
        f"{count(total, 'trial')}{known}{time_needed}; results and report in {options.out}"
    )
    return lines


def _say_how_to_resume(
    console: Console, store: Store, plans: Sequence[MemoryPlan], options: RunOptions
) -> None:
    keys = {key for plan in plans for key in plan.keys}
    total, recorded = len(keys), sum(store.find_trial(key) is not None for key in keys)
    console.print(
        f"interrupted: {recorded} of {total} trials are recorded in {options.out}; "
        "run the same command again to go on",
        soft_wrap=True,
        markup=False,
    )


def _succeeded(views: Sequence[MemoryView]) -> bool:
    return any(trial.record.status != "failed" for view in views for trial in view.trials)


def _where(options: RunOptions, report: Path | None) -> dict[str, Any]:
    return {
        "out": str(options.out),
        "report": str(report) if report else None,
        "environment": describe_environment(),
    }


def _to_text(views: Sequence[MemoryView], report: Path | None, options: RunOptions) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=Console().width, highlight=False)
    for view in views:
        above, below = table_notes(view)
        console.print(f"{above}\n" if view.trials else "")
        console.print(accuracy_table(view))
        lines = (below, *retained_lines(view), failure_line(view))
        console.print("\n".join(line for line in lines if line), markup=False)
    where = f"report: {report}" if report else f"results: {options.out}"
    return f"{stream.getvalue().rstrip()}\n\n{where}"


def _headlines(view: MemoryView) -> list[str]:
    """Return the three most important numbers."""
    lines = []
    labels = label_cells(view.cells)
    for cell in view.cells:
        horizon = view.horizon(cell)
        seeds = count(len(horizon.readings), "seed")
        lines.append(f"{labels[cell]} remembers {distance(horizon)} (median of {seeds})")
    for cell in view.cells:
        for length, trials in view.by_length(cell).items():
            solved = sum(trial.is_solved for trial in trials)
            if solved == len(trials):
                continue
            accuracy = spread([trial.accuracy for trial in trials], "{:.3f}")
            lines.append(
                f"{labels[cell]} at T = {length}: solved by {solved} of "
                f"{count(len(trials), 'seed')}, accuracy {accuracy}, chance 0.100"
            )
            break
    return lines[:3]
