"""How far back a character model looks: its loss by the true characters left, and influence."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from unroll.report.charts import frame, spans
from unroll.report.charts.decades import Decades
from unroll.report.charts.palette import Palette
from unroll.report.charts.traces import Sample, layers, points, said
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.section import Figure
from unroll.report.text_rows import ContextRow, InfluenceRow

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

FOREIGN = "foreign text"
_HEIGHT = 280


@unchecked()
def loss_by_context(
    rows: Sequence[ContextRow],
    *,
    palette: Palette,
    figure_id: str = "text-context",
    remark: str = "",
) -> Figure:
    """Draw the loss against the number of true characters before the one predicted.

    Solid after foreign text, dashed from a zero state.
    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until it is measured")
    styles = palette.select(row.training for row in rows)
    spots = spans.spots_of(
        ((row.training, row.distance, row.start, row.loss_nats) for row in rows),
        dashes={row.start: spans.SOLID if row.start == FOREIGN else spans.DASHED for row in rows},
        marked=FOREIGN,
    )
    title = "k, true characters before the one predicted (logarithmic)"
    tips = [
        alt.Tooltip("condition:N", title="before them"),
        alt.Tooltip("x:Q", title="k", format=","),
        alt.Tooltip("y:Q", title="loss (nats)", format=".3f"),
        alt.Tooltip("seeds:Q"),
    ]
    y = spans.value_axis([row.loss_nats for row in rows], title="nats per character")
    x = _distance_axis(sorted({row.distance for row in rows}), title)
    after_foreign = [spot for spot in spots if spot.condition == FOREIGN]
    return Figure(
        id=figure_id,
        spec=spans.finished(spots, styles, x=x, y=y, tips=tips),
        caption="Held-out loss where only the last $k$ characters are the true ones. Solid: what "
        "stands before them is another passage of the same book; dashed: nothing does, the state "
        f"begins at zero. {frame.median_line(len(spot.values) for spot in spots)} {remark}".strip(),
        alt="Held-out loss in nats by the number of true characters, median over seeds. "
        f"{spans.said(after_foreign, '{y:.2f} at k = {x:,}')}.",
        rows=tuple(asdict(row) for row in rows),
    )


@unchecked()
def influence_by_distance(
    rows: Sequence[InfluenceRow],
    *,
    palette: Palette,
    figure_id: str = "text-influence",
    remark: str = "",
) -> Figure:
    """Draw ‖∂ log p / ∂ embedding(t − k)‖ against k, both axes logarithmic.

    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until it is measured")
    styles = palette.select(row.training for row in rows)
    norms: defaultdict[tuple[str, int], list[float | None]] = defaultdict(list)
    for row in rows:
        norms[row.training, row.distance].append(row.norm)
    samples = [
        Sample(line=training, x=distance, values=tuple(values))
        for (training, distance), values in sorted(norms.items())
    ]
    decades = Decades.of((row.norm for row in rows), height=_HEIGHT, lanes=len(styles))
    distances = sorted({row.distance for row in rows})
    ticks = [k for k in distances if k & (k - 1) == 0] or distances
    x = _distance_axis(ticks, "k, characters back (logarithmic)", (distances[0], distances[-1]))
    lines = layers(styles, decades, x=x, tip="k", y="‖∂ log p / ∂ embedding‖ (logarithmic)")
    drawn_from = frame.median_line(len(sample.values) for sample in samples)
    return Figure(
        id=figure_id,
        spec=frame.finished(
            alt.layer(*lines, data=frame.data(points(samples, styles, decades))), height=_HEIGHT
        ),
        caption="How much the probability of the true next character hangs on the character $k$ "
        "back: the norm of the derivative of its logarithm by that character's embedding, mean "
        f"over places. {drawn_from} "
        f"{said(samples, decades)} {remark}".strip(),
        alt="Norm of the derivative of log p by the embedding k characters back, median over "
        f"seeds. {_ends(samples)}.",
        rows=tuple(asdict(row) for row in rows),
    )


def _distance_axis(
    ticks: Sequence[int], title: str, ends: tuple[int, int] | None = None
) -> "alt.X":
    low, high = ends or (ticks[0], ticks[-1])
    room = max(high / low, 2.0) ** 0.015
    return spans.log_axis((low / room, max(high, low + 1) * room), title=title, ticks=ticks)


def _ends(samples: Sequence[Sample]) -> str:
    told = []
    for line in dict.fromkeys(sample.line for sample in samples):
        mine = [sample for sample in samples if sample.line == line]
        told.append(
            f"{line}: {mine[0].median:.2g} at k = {mine[0].x:g}, {mine[-1].median:.2g} at "
            f"k = {mine[-1].x:g}"
        )
    return "; ".join(told)
