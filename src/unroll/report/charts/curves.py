"""Training curves: loss and accuracy while the networks learn, one panel per length."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.measure import ACCURACY, LOSS, Measure
from unroll.report.charts.palette import CellStyle, Palette
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.rows import CurveRow
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")


_ROOM_ABOVE = 0.04
"""Above an accuracy of 1: a mark that stands out of its panel would lift the panel's title."""


@unchecked()
def loss_curves(
    rows: Sequence[CurveRow],
    *,
    palette: Palette,
    figure_id: str = "loss-curves",
    remark: str = "",
) -> Figure:
    """Draw the training loss of every trial against the step, one panel per length.

    `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row.
    """
    return _draw(rows, LOSS, palette=palette, figure_id=figure_id, remark=remark)


@unchecked()
def accuracy_curves(
    rows: Sequence[CurveRow],
    *,
    palette: Palette,
    figure_id: str = "accuracy-curves",
    remark: str = "",
) -> Figure:
    """Draw the training accuracy of every trial against the step, one panel per length.

    `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row.
    """
    return _draw(rows, ACCURACY, palette=palette, figure_id=figure_id, remark=remark)


def _draw(
    rows: Sequence[CurveRow], measure: Measure, *, palette: Palette, figure_id: str, remark: str
) -> Figure:
    """Draw one measure of every trial against the step."""
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until a trial is in")
    styles = palette.select(row.cell for row in rows)
    lengths = sorted({row.length for row in rows})
    low, high = measure.ends(measure.of(row) for row in rows)
    ends = (low, high if measure.logarithmic else high + _ROOM_ABOVE)
    chart = (
        alt.layer(*_lines(styles), data=frame.data(_points(rows, measure, styles)))
        .encode(y=measure.axis(ends, title=None))
        .facet(facet=alt.Facet("panel:N", sort=[_panel(length) for length in lengths]), columns=3)
        .properties(title=f"{measure.title} against step")
        .resolve_axis(x="independent")  # else the last row lends its axes to the gaps beside it
    )
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=130, panels=len(lengths)),
        caption=f"{_caption(rows, measure)} {remark}".strip(),
        alt=_alt(rows, measure),
        rows=tuple(asdict(row) for row in rows),
    )


def _trial(row: CurveRow) -> tuple[str, int, int]:
    """Return what tells the trial of `row` from the others."""
    return row.cell, row.length, row.seed


def _panel(length: int) -> str:
    """Return the name of the panel of one length."""
    return f"T = {length}"


def _points(
    rows: Sequence[CurveRow], measure: Measure, styles: dict[str, CellStyle]
) -> list[dict[str, Any]]:
    """Return the points of all lines; the last one of each is marked as its end."""
    drawn = [(row, value) for row in rows if (value := measure.of(row)) is not None]
    last: dict[tuple[str, int, int], int] = {}
    for row, _ in drawn:
        last[_trial(row)] = max(row.step, last.get(_trial(row), row.step))
    return [
        {
            "cell": row.cell,
            "dash": styles[row.cell].dash,
            "panel": _panel(row.length),
            "seed": row.seed,
            "step": row.step,
            "y": float(f"{value:.5g}"),  # finer than a pixel, and a third of the page's size
            "end": row.step == last[_trial(row)],
        }
        for row, value in drawn
    ]


def _lines(styles: dict[str, CellStyle]) -> list[Any]:
    """Return the lines, their ends, and unseen marks that answer the pointer."""
    tips = [
        alt.Tooltip("cell:N"),
        alt.Tooltip("panel:N", title="length"),
        alt.Tooltip("seed:Q"),
        alt.Tooltip("step:Q", format=","),
        alt.Tooltip("y:Q", title="value", format=".3~g"),
    ]
    label = "datum.value ? format(datum.value, '~s') : '0'"
    axis = alt.Axis(title=None, labelExpr=label, tickCount=4, labelFlush=False, labelOverlap=True)
    base = alt.Chart().encode(
        x=alt.X("step:Q", axis=axis, scale=alt.Scale(zero=True, nice=False)),
        color=frame.colour(styles),
        detail=alt.Detail("seed:N"),
    )
    focus = frame.focus()
    faded = frame.faded(focus)
    lines = base.mark_line(strokeWidth=1.2).encode(strokeDash=frame.dash(), opacity=faded)
    ends = base.mark_point(filled=True, size=26).transform_filter("datum.end")
    answers = base.mark_point(filled=True, size=70)
    return [
        lines.add_params(focus),
        ends.encode(shape=frame.mark(styles), opacity=faded),
        answers.encode(opacity=alt.OpacityValue(0), tooltip=tips),
    ]


def _caption(rows: Sequence[CurveRow], measure: Measure) -> str:
    """Return the sentences that say what each line stands for."""
    trials = {_trial(row) for row in rows}
    seeds = Counter((cell, length) for cell, length, _ in trials)
    return (
        f"{measure.words.capitalize()} on training batches, one panel per length $T$. One line "
        f"per seed ({frame.counted(seeds.values(), 'seed')} per cell and length); its mark shows "
        "where that seed stopped training."
    )


def _alt(rows: Sequence[CurveRow], measure: Measure) -> str:
    """Return the chart in words: where the lines of each length end."""
    ends = {_trial(row): row for row in sorted(rows, key=lambda row: row.step)}
    parts = []
    for length in sorted({row.length for row in rows}):
        last = [measure.of(row) for row in ends.values() if row.length == length]
        values = [value for value in last if value is not None]
        span = f"{min(values):.3g} to {max(values):.3g}" if values else "no finite value"
        parts.append(f"T = {length}: {span}")
    return (
        f"{measure.words.capitalize()} on training batches against the step. At the end of "
        f"training, over all trials: {'; '.join(parts)}."
    )
