"""How a run goes on, told on standard error: a live bar in a terminal, plain lines elsewhere."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from unroll.records import TrialRecord
from unroll.study.worker import TrialJob


class Display:
    """Follows the trials of a run; `quiet` tells nothing.

    The time left assumes that every trial uses all its steps, and is therefore a bound: a trial
    that is solved ends sooner.
    """

    def __init__(self, jobs: Sequence[TrialJob], *, quiet: bool, console: Console | None = None):
        self._console = console or Console(stderr=True, quiet=quiet, highlight=False)
        self._total = len(jobs)
        self._work = {job.settings.key: float(job.work) for job in jobs}
        self._steps = {job.settings.key: job.settings.max_steps for job in jobs}
        self._done: dict[str, float] = {}
        self._taken: dict[str, int] = {}
        self._finished = 0
        self._start: float | None = None
        self._bar: Progress | None = None
        if self._console.is_terminal and not quiet and jobs:
            self._bar = Progress(
                BarColumn(bar_width=24),
                TextColumn("{task.fields[status]}"),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task("trials", total=1.0, status="starting workers")

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def stepped(self, key: str, step: int) -> None:
        """Take in how far the training of a trial has come."""
        # The clock starts with the first step: starting workers is no measure of their speed.
        self._start = self._start or time.monotonic()
        if key in self._work:
            self._done[key] = self._work[key] * step / self._steps[key]
            self._taken[key] = step

    def finished(
        self, job: TrialJob, trial: TrialRecord, accuracy: float | None, problem: str | None
    ) -> None:
        """Print a line for a trial that is recorded."""
        self._start = self._start or time.monotonic()
        key = job.settings.key
        # What an early stop saved is no work left.
        self._work[key] = self._done[key] = self._work[key] * trial.steps / self._steps[key]
        self._finished += 1
        settings = job.settings
        head = f"[{self._finished}/{self._total}] {settings.cell} T={settings.length}"
        text = f"{head} seed {settings.seed}: {describe_end(job, trial, accuracy, problem)}"
        if self._bar is None and self._finished < self._total:
            text += f"; {self._time_left()}"
        self._console.print(escape(text), soft_wrap=True)
        self.tick()

    def tick(self) -> None:
        """Bring the bar up to date."""
        if self._bar:
            share = sum(self._done.values()) / max(sum(self._work.values()), 1e-9)
            status = f"{self._finished}/{self._total} trials, {self._rate()}{self._time_left()}"
            self._bar.update(self._task, completed=share, status=status, refresh=True)

    def _rate(self) -> str:
        elapsed = time.monotonic() - (self._start or time.monotonic())
        return f"{sum(self._taken.values()) / elapsed:,.0f} steps/s, " if elapsed > 1 else ""

    def _time_left(self) -> str:
        done = sum(self._done.values())
        if done <= 0 or self._start is None:
            return "starting workers"
        elapsed = time.monotonic() - self._start
        left = elapsed * (sum(self._work.values()) - done) / done
        return f"at most {format_duration(left)} left"


def describe_end(
    job: TrialJob, trial: TrialRecord, accuracy: float | None, problem: str | None
) -> str:
    """Say in a few words how a trial ended."""
    if trial.status == "failed":
        return f"failed: {trial.error}"
    if job.weights is not None:
        return problem or f"evaluated at T = {', '.join(map(str, job.lengths))}"
    end = "diverged, " if trial.status == "diverged" else ""
    score = "no accuracy" if accuracy is None else f"accuracy {accuracy:.3f}"
    used = " (all)" if trial.status == "budget" else ""
    told = f"{end}{score} after {trial.steps:,} steps{used}, {trial.seconds:.1f} s"
    return f"{told}; {problem}" if problem else told


def format_duration(seconds: float) -> str:
    """Return a duration as one reads it.

    >>> [format_duration(s) for s in (8, 75, 130, 7300)]
    ['8 s', '1 min 15 s', '2 min 10 s', '2 h 1 min']
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
