"""A vertical axis of powers of ten, with bands at its edges for what no power can show.

A logarithmic axis has no place for 0, for a number far too small to matter, or for one that is not
finite. Nothing of that is left out: each has a band of its own, below or above the axis.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from unroll.report.extra import Extra

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

Edge: TypeAlias = Literal["below", "zero", "beyond"]
"""What has no place on the axis: a number below its foot, 0, a number that is not finite."""

DEEPEST = -40
"""The lowest power of ten that an axis goes down to: float32 ends at −45."""
_MARGIN = 0.03
"""Room between the ends of the axis and the values nearest to them, as a share of the axis."""
_LANE_PX = 5
_WORDS_PX = 17
_STEPS = (1, 2, 5, 10, 20, 50, 100)
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, kw_only=True)
class Decades:
    """Where each value stands: log₁₀ of it, or a lane in the band of its edge."""

    low: float
    """log₁₀ of the foot of the axis proper."""
    high: float
    """log₁₀ of its top."""
    edges: frozenset[Edge]
    """The bands there are."""
    lanes: int
    """How many lines have a lane of their own in each band."""
    height: int
    """Height in px of axis and bands together."""
    beyond: str
    """What the band at the top is called."""
    deepest: int = DEEPEST
    """The lowest power of ten that the axis goes down to."""

    @classmethod
    def of(
        cls,
        values: Iterable[float | None],
        *,
        height: int,
        lanes: int = 1,
        beyond: str = "not finite",
        deepest: int = DEEPEST,
    ) -> "Decades":
        """Return the axis that holds all `values`; None stands for one that is not finite."""
        found = list(values)
        logs = [math.log10(v) for v in found if v is not None and math.isfinite(v) and v > 0]
        low, high = max(min(logs, default=-1.0), deepest), max(logs, default=0.0)
        room = _MARGIN * max(high - low, 1.0)
        low, high = max(low - room, deepest), max(high, low + 0.5) + room
        if math.ceil(low) > math.floor(high):  # no power of ten between them to be marked
            low, high = math.floor(low), math.ceil(high)
        axis = cls(
            low=low,
            high=high,
            edges=frozenset(),
            lanes=lanes,
            height=height,
            beyond=beyond,
            deepest=deepest,
        )
        edges = frozenset(edge for value in found if (edge := axis.edge(value)) is not None)
        return replace(axis, edges=edges)

    @property
    def px(self) -> float:
        """How many powers of ten one px is."""
        return (self.high - self.low) / (self.height - self._band_px * len(self.edges))

    @property
    def _band_px(self) -> int:
        """The height of one band: its words and its lanes."""
        return _WORDS_PX + _LANE_PX * self.lanes

    def edge(self, value: float | None) -> Edge | None:
        """Return the band that `value` belongs in; None if the axis proper has a place for it."""
        if value is None or not math.isfinite(value):
            return "beyond"
        if value <= 0:
            return "zero"
        return "below" if math.log10(value) < self.low else None

    def place(self, value: float | None, lane: int = 0) -> float:
        """Return where `value` stands, in powers of ten."""
        edge = self.edge(value)
        if edge is None and value is not None:
            return round(math.log10(value), 3)
        depth = (_LANE_PX * (lane + 0.5) + 1) * self.px
        if edge == "beyond":
            return round(self.high + depth, 3)
        return round(self._top(edge or "zero") - depth, 3)

    def _top(self, edge: Edge) -> float:
        """Return where the band of small numbers or the one of zeros begins."""
        under = edge == "zero" and "below" in self.edges
        return self.low - (self._band_px * self.px if under else 0.0)

    def bands(self) -> list[dict[str, Any]]:
        """Return for each band the line that parts it from the axis, its words and their place."""
        names = {
            "below": f"below {power(self.deepest)}",
            "zero": "0 (underflow)",
            "beyond": self.beyond,
        }
        lanes, words = (_LANE_PX * self.lanes + 2) * self.px, _WORDS_PX * self.px / 2
        rows = []
        for edge in sorted(self.edges):
            line = self.high if edge == "beyond" else self._top(edge)
            side = 1 if edge == "beyond" else -1
            rows.append({"y": line, "at": line + side * (lanes + words), "words": names[edge]})
        return rows

    def axis(self, field: str = "y", *, title: str | None = None) -> "alt.Y":
        """Return the vertical axis for a field that holds places."""
        band = self._band_px * self.px
        bottom = self.low - band * len(self.edges - {"beyond"})
        top = self.high + band * ("beyond" in self.edges)
        ticks, label = self._ticks()
        axis = alt.Axis(title=title, values=ticks, labelExpr=label, labelOverlap=False)
        return alt.Y(
            f"{field}:Q", scale=alt.Scale(domain=[bottom, top], nice=False, zero=False), axis=axis
        )

    def _ticks(self) -> tuple[list[float], str]:
        """Return where the axis is marked, and how a mark is written, as Vega has it."""
        powers = range(math.ceil(self.low), math.floor(self.high) + 1)
        is_plain = min(powers, default=0) >= -4 and max(powers, default=0) <= 3
        if is_plain and self.high - self.low < 1.5:
            # One or two powers of ten tell little of a scale: 2 and 5 times as much help.
            around = range(math.floor(self.low), math.ceil(self.high) + 1)
            marks = (round(math.log10(n * 10.0**p), 5) for p in around for n in (1, 2, 5))
            ticks = [mark for mark in marks if self.low <= mark <= self.high]
            return ticks, "format(pow(10, datum.value), '.1~r')"
        step = next((s for s in _STEPS if (self.high - self.low) / s <= 6), _STEPS[-1])
        decades = [p for p in powers if p % step == 0]
        names = {str(p): f"{10.0**p:g}" if is_plain else power(p) for p in decades}
        return [*decades], f"{json.dumps(names, ensure_ascii=False)}[datum.value]"


def power(exponent: int) -> str:
    """Return a power of ten as it is written.

    >>> power(-12)
    '10⁻¹²'
    """
    return f"10{str(exponent).translate(_RAISED)}"
