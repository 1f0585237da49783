"""The one measure of everything here: how far information was still of use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How far one seed came."""

    seed: int
    """The seed."""
    last_passed: int | None
    """The largest distance at which it and every shorter tested one passed; None if none did."""
    first_failed: int | None
    """The smallest distance that failed; None where the longest tested one passed."""


@dataclass(frozen=True, kw_only=True)
class Horizon:
    """How far information travels, by a stated criterion and within a stated budget."""

    unit: Literal["steps", "characters", "hops"]
    """What the distance counts."""
    criterion: str
    """When a distance counts as passed."""
    budget: str
    """What was spent on it."""
    readings: tuple[Reading, ...]
    """One for each seed."""

    @property
    def per_seed(self) -> tuple[int | None, ...]:
        """The last distance passed by each seed."""
        return tuple(reading.last_passed for reading in self.readings)

    @property
    def median(self) -> int | None:
        """The median over seeds, the lower one of two; a seed that passed nothing ranks below."""
        ranked = sorted(self.per_seed, key=_rank)
        return ranked[(len(ranked) - 1) // 2] if ranked else None

    @property
    def range(self) -> tuple[int | None, int | None]:
        """The worst and the best seed."""
        ranked = sorted(self.per_seed, key=_rank)
        return (ranked[0], ranked[-1]) if ranked else (None, None)

    @property
    def is_open(self) -> bool:
        """Whether the median seed passed all tested distances, so that the end was not seen."""
        return self.median is not None and any(
            reading.first_failed is None and reading.last_passed == self.median
            for reading in self.readings
        )


def read_horizon(seed: int, passed: Mapping[int, bool]) -> Reading:
    """Return how far `seed` came, from whether it passed each tested distance.

    >>> read_horizon(0, {5: True, 10: True, 20: False, 30: True})
    Reading(seed=0, last_passed=10, first_failed=20)
    """
    last_passed = None
    for distance in sorted(passed):
        if not passed[distance]:
            return Reading(seed=seed, last_passed=last_passed, first_failed=distance)
        last_passed = distance
    return Reading(seed=seed, last_passed=last_passed, first_failed=None)


def _rank(distance: int | None) -> int:
    return -1 if distance is None else distance
