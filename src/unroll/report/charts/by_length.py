"""Accuracy and loss against the length of the sequence: how far each cell remembers."""

import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.measure import ACCURACY, LOSS, Measure
from unroll.report.charts.palette import INK, PAPER, SOFT, CellStyle, Palette
from unroll.report.extra import Extra
from unroll.report.rows import TrialRow
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_NUDGE = 0.015
"""How far apart two cells stand at one length, as a share of the axis of lengths."""


def accuracy_by_length(
    rows: Sequence[TrialRow],
    *,
    palette: Palette,
    chance: float = 0.1,
    figure_id: str = "accuracy-by-length",
    remark: str = "",
) -> Figure:
    """Draw the accuracy of every trial against T, with each cell's median and range.

    `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row.
    """
    level = {"y": chance, "name": f"chance, {chance:.2f}"}
    return _draw(rows, ACCURACY, level, palette=palette, figure_id=figure_id, remark=remark)


def loss_by_length(
    rows: Sequence[TrialRow],
    *,
    palette: Palette,
    chance: float = 0.1,
    figure_id: str = "loss-by-length",
    remark: str = "",
) -> Figure:
    """Draw the loss of every trial against T, with each cell's median and range.

    `chance` is the accuracy of guessing, whose loss is −ln(chance).
    Raises: ValueError without any row.
    """
    level = {"y": -math.log(chance), "name": f"chance, {-math.log(chance):.2f} nats"}
    return _draw(rows, LOSS, level, palette=palette, figure_id=figure_id, remark=remark)


def _draw(
    rows: Sequence[TrialRow],
    measure: Measure,
    level: dict[str, Any],
    *,
    palette: Palette,
    figure_id: str,
    remark: str,
) -> Figure:
    """Draw one measure of every trial against T; `level` is what guessing reaches."""
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until a trial is in")
    styles = palette.select(row.cell for row in rows)
    ends = measure.ends([level["y"], *(measure.of(row) for row in rows)])
    medians = _medians(rows, measure, styles)
    focus = frame.focus()
    shared = {"color": frame.colour(styles), "opacity": frame.faded(focus)}
    bars, lines = _lines(medians)
    # The first layer of a legend is the one whose choice listens to it.
    layers = [bars.add_params(focus), lines, *_marks(_points(rows, measure, styles, ends), styles)]
    chart = alt.layer(*_chance(rows, level), *(layer.encode(**shared) for layer in layers)).encode(
        x=_x(rows), y=measure.axis(ends, title=measure.title)
    )
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=330),
        caption=f"{_caption(rows, measure, medians, level['name'])} {remark}".strip(),
        alt=_alt(measure, styles, medians),
        rows=tuple(asdict(row) for row in rows),
    )


def _offsets(rows: Sequence[TrialRow], styles: dict[str, CellStyle]) -> dict[str, float]:
    """Return how far each cell is set aside from the true T, so that none hides another."""
    lengths = sorted({row.length for row in rows})
    gap = min((longer - shorter for shorter, longer in pairwise(lengths)), default=1)
    nudge = min(_NUDGE * max(1, lengths[-1] - lengths[0]), 0.6 * gap / len(styles))
    return {cell: nudge * (i - (len(styles) - 1) / 2) for i, cell in enumerate(styles)}


def _points(
    rows: Sequence[TrialRow],
    measure: Measure,
    styles: dict[str, CellStyle],
    ends: tuple[float, float],
) -> list[dict[str, Any]]:
    """Return one mark per trial; those without a value stand at the foot of the chart."""
    offsets = _offsets(rows, styles)
    return [
        {
            "cell": row.cell,
            "x": row.length + offsets[row.cell],
            "y": ends[0] if (value := measure.of(row)) is None else value,
            "lost": value is None,
            "T": row.length,
            "seed": row.seed,
            "accuracy": row.accuracy,
            "loss": row.loss_nats,
            "test": "held out" if row.held_out else "not held out",
            "status": row.status,
        }
        for row in rows
    ]


def _medians(
    rows: Sequence[TrialRow], measure: Measure, styles: dict[str, CellStyle]
) -> list[dict[str, Any]]:
    """Return median, least and greatest value of each cell at each length."""
    values: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    for row in rows:
        if (value := measure.of(row)) is not None:
            values[row.cell, row.length].append(value)
    offsets = _offsets(rows, styles)
    return [
        {
            "cell": cell,
            "dash": styles[cell].dash,
            "T": length,
            "x": length + offsets[cell],
            "y": statistics.median(found),
            "low": min(found),
            "high": max(found),
            "seeds": len(found),
        }
        for (cell, length), found in sorted(values.items())
    ]


