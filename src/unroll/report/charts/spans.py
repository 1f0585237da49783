"""Lines along the median over seeds, with a band from the lowest to the highest, on any two axes.

Unlike `traces`, values have a place on the vertical axis, whatever they are; a line may be dashed
where it is the same series under another condition, so that colours tell series alone.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.palette import CellStyle
from unroll.report.charts.traces import LEGEND
from unroll.report.extra import Extra

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

SOLID, DASHED, DOTTED = (1, 0), (6, 4), (2, 3)


@dataclass(frozen=True, kw_only=True)
class Spot:
    """What all seeds gave at one place of one line."""

    line: str
    """The series, as the legend has it."""
    x: float
    """Where it stands on the horizontal axis."""
    values: tuple[float, ...]
    """One finite value per seed."""
    condition: str = ""
    """What tells this line from another of the same series."""
    dash: tuple[int, int] = SOLID
    """The dash of the condition."""
    marked: bool = True
    """Whether a mark stands there, because it was measured there alone."""


def spots_of(
    measured: Iterable[tuple[str, float, str, float]],
    *,
    dashes: Mapping[str, tuple[int, int]],
    marked: str,
) -> list[Spot]:
    """Return the spots of what was measured: line, place, condition and one seed's value.

    They go from left to right; at one place lines stay in the order in which they come. `dashes`
    are those of the conditions, of which one has marks.
    """
    found: defaultdict[tuple[str, float, str], list[float]] = defaultdict(list)
    for line, x, condition, value in measured:
        found[line, x, condition].append(value)
    return [
        Spot(
            line=line,
            x=x,
            values=tuple(found[line, x, condition]),
            condition=condition,
            dash=dashes[condition],
            marked=condition == marked,
        )
        for line, x, condition in sorted(found, key=lambda place: place[1])
    ]


def finished(
    spots: Sequence[Spot],
    styles: Mapping[str, CellStyle],
    *,
    x: "alt.X",
    y: "alt.Y",
    tips: Sequence["alt.Tooltip"],
    ground: Sequence[Any] = (),
    height: int = 300,
) -> dict[str, Any]:
    """Return the specification of a chart of lines, in front of what lies on its `ground`."""
    lines = layers(styles, x=x, y=y, tips=tips)
    data = frame.data(points(spots))
    chart = (
        alt.layer(*ground, alt.layer(*lines, data=data)) if ground else alt.layer(*lines, data=data)
    )
    return frame.finished(chart, height=height)


def said(spots: Sequence[Spot], words: str) -> str:
    """Return the medians of each line in words, such as `{y:.2f} at k = {x:,}`."""
    told = []
    for line in dict.fromkeys(spot.line for spot in spots):
        mine = [point for point in points(spots) if point["line"] == line]
        told.append(f"{line}: {', '.join(words.format(y=p['y'], x=p['x']) for p in mine)}")
    return "; ".join(told)


def points(spots: Iterable[Spot]) -> list[dict[str, Any]]:
    """Return the rows that the lines are drawn from."""
    return [
        {
            "line": spot.line,
            "condition": spot.condition,
            "dash": spot.dash,
            "x": spot.x,
            "y": _short(statistics.median(spot.values)),
            "low": _short(min(spot.values)),
            "high": _short(max(spot.values)),
            "seeds": len(spot.values),
            "marked": spot.marked,
        }
        for spot in spots
    ]


def layers(
    styles: Mapping[str, CellStyle], *, x: "alt.X", y: "alt.Y", tips: Sequence["alt.Tooltip"]
) -> list[Any]:
    """Return bands, lines, marks, and unseen marks that answer the pointer."""
    focus = frame.focus("line")
    base = alt.Chart().encode(
        x=x,
        color=frame.colour(styles, "line").legend(frame.folded(styles, **LEGEND)),
        opacity=frame.faded(focus),
        detail=alt.Detail("condition:N"),
    )
    band = base.mark_area(fillOpacity=0.16).encode(y=_like(y, "low"), y2=alt.Y2("high:Q"))
    line = base.mark_line(strokeWidth=2, strokeCap="butt").encode(y=y, strokeDash=frame.dash())
    mark = base.transform_filter("datum.marked").mark_point(filled=True, size=24).encode(y=y)
    answer = base.mark_point(filled=True, size=80).encode(
        y=y, opacity=alt.OpacityValue(0), tooltip=[alt.Tooltip("line:N", title="series"), *tips]
    )
    return [band.add_params(focus), line, mark, answer]


def share_axis(values: Iterable[float], *, title: str, field: str = "y") -> "alt.Y":
    """Return an axis of shares from 0 to a little above the greatest."""
    top = min(1.0, max(0.01, 1.08 * max(values, default=1.0)))
    axis = alt.Axis(title=title, format="%" if top > 0.05 else ".1%", tickCount=5)
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=axis)


def value_axis(values: Sequence[float], *, title: str, room: float = 0.05) -> "alt.Y":
    """Return an axis that holds all `values`, without a need for 0."""
    low, high = min(values), max(values)
    margin = room * (high - low) or 0.1
    scale = alt.Scale(domain=[low - margin, high + margin], nice=False, zero=False)
    axis = alt.Axis(title=title, tickCount=6, format="~g")
    return alt.Y("y:Q", scale=scale, axis=axis)


def log_axis(ends: tuple[float, float], *, title: str, ticks: Sequence[float]) -> "alt.X":
    """Return a logarithmic horizontal axis."""
    axis = alt.Axis(
        title=title,
        values=list(ticks),
        labelExpr="format(datum.value, datum.value < 1e4 ? ',d' : '~s')",
        labelOverlap="greedy",
        labelSeparation=6,
    )
    scale = alt.Scale(type="log", domain=list(ends), nice=False)
    return alt.X("x:Q", scale=scale, axis=axis)


def step_axis(steps: Iterable[int]) -> "alt.X":
    """Return an axis of steps, logarithmic but for its first step: 0 has a place."""
    last = max(steps, default=1)
    ticks = [0, *(10**power for power in range(len(str(last))))]
    axis = alt.Axis(
        title="steps of training (logarithmic)",
        values=ticks,
        labelExpr="format(datum.value, datum.value < 1e4 ? ',d' : '~s')",
        labelOverlap="greedy",
        labelSeparation=6,
    )
    scale = alt.Scale(type="symlog", constant=1, domain=[0, last], nice=False)
    return alt.X("x:Q", scale=scale, axis=axis)


def decades_between(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times each power of ten from `low` to `high`.

    >>> decades_between(3, 30)
    [5, 10, 20]
    """
    powers = range(len(str(int(low))) - 1, len(str(int(high))) + 1)
    return [n * 10**power for power in powers for n in (1, 2, 5) if low <= n * 10**power <= high]


def _like(y: "alt.Y", field: str) -> "alt.Y":
    """Return the same axis for another field."""
    copy: alt.Y = y.copy()
    copy.shorthand = f"{field}:Q"
    return copy


def _short(value: float) -> float:
    return float(f"{value:.5g}")
