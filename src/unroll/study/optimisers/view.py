"""What the store knows of a comparison of optimisers, put in order to be told."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from unroll.records import RequestRecord, Store, TrialRecord
from unroll.records.schema import CurvePoint
from unroll.study.memory.view import SOLVED_ACCURACY
from unroll.study.optimisers.ravine_view import Walk, read_walks
from unroll.study.reproduction import covering
from unroll.study.running.requests import grouped_requests
from unroll.study.running.trial import TrialSettings
from unroll.training.stopping import WINDOW


@dataclass(frozen=True, kw_only=True)
class OptimiserTrial:
    """One finished trial of one optimiser at one rate."""

    settings: TrialSettings
    """What was asked."""
    record: TrialRecord
    """What came of it."""
    training: tuple[CurvePoint, ...]
    """Training curve."""
    start: CurvePoint | None
    """The validation before the first step; None where the trial failed."""

    @property
    def final_loss_nats(self) -> float | None:
        """Mean loss of the last 100 batches, or None where there is no such number."""
        if self.record.status in ("diverged", "failed") or not self.training:
            return None
        return _mean_loss(_window(self.training))

    @cached_property
    def steps_to_solve(self) -> int | None:
        """The first step at which 100 batches on end were answered well enough, if any.

        Told to within the 20 steps between two points of the curve.
        """
        for end in range(1, len(self.training) + 1):
            window = _window(self.training[:end])
            covered = sum(weight for weight, _ in window)
            right = sum(weight * point.accuracy for weight, point in window)
            if covered >= WINDOW and right >= SOLVED_ACCURACY * covered:
                return self.training[end - 1].step
        return None

    @property
    def outcome(self) -> str:
        """How it ended, in the words of the report."""
        if self.record.status in ("diverged", "failed"):
            return self.record.status
        if self.steps_to_solve is not None:
            return "solved"
        return f"not solved within {self.record.steps:,} steps"

    def loss_at(self, step: int) -> float | None:
        """Return the training loss of the batches just before a step; None if it never came."""
        point = next((point for point in self.training if point.step >= step), None)
        return point.loss_nats if point else None


@dataclass(frozen=True, kw_only=True)
class OptimiserView:
    """Trials that differ in nothing but optimiser, rate and seed, and descents of a ravine."""

    trials: tuple[OptimiserTrial, ...]
    """All that are finished."""
    walks: tuple[Walk, ...]
    """All that are measured."""
    protocol: dict[str, Any]
    """What the trials share."""
    missing: int
    """How many trials of the last command are not finished."""
    commands: tuple[str, ...]
    """The commands that ask for them."""

    @cached_property
    def optimisers(self) -> tuple[str, ...]:
        """The optimisers in the order asked for."""
        return tuple(dict.fromkeys(trial.settings.optimiser for trial in self.trials))

    @cached_property
    def seeds(self) -> tuple[int, ...]:
        """The seeds."""
        return tuple(sorted({trial.settings.seed for trial in self.trials}))

    @cached_property
    def max_steps(self) -> int:
        """Optimisation steps of a trial."""
        return int(self.protocol["max_steps"])

    def rates(self, optimiser: str) -> tuple[float, ...]:
        """Return the rates that an optimiser was tried at, the lowest first."""
        mine = (t.settings for t in self.trials if t.settings.optimiser == optimiser)
        return tuple(sorted({settings.rate for settings in mine}))

    def at(self, optimiser: str, rate: float) -> tuple[OptimiserTrial, ...]:
        """Return the trials of an optimiser at a rate, by seed."""
        key = (optimiser, rate)
        found = (t for t in self.trials if (t.settings.optimiser, t.settings.rate) == key)
        return tuple(sorted(found, key=lambda trial: trial.settings.seed))

    def median_loss(self, optimiser: str, rate: float) -> float:
        """Return the median final loss in nats; a trial without one counts as endless."""
        return _median(t.final_loss_nats for t in self.at(optimiser, rate))

    def median_steps(self, optimiser: str, rate: float) -> float:
        """Return the median steps to solve; a trial that never did counts as endless."""
        return _median(t.steps_to_solve for t in self.at(optimiser, rate))

    def best_rate(self, optimiser: str) -> float | None:
        """Return the rate of the lowest median final loss, or None if all of them are endless.

        Among equals it is the one that solves in the fewest steps, then the lower one. It is
        chosen on the training loss, for that is what is compared.
        """
        ranked = [
            (loss, self.median_steps(optimiser, rate), rate)
            for rate in self.rates(optimiser)
            if math.isfinite(loss := self.median_loss(optimiser, rate))
        ]
        return min(ranked)[-1] if ranked else None

    def fastest_rate(self, optimiser: str) -> float | None:
        """Return the rate at which every seed solves the task in the fewest steps, if any does."""
        ranked = [
            (self.median_steps(optimiser, rate), rate)
            for rate in self.rates(optimiser)
            if self.is_solved(optimiser, rate)
        ]
        return min(ranked)[-1] if ranked else None

    def is_solved(self, optimiser: str, rate: float) -> bool:
        """Return whether every seed solves the task at this rate."""
        return all(
            trial.steps_to_solve is not None and trial.record.status != "diverged"
            for trial in self.at(optimiser, rate)
        )

    def best(self, optimiser: str) -> tuple[OptimiserTrial, ...]:
        """Return the trials of an optimiser at its best rate, by seed; none if it has none."""
        rate = self.best_rate(optimiser)
        return () if rate is None else self.at(optimiser, rate)

    def usable(self, optimiser: str) -> tuple[float, ...]:
        """Return the longest run of neighbouring rates at which every seed solves the task."""
        longest: list[float] = []
        run: list[float] = []
        for rate in self.rates(optimiser):
            run = [*run, rate] if self.is_solved(optimiser, rate) else []
            longest = max(longest, run, key=_decades)
        return tuple(longest)

    def starts(self) -> dict[int, list[CurvePoint]]:
        """Return the validation before the first step of every trial that has one, by seed."""
        return {
            seed: [t.start for t in self.trials if t.settings.seed == seed and t.start]
            for seed in self.seeds
        }


def load_optimisers(store: Store) -> list[OptimiserView]:
    """Return the store's comparisons, one view a protocol, the one asked for last in front."""
    return [view_optimisers(store, group) for group in grouped_requests(store, ["optimisers"])]


