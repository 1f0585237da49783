"""Accuracy far beyond the lengths trained on: the cliff, and what goes past it."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame, tested
from unroll.report.charts.measure import ACCURACY
from unroll.report.charts.palette import HAIR, SOFT, CellStyle, Palette
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.markup import inert
from unroll.report.rows import ReachRow
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_STROKES = tested.Strokes(bar=3, bar_opacity=0.35, line=2.6, mark=30, outline=1.3, cross=100)
_NUDGE = 0.007
"""How far apart two series stand at one length, as a share of the logarithmic axis."""


@unchecked()
def accuracy_by_reach(
    rows: Sequence[ReachRow],
    *,
    longest_trained: int | None,
    chance: float = 0.1,
    figure_id: str = "reach",
    remark: str = "",
) -> Figure:
    """Draw accuracy against the tested length on a logarithmic axis, one line per series.

    The ground is shaded up to `longest_trained`, where that is one length. Series take their style
    in the order in which they come; `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until a trial is in")
    series = dict.fromkeys(row.series for row in rows)
    styles = Palette.of_series(series).select(series)
    aside = _aside(rows, styles)
    drawn = tested.medians(
        ((row.series, row.length, ACCURACY.of(row)) for row in rows),
        styles,
        "series",
        lambda series, length: length * aside[series, length],
    )
    medians = tested.dashed(drawn, "series")
    chart = alt.layer(
        *_ground(rows, longest_trained),
        *tested.chance_layers(
            _ends(rows), {"y": chance, "name": f"chance, {chance:.2f}"}, above=False
        ),
        *_series(_points(rows, aside), medians, styles),
    ).encode(x=_x(rows), y=ACCURACY.axis((0.0, 1.0), title=ACCURACY.title))
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=340),
        caption=" ".join(
            [_caption(rows, medians, longest_trained, chance), *_over(drawn, medians), remark]
        ).strip(),
        alt=f"Accuracy against tested length T{_trained(longest_trained)}, median over seeds. "
        f"{tested.said(medians, styles, 'series')}.",
        rows=tuple(asdict(row) for row in rows),
    )


def _series(
    points: Sequence[dict[str, Any]],
    medians: Sequence[dict[str, Any]],
    styles: dict[str, CellStyle],
) -> list[Any]:
    """Return bars, lines and marks; a click on a name of the legend lets its series stand out."""
    focus = frame.focus("series")
    shared = {
        "color": frame.colour(styles, "series").legend(frame.folded(styles)),
        "opacity": frame.faded(focus),
    }
    bars, lines = tested.median_layers(medians, _STROKES)
    marks = tested.network_layers(points, styles, "series", tips=_tips(), strokes=_STROKES)
    return [layer.encode(**shared) for layer in (bars.add_params(focus), lines, *marks)]


def _ends(rows: Sequence[ReachRow]) -> tuple[float, float]:
    """Return the ends of the axis of lengths, with room for the marks beside them."""
    low, high = min(row.length for row in rows), max(row.length for row in rows)
    room = max(high / low, 2.0) ** 0.03
    return low / room, high * room


def _aside(rows: Sequence[ReachRow], styles: dict[str, CellStyle]) -> dict[tuple[str, int], float]:
    """Return the factors that set series that share a T aside from it, so that none is hidden."""
    low, high = _ends(rows)
    step = math.log(high / low) * _NUDGE
    places = tested.dodge(((row.series, row.length) for row in rows), styles, step)
    return {place: math.exp(moved) for place, moved in places.items()}


def _points(rows: Sequence[ReachRow], aside: dict[tuple[str, int], float]) -> list[dict[str, Any]]:
    """Return one mark per trial and length; those without a value stand at the foot."""
    return [
        {
            "series": row.series,
            "x": row.length * aside[row.series, row.length],
            "y": ACCURACY.of(row) or 0.0,
            "lost": ACCURACY.of(row) is None,
            "cell": row.cell,
            "trained": row.trained_at,
            "T": row.length,
            "seed": row.seed,
            "count": row.count,
            "test": "held out" if row.held_out else "not held out",
        }
        for row in rows
    ]


def _x(rows: Sequence[ReachRow]) -> "alt.X":
    """Return the logarithmic axis of lengths."""
    low, high = _ends(rows)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)))
    ticks = [n * 10**power for power in powers for n in (1, 2, 5) if low <= n * 10**power <= high]
    axis = alt.Axis(
        title="T, length of the tested sequence (steps, logarithmic)",
        values=ticks,
        format=",d",
        labelOverlap="greedy",
        labelSeparation=6,
    )
    return alt.X("x:Q", scale=alt.Scale(type="log", domain=[low, high], nice=False), axis=axis)


def _ground(rows: Sequence[ReachRow], longest: int | None) -> list[Any]:
    """Return the shade over the lengths trained on, its edge, and what lies beyond."""
    low, high = _ends(rows)
    if longest is None or not low < longest < high:
        return []
    words = f"beyond training, T > {longest} →"
    base = alt.Chart(frame.data([{"x": low, "edge": longest, "top": 1, "y": 0, "words": words}]))
    return [
        base.mark_rect(color=HAIR, opacity=0.5).encode(
            x2=alt.X2("edge:Q"), y=alt.Y("y:Q"), y2=alt.Y2("top:Q")
        ),
        base.mark_rule(color=SOFT, strokeWidth=1).encode(
            x=alt.X("edge:Q"), y=alt.Y("y:Q"), y2=alt.Y2("top:Q")
        ),
        base.mark_text(align="left", baseline="bottom", dx=6, dy=-6, fontSize=12, color=SOFT)
        .encode(x=alt.X("edge:Q"), y=alt.Y("y:Q"), text=alt.Text("words:N")),
    ]  # fmt: skip


def _tips() -> list["alt.Tooltip"]:
    return [
        alt.Tooltip("series:N"),
        alt.Tooltip("cell:N"),
        alt.Tooltip("trained:N", title="trained at"),
        alt.Tooltip("T:Q", title="tested at T (steps)", format=","),
        alt.Tooltip("seed:Q"),
        alt.Tooltip("y:Q", title="accuracy", format=".3f"),
        alt.Tooltip("count:Q", title="sequences", format=","),
        alt.Tooltip("test:N", title="evaluation"),
    ]


def _caption(
    rows: Sequence[ReachRow], medians: list[dict[str, Any]], longest: int | None, chance: float
) -> str:
    """Return the sentences that say what each mark stands for."""
    parts = [
        "Accuracy against the length $T$ that is tested, on a logarithmic axis; each mark is one "
        "trained network.",
        frame.median_line([median["seeds"] for median in medians] or [0], spread="bar"),
        f"Dotted: chance, {chance:.2f}.",
    ]
    if longest is not None:
        parts.append(f"Shaded: up to $T$ = {longest}, the longest length trained on.")
    if not all(row.held_out for row in rows):
        parts.append("Hollow marks: not held out.")
    if lost := [row for row in rows if ACCURACY.of(row) is None]:
        where = ", ".join(dict.fromkeys(inert(row.series) for row in lost))
        marks = "the cross" if len(lost) == 1 else "the crosses"
        parts.append(f"Without a value: {frame.counted([len(lost)], 'test')} ({where}), {marks}.")
    if len({row.series for row in rows}) > 1:
        parts.append("Series that share a $T$ are set side by side.")
    return " ".join(parts)


def _over(drawn: list[dict[str, Any]], medians: list[dict[str, Any]]) -> list[str]:
    """Say what it means that a line was given dashes."""
    over = drawn != medians
    return ["Where two lines coincide, one lies dashed over the other."] if over else []


def _trained(longest: int | None) -> str:
    return "" if longest is None else f", trained up to T = {longest}"
