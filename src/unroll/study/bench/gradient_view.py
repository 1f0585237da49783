"""What was measured of the gradient over time of each cell, put in order to be told."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from unroll.records import MeasurementRecord
from unroll.study.bench.gradient import KIND


@dataclass(frozen=True, kw_only=True)
class Look:
    """The gradient over time of one network."""

    seed: int
    """Its seed."""
    trained_at: int | None
    """The longest length it was to be trained at; None for an untrained one."""
    by_time: dict[str, list[float]]
    """‖∂ℓ/∂s(t)‖ by part of the state, t = 1 … T − 1."""
    factors: dict[str, float]
    """By which it changes with each step back."""
    shares: dict[str, float | None]
    """How much of what leaves at the last step arrives at the first."""

    @property
    def part(self) -> str:
        """The part of the state that is told of: `h`, or the first where none is called so."""
        return "h" if "h" in self.by_time else next(iter(self.by_time))

    @property
    def factor(self) -> float:
        """The factor a step back, of that part."""
        return self.factors[self.part]

    @property
    def share(self) -> float | None:
        """The share that arrives at the first step, of that part."""
        return self.shares[self.part]


@dataclass(frozen=True, kw_only=True)
class CellGradient:
    """What is known of one cell."""

    cell: str
    """The cell as the user named it."""
    settings: dict[str, Any]
    """What was asked of the first network."""
    untrained: tuple[Look, ...]
    """Networks as they begin, one a seed."""
    trained: tuple[Look, ...]
    """Networks that the bench trained on palindromes."""
    failures: tuple[str, ...]
    """Why a network could not be looked at, one line each."""

    def looks(self, *, trained: bool = False) -> tuple[Look, ...]:
        """Return the trained networks, or the untrained ones."""
        return self.trained if trained else self.untrained

    def factors(self, *, trained: bool = False) -> tuple[float, ...]:
        """Return the factor a step back of every seed."""
        return tuple(look.factor for look in self.looks(trained=trained))

    def shares(self, *, trained: bool = False) -> tuple[float, ...]:
        """Return the share that arrives at the first step, of every seed that has one."""
        found = (look.share for look in self.looks(trained=trained))
        return tuple(share for share in found if share is not None)

    def factor(self, *, trained: bool = False) -> float | None:
        """Return the median over seeds, or None where nothing is measured."""
        values = self.factors(trained=trained)
        return statistics.median(values) if values else None

    def share(self, *, trained: bool = False) -> float | None:
        """Return the median over seeds, or None where nothing is measured."""
        values = self.shares(trained=trained)
        return statistics.median(values) if values else None


def read_gradient(records: Iterable[MeasurementRecord]) -> tuple[CellGradient, ...]:
    """Return what is measured, cell by cell in the order of the records."""
    by_cell: dict[str, list[MeasurementRecord]] = {}
    for record in records:
        if record.kind == KIND:
            by_cell.setdefault(record.settings["cell"], []).append(record)
    return tuple(_read(cell, mine) for cell, mine in by_cell.items())


def _read(cell: str, records: list[MeasurementRecord]) -> CellGradient:
    looks = [_look(record) for record in records if record.values is not None]
    return CellGradient(
        cell=cell,
        settings=records[0].settings,
        untrained=tuple(look for look in looks if look.trained_at is None),
        trained=tuple(look for look in looks if look.trained_at is not None),
        failures=tuple(
            dict.fromkeys(f"{_network(r)}: {r.error}" for r in records if r.values is None)
        ),
    )


def _look(record: MeasurementRecord) -> Look:
    values = record.values or {}
    return Look(
        seed=record.settings["seed"],
        trained_at=record.settings["trained_at"],
        by_time=values["by_time"],
        factors=values["factor"],
        shares=values["share"],
    )


def _network(record: MeasurementRecord) -> str:
    return "untrained" if record.settings["trained_at"] is None else "trained"
