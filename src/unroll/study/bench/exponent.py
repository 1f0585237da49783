"""How a cost grows with the length of a sequence: the exponent of a power law."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

_GROWTH = (1.0, 2.0)
"""Between these exponents a cost is foreseen to grow."""
FEWEST = 3
"""Lengths that an exponent is fitted to, at least."""
_STEEPEST = 1.2
"""The largest exponent that is called linear: caches that no longer hold what is read, and pages
that are asked for, make a long step a little dearer than a short one."""
_FLATTEST = 0.8
"""The least one: what a sequence costs at any length still weighs there."""


@dataclass(frozen=True, kw_only=True)
class Exponent:
    """p of cost ∝ Tᵖ, fitted to the long half of the lengths."""

    value: float
    """p; 1 is linear."""
    error: float
    """Its standard error, from how far the costs lie beside the line."""
    shortest: int
    """The shortest length that it was fitted to."""
    longest: int
    """The longest."""

    @property
    def is_steep(self) -> bool:
        """Whether the exponent itself is above the largest that is called linear."""
        return self.value > _STEEPEST

    @property
    def verdict(self) -> str:
        """How the cost grows, in a few words; an excess must be beyond two standard errors."""
        if not self.is_steep:
            return "linearly" if self.value >= _FLATTEST else "no faster than linearly"
        is_sure = self.value - 2 * self.error > _STEEPEST
        return "faster than linearly" if is_sure else "perhaps faster than linearly"

    @property
    def told(self) -> str:
        """The exponent and its error, as they are read."""
        return f"{self.value:.2f} ± {self.error:.2f}"


def fit_exponent(costs: Mapping[int, float]) -> Exponent | None:
    """Fit ln cost = α + p ln T by least squares to the long half of the lengths.

    The long half is the upper half, and three lengths at least. Costs of 0, too small to be
    measured, are left out. None where fewer than three lengths are left.

    >>> found = fit_exponent({10: 5.0, 100: 6.0, 1000: 10.0, 2000: 20.0, 4000: 40.0})
    >>> found.told, found.verdict, found.shortest
    ('1.00 ± 0.00', 'linearly', 1000)
    """
    known = sorted((length, cost) for length, cost in costs.items() if cost > 0)
    half = known[-max(FEWEST, math.ceil(len(known) / 2)) :]
    if len(half) < FEWEST:
        return None
    x = [math.log(length) for length, _ in half]
    y = [math.log(cost) for _, cost in half]
    x_mean, y_mean = math.fsum(x) / len(x), math.fsum(y) / len(y)
    spread = math.fsum((a - x_mean) ** 2 for a in x)
    value = math.fsum((a - x_mean) * (b - y_mean) for a, b in zip(x, y, strict=True)) / spread
    left = math.fsum((b - y_mean - value * (a - x_mean)) ** 2 for a, b in zip(x, y, strict=True))
    return Exponent(
        value=value,
        error=math.sqrt(left / (len(half) - 2) / spread),
        shortest=half[0][0],
        longest=half[-1][0],
    )


def foresee(costs: Mapping[int, float], length: int) -> float:
    """Return about what a longer sequence costs, at the pace of the last two lengths.

    >>> foresee({10: 3.0, 20: 6.0}, 40), foresee({10: 4.0}, 20), foresee({1: 1.0, 2: 64.0}, 4)
    (12.0, 8.0, 256.0)
    """
    lengths = sorted(costs)
    last = lengths[-1]
    pace = _GROWTH[0]
    if len(lengths) > 1 and costs[lengths[-2]] > 0 and costs[last] > 0:
        before = lengths[-2]
        pace = math.log(costs[last] / costs[before]) / math.log(last / before)
    exponent = min(_GROWTH[1], max(_GROWTH[0], pace))
    return costs[last] * math.pow(length / last, exponent)
