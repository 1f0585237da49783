"""How a run goes on, told on standard error: a live bar in a terminal, plain lines elsewhere."""

import time
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from unroll.records import MeasurementRecord, TrialRecord
from unroll.report.terminal import standard_error
from unroll.study.running.estimate import effort
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.trial_job import TrialJob
from unroll.study.words import count, spread

MOST_LINES = 24
"""With more trials than this, one line is printed for each part of them."""


class Display:
    """Follows the trials of a run; `quiet` tells nothing.

    The time left assumes that every trial uses all its steps, and that all work goes on at the
    pace of what is done: a trial that is solved ends sooner, other work may go slower.
    """

    def __init__(
        self,
        trials: Sequence[TrialJob],
        measurements: Sequence[MeasurementJob] = (),
        *,
        quiet: bool,
        later: Sequence[TrialJob | MeasurementJob] = (),
        console: Console | None = None,
    ):
        self._console = console or standard_error(quiet=quiet)
        self._work: dict[str, float] = {}
        self._steps: dict[str, int] = {}
        self._parts: Counter[str] = Counter()
        self._scores: dict[str, list[float | None]] = {}
        self._done: dict[str, float] = {}
        self._taken: dict[str, int] = {}
        self._finished = 0
        self.go_on(trials, measurements, later)
        self._start: float | None = None
        self._bar: Progress | None = None
        if self._console.is_terminal and not quiet and self.total:
            self._bar = Progress(
                BarColumn(bar_width=24),
                TextColumn("{task.fields[status]}"),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task("trials", total=1.0, status="starting workers")

    def go_on(
        self,
        trials: Sequence[TrialJob],
        measurements: Sequence[MeasurementJob],
        later: Sequence[TrialJob | MeasurementJob] = (),
    ) -> None:
        """Take in what is to be done from now on; what is finished stays counted.

        `later` stands for rounds whose jobs are not known yet.
        """
        self.total = self._finished + len(trials) + len(measurements) + len(later)
        self._work = dict(self._done)
        # A trial that is only tested at further lengths was counted before.
        jobs: list[TrialJob | MeasurementJob] = [*trials, *measurements]
        for job in jobs:
            self._work[job.key] = self._done.get(job.key, 0.0) + effort(job)
        self._work |= {f"later {place}": effort(job) for place, job in enumerate(later)}
        self._steps |= {job.key: job.settings.max_steps for job in trials}
        self._steps |= {job.key: job.steps for job in measurements if job.steps}
        self._parts = Counter(job.part for job in trials)
        self._by_part = len(trials) + len(later) > MOST_LINES
        self._scores = {}

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
        """Take in how far a training has come."""
        # The clock starts with the first step: starting workers is no measure of their speed.
        self._start = self._start or time.monotonic()
        if key in self._work and key in self._steps:
            self._done[key] = self._work[key] * step / self._steps[key]
            self._taken[key] = step

    def finished(
        self, job: TrialJob, trial: TrialRecord, accuracy: float | None, problem: str | None
    ) -> None:
        """Print a line for a trial that is recorded, or one for its part where there are many."""
        self._start = self._start or time.monotonic()
        # What an early stop saved is no work left.
        used_up = trial.status == "budget" or job.weights is not None
        share = 1.0 if used_up else min(1.0, trial.steps / self._steps[job.key])
        self._work[job.key] = self._done[job.key] = self._work[job.key] * share
        self._finished += 1
        reached = _reached(job, trial)
        self._scores.setdefault(job.part, []).append(reached or accuracy)
        self._parts[job.part] -= 1
        if not self._by_part or trial.status == "failed" or problem:
            self._print(job.label, describe_end(job, trial, accuracy, problem))
        elif not self._parts[job.part]:
            known = spread(self._scores[job.part], "{:.3f}" if reached is None else "{:,.0f}")
            number = count(len(self._scores[job.part]), "trial")
            what = "accuracy" if reached is None else "came to T ="
            self._print(job.part, f"{number}, {what} {known}")
        self.tick()

    def measured(self, job: MeasurementJob, measurement: MeasurementRecord) -> None:
        """Take in that a measurement is recorded; print a line if it took steps, or failed."""
        self._finished += 1
        self._done[job.key] = self._work.get(job.key, 0.0)
        if measurement.error:
            self._print(job.label, f"failed: {measurement.error}")
        elif job.steps:
            self._print(job.label, f"{count(job.steps, 'step')}, {measurement.seconds:.1f} s")
        self.tick()

    def say(self, line: str) -> None:
        """Print a line of its own."""
        self._console.print(escape(line), soft_wrap=True)

    def _print(self, label: str, text: str) -> None:
        line = f"[{self._finished}/{self.total}] {label}: {text}"
        if self._bar is None and self._finished < self.total:
            line += f"; {self._time_left()}"
        self.say(line)

    def tick(self) -> None:
        """Bring the bar up to date."""
        if self._bar:
            share = sum(self._done.values()) / max(sum(self._work.values()), 1e-9)
            status = f"{self._finished}/{self.total} done, {self._rate()}{self._time_left()}"
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
        return f"about {format_duration(max(1.0, left))} left"


def _reached(job: TrialJob, trial: TrialRecord) -> int | None:
    """Return the length that a trial of growing lengths came to; None where all aim at one.

    With a budget of sequence-steps the furthest length is a limit, not what is asked.
    """
    s = job.settings
    grows = s.curriculum is not None and s.sequence_steps is not None
    return trial.lessons[-1][1] if grows and trial.lessons else None


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
    if (reached := _reached(job, trial)) is not None:
        score = f"came to T = {reached:,}"
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
