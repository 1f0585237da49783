"""What the store knows of a bench, put in order to be told: a card for each cell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from unroll.cells.source import BUILT_IN
from unroll.records import Horizon, MeasurementRecord, Reading, RequestRecord, Store, read_horizon
from unroll.study.bench.asked import recorded
from unroll.study.bench.bits_view import BitsReading, read_bits
from unroll.study.bench.cost_view import CellCost, read_cost
from unroll.study.bench.gradient_view import CellGradient, read_gradient
from unroll.study.bench.protocol import SOLVED_ACCURACY, criterion_of, ladder
from unroll.study.bench.rounds import RateChoice, Tuned, choose_rate, reached
from unroll.study.bench.settings import TASKS, TUNING_SEED
from unroll.study.bench.sizes import CellSize, read_sizes
from unroll.study.memory.view import TrialView, label_cells
from unroll.study.reproduction import covering
from unroll.study.running.requests import grouped_requests


@dataclass(frozen=True, kw_only=True)
class TaskResult:
    """One cell on one task."""

    cell: str
    """The cell as the user named it."""
    task: str
    """The task."""
    tuning: tuple[TrialView, ...]
    """One training for each rate, with the tuning seed."""
    choice: RateChoice | None
    """The rate; None where none was found yet, or every training failed."""
    trials: tuple[TrialView, ...]
    """The trainings at that rate, by seed."""
    budget: int
    """Sequence-steps of one training."""
    longest: int
    """Longest T that training could grow to."""

    @property
    def problems(self) -> tuple[str, ...]:
        """Why trainings failed, each reason once."""
        records = (trial.record for trial in (*self.tuning, *self.trials))
        return tuple(dict.fromkeys(r.error or "" for r in records if r.status == "failed"))

    @property
    def diverged(self) -> int:
        """How many of the trainings that count diverged."""
        return sum(trial.record.status == "diverged" for trial in self.trials)

    @property
    def finished(self) -> tuple[TrialView, ...]:
        """The trainings that count, did not fail, and are tested from the shortest length on."""
        shortest = ladder(self.task, self.longest)[0]
        return tuple(
            trial
            for trial in self.trials
            if trial.record.status != "failed" and shortest in trial.best
        )

    @property
    def is_pending(self) -> bool:
        """Whether nothing can be told of it yet."""
        return not self.finished and not self.problems

    @property
    def too_short(self) -> int | None:
        """The longest T of any training, where every budget ended below the shortest length tested.

        None where one came further, or ended otherwise.
        """
        records = [trial.record for trial in self.finished]
        furthest = max(map(reached, records), default=0)
        is_spent = all(record.status == "budget" for record in records)
        shortest = ladder(self.task, self.longest)[0]
        return furthest if is_spent and 0 < furthest < shortest else None

    @property
    def learned(self) -> Horizon:
        """How far the answers are right among the lengths that were trained at."""
        return self._horizon([self._learned(trial) for trial in self.finished])

    @property
    def retained(self) -> Horizon:
        """How far the answers are right, also beyond what was trained at."""
        return self._horizon(
            [
                read_horizon(trial.settings.seed, _passed(trial, max(trial.best, default=0)))
                for trial in self.finished
            ]
        )

    def _learned(self, trial: TrialView) -> Reading:
        """Return what a network learned; its training ended where the next length begins."""
        end = reached(trial.record)
        reading = read_horizon(trial.settings.seed, _passed(trial, end))
        if reading.first_failed is not None or end >= self.longest:
            return reading
        following = [length for length in ladder(self.task, self.longest) if length > end]
        return replace(reading, first_failed=next(iter(following), None))

    def _horizon(self, readings: Iterable[Reading]) -> Horizon:
        return Horizon(
            unit="steps",
            criterion=criterion_of(self.task),
            budget=f"at most {self.budget:,} sequence-steps a training",
            readings=tuple(readings),
        )


def _passed(trial: TrialView, end: int) -> dict[int, bool]:
    """Return which tested lengths up to `end` a network passed."""
    return {
        length: score.accuracy >= SOLVED_ACCURACY
        for length, score in trial.best.items()
        if length <= end
    }


@dataclass(frozen=True, kw_only=True)
class BenchView:
    """Cells beside each other, at widths alike and at the same cost."""

    protocol: dict[str, Any]
    """What they share."""
    results: dict[tuple[str, str], TaskResult]
    """By cell and task, in the order asked for."""
    sizes: dict[str, CellSize]
    """Every cell that was asked for and counted."""
    gradients: tuple[CellGradient, ...]
    """Gradient over time."""
    bits: BitsReading
    """Bits per character."""
    costs: tuple[CellCost, ...]
    """Time and memory against T."""
    failures: tuple[str, ...]
    """Why measurements failed, one line each."""
    missing: int
    """How many of the jobs known of are not finished."""
    commands: tuple[str, ...]
    """The commands that ask for it."""

    @cached_property
    def cells(self) -> tuple[str, ...]:
        """The cells as the user named them, the one that was matched to in front."""
        return tuple(dict.fromkeys([*self.sizes, *(cell for cell, _ in self.results)]))

    @cached_property
    def labels(self) -> dict[str, str]:
        """A short name for every cell."""
        return label_cells(self.cells)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks, in the order of a card."""
        return tuple(name for name in TASKS if any(task == name for _, task in self.results))

    @property
    def is_told(self) -> bool:
        """Whether there is anything to tell."""
        is_tried = any(result.trials or result.problems for result in self.results.values())
        return bool(is_tried or self.gradients or self.bits.cells or self.costs)

    @property
    def succeeded(self) -> bool:
        """Whether anything did not fail."""
        is_trained = any(result.finished for result in self.results.values())
        return bool(is_trained or self.gradients or self.bits.cells or self.costs)

    def left_out(self, cell: str) -> dict[str, str]:
        """Return why something that others were put to is not measured of a cell."""
        asked = {*self.tasks, *(["bits"] if self.bits.cells else [])}
        asked |= {"gradient"} if self.gradients else set()
        size = self.sizes.get(cell)
        return {name: why for name, why in size.left_out.items() if name in asked} if size else {}

    def result(self, cell: str, task: str) -> TaskResult | None:
        """Return what a cell did on a task; None where it was not put to it."""
        return self.results.get((cell, task))