def view_optimisers(store: Store, requests: Sequence[RequestRecord]) -> OptimiserView:
    """Return what is known of the trials of `requests`, which share one protocol.

    Where a cell's file was edited and its trials asked for again, the newer take the place of
    the older.
    """
    trials: dict[tuple[str, float, int], OptimiserTrial] = {}
    for key in dict.fromkeys(key for request in requests for key in request.trials):
        if (record := store.find_trial(key)) is not None:
            trial = _load_trial(store, record)
            settings = trial.settings
            trials[settings.optimiser, settings.rate, settings.seed] = trial
    walks: dict[tuple[float, str], Walk] = {}
    for key in dict.fromkeys(key for request in requests for key in request.measurements):
        if (measurement := store.find_measurement(key)) is not None:
            for walk in read_walks(measurement):
                walks[walk.angle_degrees, walk.optimiser] = walk
    return OptimiserView(
        trials=tuple(trials.values()),
        walks=tuple(walks.values()),
        protocol=requests[-1].settings,
        missing=sum(store.find_trial(key) is None for key in requests[-1].trials),
        commands=covering(requests),
    )


def _load_trial(store: Store, record: TrialRecord) -> OptimiserTrial:
    validation = store.curve(record.key, "validation")
    return OptimiserTrial(
        settings=TrialSettings(**record.settings),
        record=record,
        training=tuple(store.curve(record.key, "training")),
        start=next((point for point in validation if point.step == 0), None),
    )


def _window(curve: Sequence[CurvePoint]) -> list[tuple[int, CurvePoint]]:
    """Return the last points of a curve that span 100 steps, each with the steps it stands for."""
    found: list[tuple[int, CurvePoint]] = []
    covered = 0
    for index in range(len(curve) - 1, -1, -1):
        if covered >= WINDOW:
            break
        weight = curve[index].step - (curve[index - 1].step if index else 0)
        found.append((weight, curve[index]))
        covered += weight
    return found


def _mean_loss(window: Sequence[tuple[int, CurvePoint]]) -> float | None:
    """Return the mean loss over a window, or None where some of it was not a number."""
    total = 0.0
    for weight, point in window:
        if point.loss_nats is None:
            return None
        total += weight * point.loss_nats
    return total / sum(weight for weight, _ in window)


def _median(values: Iterable[float | None]) -> float:
    """Return the median, where None counts as infinity; infinity of no values."""
    known = [math.inf if value is None else value for value in values]
    return statistics.median(known) if known else math.inf


def _decades(rates: Sequence[float]) -> tuple[float, int]:
    """Return how many powers of ten a run of rates spans, and how many rates it holds."""
    return (math.log10(rates[-1] / rates[0]), len(rates)) if rates else (0.0, 0)
