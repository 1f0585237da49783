"""Trained networks tested at lengths: a mark each, a line along medians, bars over seeds."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.palette import INK, PAPER, SOFT, CellStyle
from unroll.report.extra import Extra

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")


_OVER = (5, 6)
"""The dashes of a line through which another is to be seen."""


@dataclass(frozen=True, kw_only=True)
class Strokes:
    """How strong the marks of a chart are, in px, or px² for the sizes of marks."""

    bar: float
    """From the lowest seed to the highest."""
    bar_opacity: float
    """Of the same, from 0 to 1."""
    line: float
    """Along the medians."""
    mark: float
    """The size of a network's mark."""
    outline: float
    """Around it."""
    cross: float
    """The size of the mark of a network without a value."""


def medians(
    measured: Iterable[tuple[str, int, float | None]],
    styles: Mapping[str, CellStyle],
    field: str,
    place: Callable[[str, int], float],
) -> list[dict[str, Any]]:
    """Return median, least and greatest value of each line at each length that has any.

    What was measured is line, length and value; `place` is where a line stands at a length.
    """
    # In the order of the legend, so that later lines lie over earlier ones.
    order = {line: i for i, line in enumerate(styles)}
    values: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    for line, length, value in measured:
        if value is not None:
            values[line, length].append(value)
    return [
        {
            field: line,
            "dash": styles[line].dash,
            "T": length,
            "x": place(line, length),
            "y": statistics.median(found),
            "low": min(found),
            "high": max(found),
            "seeds": len(found),
        }
        for (line, length), found in sorted(values.items(), key=lambda i: (order[i[0][0]], i[0][1]))
    ]


def dodge(
    drawn: Iterable[tuple[str, int]], styles: Mapping[str, CellStyle], step: float
) -> dict[tuple[str, int], float]:
    """Return how far each line stands aside at each length: 0 where it is alone there.

    Lines that share a length stand `step` apart, in the order of the legend, around it.
    """
    found = set(drawn)
    lines_at = {n: [line for line in styles if (line, n) in found] for n in {n for _, n in found}}
    return {
        (line, length): step * (i - (len(lines) - 1) / 2)
        for length, lines in lines_at.items()
        for i, line in enumerate(lines)
    }


def dashed(rows: Sequence[dict[str, Any]], field: str) -> list[dict[str, Any]]:
    """Return the medians, with dashes for lines that run over an earlier one.

    Lines coincide that have the same median at two lengths or more.
    """
    heights: defaultdict[str, set[tuple[int, float]]] = defaultdict(set)
    for row in rows:
        heights[row[field]].add((row["T"], round(row["y"], 2)))
    over = {b for a, b in combinations(heights, 2) if len(heights[a] & heights[b]) > 1}
    return [{**row, "dash": _OVER} if row[field] in over else row for row in rows]


def chance_layers(span: tuple[float, float], level: Mapping[str, Any], *, above: bool) -> list[Any]:
    """Return the level of guessing, `y` under a `name`, and its name above or below it."""
    base = alt.Chart(frame.data([{"x": span[0], "end": span[1], **level}]))
    rule = base.mark_rule(color=INK, strokeDash=[1, 3], strokeWidth=1.2)
    bottom: dict[str, Any] = {"baseline": "bottom", "dy": -3}
    where = bottom if above else {"baseline": "top", "dy": 5}
    name = base.mark_text(align="left", dx=4, fontSize=11.5, color=SOFT, **where)
    return [rule.encode(x2=alt.X2("end:Q")), name.encode(text=alt.Text("name:N"))]


def median_layers(rows: Sequence[dict[str, Any]], strokes: Strokes) -> tuple[Any, Any]:
    """Return the bars from least to greatest, and the lines along the medians."""
    base = alt.Chart(frame.data(rows))
    bars = base.mark_rule(
        strokeWidth=strokes.bar, strokeOpacity=strokes.bar_opacity, strokeCap="butt"
    )
    lines = base.mark_line(strokeWidth=strokes.line, strokeJoin="round")
    return bars.encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q")), lines.encode(strokeDash=frame.dash())


def network_layers(
    points: Sequence[dict[str, Any]],
    styles: Mapping[str, CellStyle],
    field: str,
    *,
    tips: Sequence["alt.Tooltip"],
    strokes: Strokes,
) -> list[Any]:
    """Return the networks: filled, hollow where not held out, crosses where without a value."""
    base = alt.Chart(frame.data(points)).encode(tooltip=list(tips))
    measured = base.transform_filter("!datum.lost").encode(shape=frame.mark(styles, field))
    hollow = measured.transform_filter("datum.test != 'held out'")
    filled = measured.transform_filter("datum.test == 'held out'")
    lost = base.transform_filter("datum.lost")
    look: dict[str, Any] = {"size": strokes.mark, "strokeWidth": strokes.outline}
    return [
        hollow.mark_point(filled=False, fill=PAPER, **look),
        filled.mark_point(filled=True, **look),
        lost.mark_point(filled=True, shape="cross", angle=45, size=strokes.cross),
    ]


def said(rows: Sequence[dict[str, Any]], styles: Mapping[str, CellStyle], field: str) -> str:
    """Return every median in words, line by line."""
    lines = []
    for line in styles:
        values = [f"{row['y']:.3g} at T = {row['T']:,}" for row in rows if row[field] == line]
        lines.append(f"{line}: {', '.join(values) or 'no value'}")
    return "; ".join(lines)
