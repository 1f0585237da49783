"""What was measured of the cost of each cell, put in order to be told."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from unroll.records import MeasurementRecord
from unroll.study.bench.cost import KIND
from unroll.study.bench.exponent import Exponent, fit_exponent

Mode: TypeAlias = Literal["training", "evaluation"]
Quantity: TypeAlias = Literal["seconds", "mib"]
_SEEN_MIB = 0.5
"""A peak below it may be the C library's own keeping of memory, and no exponent rests on it."""


@dataclass(frozen=True, kw_only=True)
class CostPoint:
    """What a step costs at one length."""

    length: int
    """T."""
    seconds: tuple[float, ...]
    """One a repetition: of the processor on a CPU, of the clock on a GPU."""
    wall_seconds: tuple[float, ...]
    """The same by the clock."""
    peak_mib: float
    """The most memory held at once, beyond what was held before."""

    @property
    def least_seconds(self) -> float:
        """The least of the repetitions: what runs beside only ever adds."""
        return min(self.seconds)

    @property
    def share(self) -> float:
        """How much of the time by the clock the process had a core, over all repetitions."""
        return min(1.0, sum(self.seconds) / max(1e-12, sum(self.wall_seconds)))


@dataclass(frozen=True, kw_only=True)
class CellCost:
    """What one cell costs, by one engine."""

    cell: str
    """The cell as the user named it."""
    asked_engine: str
    """`auto`, or the engine asked for beside it."""
    engine: str
    """The engine that ran."""
    settings: dict[str, Any]
    """What was asked."""
    training: tuple[CostPoint, ...]
    """A step with forward, loss and backward, by length."""
    evaluation: tuple[CostPoint, ...]
    """A step without gradients, by length."""
    problems: tuple[str, ...]
    """Why a length and all longer ones were left out, one line each."""
    load: float | None
    """Processes that wanted a core in the minute before, on average."""
    cores: int | None
    """Cores of the machine."""

    def points(self, mode: Mode) -> tuple[CostPoint, ...]:
        """Return the points of one kind of step."""
        return self.training if mode == "training" else self.evaluation

    def exponent(self, quantity: Quantity, mode: Mode = "training") -> Exponent | None:
        """Return how a cost grows with T, or None where too little is known."""
        if quantity == "seconds":
            return fit_exponent({p.length: p.least_seconds for p in self.points(mode)})
        return fit_exponent(
            {p.length: p.peak_mib for p in self.points(mode) if p.peak_mib >= _SEEN_MIB}
        )

    @property
    def longest(self) -> CostPoint | None:
        """A training step at the longest length that was measured."""
        return self.training[-1] if self.training else None

    @property
    def microseconds_per_step(self) -> float | None:
        """Microseconds of a training step for each of its T steps, at the longest length."""
        last = self.longest
        return None if last is None else 1e6 * last.least_seconds / last.length

    def step_seconds(self, length: int) -> float | None:
        """Return the least seconds of a training step at a length, if it was measured."""
        return next((p.least_seconds for p in self.training if p.length == length), None)

    def peak_mib(self, length: int) -> float | None:
        """Return the peak of a training step at a length, if it was measured."""
        return next((p.peak_mib for p in self.training if p.length == length), None)


def read_cost(records: Iterable[MeasurementRecord]) -> tuple[CellCost, ...]:
    """Return what is measured, in the order of the records; the engine `auto` before others."""
    return tuple(
        _read(record) for record in records if record.kind == KIND and record.values is not None
    )


def ratio_to(found: Iterable[CellCost], cell: str, reference: str = "lstm") -> float | None:
    """Return how many times a cell's training step takes as long as the reference's.

    At the longest length that both were measured at, in the same run, by the engines that `auto`
    chose; None where either is missing.
    """
    by_cell = {cost.cell: cost for cost in found if cost.asked_engine == "auto"}
    if cell not in by_cell or reference not in by_cell:
        return None
    mine, other = by_cell[cell], by_cell[reference]
    both = {p.length for p in mine.training} & {p.length for p in other.training}
    if not both:
        return None
    seconds = mine.step_seconds(max(both)), other.step_seconds(max(both))
    return None if seconds[0] is None or not seconds[1] else seconds[0] / seconds[1]


def _read(record: MeasurementRecord) -> CellCost:
    values = record.values or {}
    lines: list[dict[str, Any]] = values["lines"]
    measured = [line for line in lines if "seconds" in line]
    by_mode = {
        mode: tuple(_point(line) for line in measured if line["mode"] == mode)
        for mode in ("training", "evaluation")
    }
    return CellCost(
        cell=record.settings["cell"],
        asked_engine=record.settings["engine"],
        engine=measured[0]["engine"] if measured else record.settings["engine"],
        settings=record.settings,
        training=by_mode["training"],
        evaluation=by_mode["evaluation"],
        problems=tuple(_problem(line) for line in lines if "problem" in line),
        load=values["load"],
        cores=values["cores"],
    )


def _point(line: dict[str, Any]) -> CostPoint:
    return CostPoint(
        length=line["length"],
        seconds=tuple(line["seconds"]),
        wall_seconds=tuple(line["wall_seconds"]),
        peak_mib=line["peak_bytes"] / 2**20,
    )


def _problem(line: dict[str, Any]) -> str:
    if "length" not in line:
        return str(line["problem"])
    step = "training" if line["mode"] == "training" else "evaluation"
    return f"{step} from T = {line['length']:,} on: {line['problem']}"
