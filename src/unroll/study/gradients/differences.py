"""How far apart two ways to the same gradient are."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from unroll.study.gradients.view import Probe


class Difference(NamedTuple):
    """Between automatic differentiation and another way, in one network."""

    absolute: float
    """The largest over all entries of the gradient."""
    relative: float
    """The same over the gradient's largest entry; an entry below 1 counts as 1."""


def closed_form_differences(probes: Iterable[Probe]) -> list[Difference]:
    """Return the difference of the closed form in each network whose cell has one."""
    return [
        _difference(probe, absolute)
        for probe in probes
        if (absolute := probe.values["max_abs_difference"]) is not None
    ]


def step_differences(probes: Iterable[Probe]) -> list[Difference]:
    """Return the difference of the sum over time steps in each network."""
    return [_difference(probe, probe.values["steps_difference"]) for probe in probes]


def largest(values: Iterable[float]) -> float:
    """Return the largest of one or more values; nan if one is, which `max` may lose.

    >>> largest([1.0, float("nan"), 2.0]), largest([1.0, 2.0])
    (nan, 2.0)
    """
    return max(values, key=lambda value: (math.isnan(value), value))


def _difference(probe: Probe, absolute: float) -> Difference:
    return Difference(absolute, absolute / max(1.0, probe.values["largest_gradient"]))
