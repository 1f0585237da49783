"""What stands on the vertical axis of a chart: a field of the rows, its unit and its scale."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unroll.report.extra import Extra
from unroll.report.rows import CurveRow, ReachRow, TrialRow

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_LEAST = 1e-7
"""Where a loss is drawn that float32 rounded to 0: a logarithmic axis has no place for it."""
_MARGIN = 1.6
"""Factor between a logarithmic axis's ends and the values nearest to them."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A quantity that was measured on every row."""

    field: str
    """The field of the rows that holds it."""
    words: str
    """What it is called in a sentence."""
    title: str
    """What it is called on an axis, with its unit."""
    logarithmic: bool
    """Whether its axis is logarithmic, or linear from 0 to 1."""

    def of(self, row: TrialRow | CurveRow | ReachRow) -> float | None:
        """Return the value of `row` as it is drawn; None where it has no finite one."""
        value: float | None = getattr(row, self.field)
        if value is None or not math.isfinite(value):
            return None
        return max(value, _LEAST) if self.logarithmic else value

    def ends(self, values: Iterable[float | None]) -> tuple[float, float]:
        """Return the ends of an axis that holds all `values`."""
        drawn = [value for value in values if value is not None]
        if not self.logarithmic or not drawn:
            return (0.1, 1.0) if self.logarithmic else (0.0, 1.0)
        return min(drawn) / _MARGIN, max(drawn) * _MARGIN

    def axis(self, ends: tuple[float, float], *, title: str | None) -> "alt.Y":
        """Return the vertical axis for the field `y` of a chart's data."""
        if self.logarithmic:
            powers = range(math.ceil(math.log10(ends[0])), math.floor(math.log10(ends[1])) + 1)
            axis = alt.Axis(title=title, format="~g", values=[10.0**power for power in powers])
            scale = alt.Scale(type="log", domain=list(ends), nice=False)
        else:
            axis = alt.Axis(title=title, format=".1f", tickCount=5)
            scale = alt.Scale(domain=list(ends), nice=False)
        return alt.Y("y:Q", scale=scale, axis=axis)


ACCURACY = Measure(
    field="accuracy",
    words="accuracy",
    title="accuracy (share of right answers)",
    logarithmic=False,
)
LOSS = Measure(
    field="loss_nats",
    words="loss",
    title="cross-entropy (nats, logarithmic)",
    logarithmic=True,
)