def load_benches(store: Store) -> list[BenchView]:
    """Return the store's benches, one view a protocol, the one asked for last in front."""
    return [view_bench(store, group) for group in grouped_requests(store, ["bench"])]


def view_bench(store: Store, requests: Sequence[RequestRecord]) -> BenchView:
    """Return what is known of what `requests`, which share one protocol, ask for.

    Where a cell's file was edited and it was put to the bench again, the newer takes the place of
    the older.
    """
    protocol = requests[-1].settings
    trials, records = recorded(store, requests)
    asked = (*requests[-1].trials, *requests[-1].measurements)
    known = {*(t.record.key for t in trials), *(record.key for record in records)}
    return BenchView(
        protocol=protocol,
        results=_results(trials, protocol),
        sizes=read_sizes(records),
        gradients=read_gradient(records),
        bits=read_bits(records),
        costs=read_cost(records),
        failures=tuple(_failure(record) for record in records if record.values is None),
        missing=sum(key not in known for key in asked),
        commands=covering(requests),
    )


def _failure(record: MeasurementRecord) -> str:
    """Say why a measurement failed, and of an own cell where to look."""
    cell = record.settings.get("cell", record.kind)
    is_own = "cell" in record.settings and cell not in BUILT_IN
    return f"{cell}: {record.error}{f'; see `unroll check {cell}`' if is_own else ''}"


def _results(
    trials: Sequence[TrialView], protocol: dict[str, Any]
) -> dict[tuple[str, str], TaskResult]:
    groups: dict[tuple[str, str], list[TrialView]] = {}
    for trial in trials:
        groups.setdefault((trial.settings.cell, trial.settings.task), []).append(trial)
    return {
        (cell, task): _result(cell, task, mine, protocol) for (cell, task), mine in groups.items()
    }


def _result(
    cell: str, task: str, trials: Sequence[TrialView], protocol: dict[str, Any]
) -> TaskResult:
    tuning = [trial for trial in trials if trial.settings.seed == TUNING_SEED]
    others = [trial for trial in trials if trial.settings.seed != TUNING_SEED]
    tuned = [Tuned(rate=t.settings.rate, record=t.record, validation=t.validation) for t in tuning]
    is_known = len(tuned) == len(protocol["rates"])
    choice = choose_rate(tuned) if is_known else None
    mine = [t for t in others if choice is not None and t.settings.rate == choice.rate]
    return TaskResult(
        cell=cell,
        task=task,
        tuning=tuple(sorted(tuning, key=lambda t: t.settings.rate)),
        choice=choice,
        trials=tuple(sorted(mine, key=lambda t: t.settings.seed)),
        budget=protocol["budget"],
        longest=protocol["longest"],
    )
