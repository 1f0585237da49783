"""Accuracy far beyond the lengths trained on: the cliff, and what goes past it."""

import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.measure import ACCURACY
from unroll.report.charts.palette import HAIR, INK, PAPER, SOFT, CellStyle, Palette
from unroll.report.extra import Extra
from unroll.report.markup import inert
from unroll.report.rows import ReachRow
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_NUDGE = 0.007
"""How far apart two series stand at one length, as a share of the logarithmic axis."""


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
    medians = _medians(rows, styles)
    focus = frame.focus("series")
    shared = {
        "color": frame.colour(styles, "series").legend(frame.folded(styles)),
        "opacity": frame.faded(focus),
    }
    bars, lines = _lines(medians)
    layers = [bars.add_params(focus), lines, *_marks(_points(rows, styles), styles)]
    ground = [*_ground(rows, longest_trained), *_chance(rows, chance)]
    chart = alt.layer(*ground, *(layer.encode(**shared) for layer in layers)).encode(
        x=_x(rows), y=ACCURACY.axis((0.0, 1.0), title=ACCURACY.title)
    )
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=340),
        caption=f"{_caption(rows, medians, longest_trained, chance)} {remark}".strip(),
        alt=_alt(medians, styles, longest_trained),
        rows=tuple(asdict(row) for row in rows),
    )


def _ends(rows: Sequence[ReachRow]) -> tuple[float, float]:
    """Return the ends of the axis of lengths, with room for the marks beside them."""
    low, high = min(row.length for row in rows), max(row.length for row in rows)
    room = max(high / low, 2.0) ** 0.03
    return low / room, high * room


def _aside(rows: Sequence[ReachRow], styles: dict[str, CellStyle]) -> dict[str, float]:
    """Return the factor that sets each series aside from the true T, so that none hides another."""
    low, high = _ends(rows)
    step = math.log(high / low) * _NUDGE
    return {name: math.exp(step * (i - (len(styles) - 1) / 2)) for i, name in enumerate(styles)}


def _points(rows: Sequence[ReachRow], styles: dict[str, CellStyle]) -> list[dict[str, Any]]:
    """Return one mark per trial and length; those without a value stand at the foot."""
    aside = _aside(rows, styles)
    return [
        {
            "series": row.series,
            "x": row.length * aside[row.series],
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


def _medians(rows: Sequence[ReachRow], styles: dict[str, CellStyle]) -> list[dict[str, Any]]:
    """Return median, least and greatest accuracy of each series at each length."""
    values: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    for row in rows:
        if (value := ACCURACY.of(row)) is not None:
            values[row.series, row.length].append(value)
    aside = _aside(rows, styles)
    return [
        {
            "series": series,
            "dash": styles[series].dash,
            "T": length,
            "x": length * aside[series],
            "y": statistics.median(found),
            "low": min(found),
            "high": max(found),
            "seeds": len(found),
        }
        for (series, length), found in sorted(values.items())
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
        base.mark_rect(color=HAIR, opacity=0.5).encode(x2="edge:Q", y="y:Q", y2="top:Q"),
        base.mark_rule(color=SOFT, strokeWidth=1).encode(x="edge:Q", y="y:Q", y2="top:Q"),
        base.mark_text(align="left", baseline="bottom", dx=6, dy=-6, fontSize=12, color=SOFT)
        .encode(x="edge:Q", y="y:Q", text="words:N"),
    ]  # fmt: skip


def _chance(rows: Sequence[ReachRow], chance: float) -> tuple[Any, Any]:
    """Return the level of guessing and its name."""
    low, high = _ends(rows)
    level = {"x": low, "end": high, "y": chance, "name": f"chance, {chance:.2f}"}
    base = alt.Chart(frame.data([level]))
    rule = base.mark_rule(color=INK, strokeDash=[1, 3], strokeWidth=1.2)
    name = base.mark_text(align="left", baseline="top", dx=4, dy=5, fontSize=11.5, color=SOFT)
    return rule.encode(x2="end:Q"), name.encode(text="name:N")


def _lines(medians: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Return the bars from least to greatest, and the lines along the medians."""
    base = alt.Chart(frame.data(medians))
    bars = base.mark_rule(strokeWidth=3, strokeOpacity=0.35, strokeCap="butt")
    lines = base.mark_line(strokeWidth=2.6, strokeJoin="round")
    return bars.encode(y="low:Q", y2="high:Q"), lines.encode(strokeDash=frame.dash())


def _marks(points: list[dict[str, Any]], styles: dict[str, CellStyle]) -> list[Any]:
    """Return the marks of the trials: filled, hollow where not held out, crosses without value."""
    tips = [
        alt.Tooltip("series:N"),
        alt.Tooltip("cell:N"),
        alt.Tooltip("trained:N", title="trained at"),
        alt.Tooltip("T:Q", title="tested at T (steps)", format=","),
        alt.Tooltip("seed:Q"),
        alt.Tooltip("y:Q", title="accuracy", format=".3f"),
        alt.Tooltip("count:Q", title="sequences", format=","),
        alt.Tooltip("test:N", title="evaluation"),
    ]
    base = alt.Chart(frame.data(points)).encode(tooltip=tips)
    measured = base.transform_filter("!datum.lost").encode(shape=frame.mark(styles, "series"))
    hollow = measured.transform_filter("datum.test != 'held out'")
    filled = measured.transform_filter("datum.test == 'held out'")
    lost = base.transform_filter("datum.lost")
    look: dict[str, Any] = {"size": 30, "strokeWidth": 1.3}
    return [
        hollow.mark_point(filled=False, fill=PAPER, **look),
        filled.mark_point(filled=True, **look),
        lost.mark_point(filled=True, shape="cross", angle=45, size=100),
    ]


def _caption(
    rows: Sequence[ReachRow], medians: list[dict[str, Any]], longest: int | None, chance: float
) -> str:
    """Return the sentences that say what each mark stands for."""
    seeds = frame.counted([median["seeds"] for median in medians] or [0], "seed")
    several = any(median["seeds"] > 1 for median in medians)
    parts = [
        "Accuracy against the length $T$ that is tested, on a logarithmic axis; each mark is one "
        "trained network.",
        f"Line: median of {seeds}; bar: lowest to highest seed." if several else f"{seeds} each.",
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
        parts.append("Series are set side by side at each $T$.")
    return " ".join(parts)


def _alt(medians: list[dict[str, Any]], styles: dict[str, CellStyle], longest: int | None) -> str:
    """Return the chart in words: every median."""
    lines = []
    for series in styles:
        values = [f"{m['y']:.3g} at T = {m['T']:,}" for m in medians if m["series"] == series]
        lines.append(f"{series}: {', '.join(values) or 'no value'}")
    trained = "" if longest is None else f", trained up to T = {longest}"
    return f"Accuracy against tested length T{trained}, median over seeds. {'; '.join(lines)}."
