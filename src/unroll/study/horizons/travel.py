"""What is known of one kind of network: how far it is reached from, and how far it looks."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from unroll.records import Horizon
from unroll.report.travel_rows import Condition, Kind, Unit

FAINT = 0.01
"""Influence counts as ended where less than this share of the nearest distance's is left."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One number of one network."""

    seed: int
    """The seed of the network."""
    distance: int
    """d, where 1 is the nearest there is."""
    value: float | None
    """What was measured; None where it was not finite."""


@dataclass(frozen=True, kw_only=True)
class Influence:
    """How much gradient arrives from each distance in networks of one condition."""

    condition: Condition
    """What was done with the networks."""
    points: tuple[Measured, ...]
    """Norms over the same network's at the nearest distance."""


@dataclass(frozen=True, kw_only=True)
class Travel:
    """How far information travels in one kind of network."""

    unit: Unit
    """What the distance counts."""
    line: str
    """The cell, training or network, by the name that its palette knows."""
    network: str
    """Which network, in words; no two of a unit have the same."""
    kind: Kind
    """Whether its horizon is learned, retained, or there by construction."""
    trained_to: int | None
    """The furthest distance that it was trained at; None where each was trained at its own."""
    horizon: Horizon
    """How far it uses what it is told, in distances."""
    use: tuple[Measured, ...]
    """The share of what there is to know that is lost when all from d on is replaced."""
    influence: tuple[Influence, ...] = ()
    """How much gradient arrives, by condition."""
    arriving: tuple[Measured, ...] = ()
    """Influence at distances in the very networks whose use was measured there."""
    command: str = ""
    """The command that measures it."""

    @property
    def first_failed(self) -> int | None:
        """The distance at which the median seed failed; None where no end was seen."""
        if self.horizon.is_open:
            return None
        failed = [
            reading.first_failed
            for reading in self.horizon.readings
            if reading.last_passed == self.horizon.median and reading.first_failed is not None
        ]
        return min(failed, default=None)

    def found(self, condition: Condition) -> Influence | None:
        """Return the influence in networks of one condition; None where it was not measured."""
        return next((i for i in self.influence if i.condition == condition), None)


def relative(points: Iterable[Measured]) -> tuple[Measured, ...]:
    """Return each value over the same seed's at its nearest distance; None if not finite."""
    by_seed: dict[int, list[Measured]] = {}
    for point in points:
        by_seed.setdefault(point.seed, []).append(point)
    return tuple(
        replace(point, value=_ratio(point.value, nearest.value))
        for mine in by_seed.values()
        for nearest in [min(mine, key=lambda p: p.distance)]
        for point in sorted(mine, key=lambda p: p.distance)
    )


def _ratio(value: float | None, nearest: float | None) -> float | None:
    if value is None or not nearest:
        return None
    found = value / nearest
    return found if math.isfinite(found) else None


def at(points: Sequence[Measured], distance: int | None) -> list[float]:
    """Return every seed's finite value at a distance."""
    return [p.value for p in points if p.distance == distance and p.value is not None]


def medians(points: Sequence[Measured]) -> dict[int, float]:
    """Return the median over seeds at each distance, the nearest first."""
    found = {d: at(points, d) for d in sorted({point.distance for point in points})}
    return {distance: statistics.median(values) for distance, values in found.items() if values}


def settled(use: Sequence[Measured], share: float = FAINT) -> int | None:
    """Return the distance from which on no more than `share` is lost; None if more always is."""
    settled_at = None
    for distance, value in reversed(medians(use).items()):
        if abs(value) > share:
            break
        settled_at = distance
    return settled_at
