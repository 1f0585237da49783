"""How soon a network writes words of the book: their share at each stage of training."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from unroll.report.charts import frame, spans
from unroll.report.charts.palette import INK, SOFT, Palette
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.section import Figure
from unroll.report.text_rows import WordRow

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")


@unchecked()
def known_words_by_stage(
    rows: Sequence[WordRow],
    *,
    palette: Palette,
    held_out: float | None = None,
    figure_id: str = "text-words",
    remark: str = "",
) -> Figure:
    """Draw the share of written words that occur in the text trained on, against the step.

    `held_out` is the same share of the held-out text, which the author wrote.
    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until a text is written")
    styles = palette.select(row.training for row in rows)
    spots = spans.spots_of(
        ((row.training, row.step, "", row.share) for row in rows),
        dashes={"": spans.SOLID},
        marked="",
    )
    tips = [
        alt.Tooltip("x:Q", title="step", format=","),
        alt.Tooltip("y:Q", title="words of the book", format=".1%"),
        alt.Tooltip("seeds:Q"),
    ]
    values = [row.share for row in rows] + ([] if held_out is None else [held_out])
    y = spans.share_axis(values, title="words that occur in the text trained on")
    x = spans.step_axis(row.step for row in rows)
    level = [] if held_out is None else _level(held_out)
    dotted = "" if held_out is None else f"Dotted: the held-out text itself, {held_out:.1%}. "
    return Figure(
        id=figure_id,
        spec=spans.finished(spots, styles, x=x, y=y, tips=tips, ground=level, height=270),
        caption="Share of the words written that occur in the text trained on, by stage of "
        f"training, temperature 1. {frame.median_line(len(spot.values) for spot in spots)} "
        f"{dotted}{remark}".strip(),
        alt="Share of written words that occur in the book, median over seeds. "
        f"{spans.said(spots, '{y:.0%} at step {x:,}')}.",
        rows=tuple(asdict(row) for row in rows),
    )


def _level(share: float) -> list["alt.Chart"]:
    """Return the line of the held-out text, and its name."""
    base = alt.Chart(frame.data([{"y": share, "name": f"held-out text, {share:.0%}"}]))
    rule = base.mark_rule(color=INK, strokeDash=[1, 3], strokeWidth=1.2).encode(y=alt.Y("y:Q"))
    name = base.mark_text(align="left", baseline="top", dy=5, fontSize=11.5, color=SOFT)
    return [rule, name.encode(x=alt.XValue(4), y=alt.Y("y:Q"), text=alt.Text("name:N"))]
