"""Accuracy and loss against the length of the sequence: how far each cell remembers."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame, tested
from unroll.report.charts.measure import ACCURACY, LOSS, Measure
from unroll.report.charts.palette import CellStyle, Palette
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.rows import TrialRow
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_STROKES = tested.Strokes(bar=5, bar_opacity=0.25, line=2, mark=52, outline=1.6, cross=110)
_NUDGE = 0.015
"""How far apart two cells stand at one length, as a share of the axis of lengths."""


@unchecked()
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


@unchecked()
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
    offsets = _offsets(rows, styles)
    medians = tested.medians(
        ((row.cell, row.length, measure.of(row)) for row in rows),
        styles,
        "cell",
        lambda cell, length: length + offsets[cell, length],
    )
    focus = frame.focus()
    shared = {"color": frame.colour(styles), "opacity": frame.faded(focus)}
    bars, lines = tested.median_layers(medians, _STROKES)
    # The first layer of a legend is the one whose choice listens to it.
    points = _points(rows, measure, offsets, ends)
    marks = tested.network_layers(points, styles, "cell", tips=_tips(), strokes=_STROKES)
    layers = [layer.encode(**shared) for layer in (bars.add_params(focus), lines, *marks)]
    ground = tested.chance_layers(_span(rows), level, above=True)
    chart = alt.layer(*ground, *layers).encode(
        x=_x(rows), y=measure.axis(ends, title=measure.title)
    )
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=330),
        caption=f"{_caption(rows, measure, medians, level['name'])} {remark}".strip(),
        alt=f"{measure.words.capitalize()} against sequence length T, median over seeds. "
        f"{tested.said(medians, styles, 'cell')}.",
        rows=tuple(asdict(row) for row in rows),
    )


def _offsets(
    rows: Sequence[TrialRow], styles: dict[str, CellStyle]
) -> dict[tuple[str, int], float]:
    """Return how far cells that share a T are set aside from it, so that none hides another."""
    lengths = sorted({row.length for row in rows})
    gap = min((longer - shorter for shorter, longer in pairwise(lengths)), default=1)
    nudge = min(_NUDGE * max(1, lengths[-1] - lengths[0]), 0.6 * gap / len(styles))
    return tested.dodge(((row.cell, row.length) for row in rows), styles, nudge)


def _points(
    rows: Sequence[TrialRow],
    measure: Measure,
    offsets: dict[tuple[str, int], float],
    ends: tuple[float, float],
) -> list[dict[str, Any]]:
    """Return one mark per trial; those without a value stand at the foot of the chart."""
    return [
        {
            "cell": row.cell,
            "x": row.length + offsets[row.cell, row.length],
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


def _tips() -> list["alt.Tooltip"]:
    return [
        alt.Tooltip("cell:N"),
        alt.Tooltip("T:Q", title="T (steps)"),
        alt.Tooltip("seed:Q"),
        alt.Tooltip("accuracy:Q", format=".3f"),
        alt.Tooltip("loss:Q", title="loss (nats)", format=".3~g"),
        alt.Tooltip("test:N", title="evaluation"),
        alt.Tooltip("status:N", title="training"),
    ]


def _caption(
    rows: Sequence[TrialRow], measure: Measure, medians: list[dict[str, Any]], level: str
) -> str:
    """Return the sentences that say what each mark stands for."""
    parts = [
        f"{measure.words.capitalize()} on the evaluation set against $T$; each mark is one "
        "trained network.",
        *([frame.median_line([m["seeds"] for m in medians], spread="bar")] if medians else []),
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
        parts.append("Cells that share a $T$ are set side by side.")
    return " ".join(parts)