def _span(rows: Sequence[TrialRow]) -> tuple[float, float]:
    """Return the ends of the axis of lengths: room for the cells set aside at both ends."""
    lengths = {row.length for row in rows}
    cells = len({row.cell for row in rows})
    room = max(0.5, (max(lengths) - min(lengths)) * _NUDGE * (cells / 2 + 1))
    return min(lengths) - room, max(lengths) + room


def _x(rows: Sequence[TrialRow]) -> "alt.X":
    """Return the axis of lengths."""
    scale = alt.Scale(domain=list(_span(rows)), nice=False)
    return alt.X("x:Q", scale=scale, axis=frame.length_axis(row.length for row in rows))


def _chance(rows: Sequence[TrialRow], level: dict[str, Any]) -> tuple[Any, Any]:
    """Return the level of guessing and its name."""
    low, high = _span(rows)
    base = alt.Chart(frame.data([{"x": low, "end": high, **level}]))
    rule = base.mark_rule(color=INK, strokeDash=[1, 3], strokeWidth=1.2)
    name = base.mark_text(align="left", baseline="bottom", dx=4, dy=-3, fontSize=11.5, color=SOFT)
    return rule.encode(x2="end:Q"), name.encode(text="name:N")


def _lines(medians: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Return the bars from least to greatest, and the lines along the medians."""
    base = alt.Chart(frame.data(medians))
    bars = base.mark_rule(strokeWidth=5, strokeOpacity=0.25, strokeCap="butt")
    lines = base.mark_line(strokeWidth=2).encode(strokeDash=frame.dash())
    return bars.encode(y="low:Q", y2="high:Q"), lines


def _marks(points: list[dict[str, Any]], styles: dict[str, CellStyle]) -> list[Any]:
    """Return the marks of the trials: filled, hollow where not held out, crosses without value."""
    tips = [
        alt.Tooltip("cell:N"),
        alt.Tooltip("T:Q", title="T (steps)"),
        alt.Tooltip("seed:Q"),
        alt.Tooltip("accuracy:Q", format=".3f"),
        alt.Tooltip("loss:Q", title="loss (nats)", format=".3~g"),
        alt.Tooltip("test:N", title="evaluation"),
        alt.Tooltip("status:N", title="training"),
    ]
    base = alt.Chart(frame.data(points)).encode(tooltip=tips)
    measured = base.transform_filter("!datum.lost").encode(shape=frame.mark(styles))
    hollow = measured.transform_filter("datum.test != 'held out'")
    filled = measured.transform_filter("datum.test == 'held out'")
    lost = base.transform_filter("datum.lost")
    look: dict[str, Any] = {"size": 52, "strokeWidth": 1.6}
    return [
        hollow.mark_point(filled=False, fill=PAPER, **look),
        filled.mark_point(filled=True, **look),
        lost.mark_point(filled=True, shape="cross", angle=45, size=110),
    ]


def _caption(
    rows: Sequence[TrialRow], measure: Measure, medians: list[dict[str, Any]], level: str
) -> str:
    """Return the sentences that say what each mark stands for."""
    seeds = frame.counted([median["seeds"] for median in medians] or [0], "seed")
    several = any(median["seeds"] > 1 for median in medians)
    parts = [
        f"{measure.words.capitalize()} on the evaluation set against $T$; each mark is one "
        "trained network.",
        f"Line: median of {seeds}; bar: lowest to highest seed." if several else f"{seeds} each.",
        f"Dotted: {level}.",
    ]
    if seen := sorted({row.length for row in rows if not row.held_out}):
        parts.append(
            f"Hollow marks ($T$ = {', '.join(map(str, seen))}): not held out, these networks may "
            "have trained on sequences that they are tested on."
        )
    if lost := sum(measure.of(row) is None for row in rows):
        trials = frame.counted([lost], "trial")
        parts.append(f"{trials} ended without a value: the {'cross' if lost == 1 else 'crosses'}.")
    if len({row.cell for row in rows}) > 1:
        parts.append("Cells are set side by side at each $T$.")
    return " ".join(parts)


def _alt(measure: Measure, styles: dict[str, CellStyle], medians: list[dict[str, Any]]) -> str:
    """Return the chart in words: every median."""
    lines = []
    for cell in styles:
        values = [f"{m['y']:.3g} at T = {m['T']}" for m in medians if m["cell"] == cell]
        lines.append(f"{cell}: {', '.join(values) or 'no value'}")
    return (
        f"{measure.words.capitalize()} against sequence length T, median over seeds. "
        f"{'; '.join(lines)}."
    )
