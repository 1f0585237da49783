"""The weights of one node of a GAT layer, its heads side by side."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.node_names import shortened
from unroll.report.charts.palette import ACCENT, HAIR, INK, PAPER
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.graph_rows import AttentionRow
from unroll.report.markup import inert
from unroll.report.section import Figure, Scalar

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_ROW_PX = 24


@unchecked()
def attention_by_head(
    names: Mapping[int, str],
    rows: Sequence[AttentionRow],
    *,
    figure_id: str = "gat-heads",
    remark: str = "",
) -> Figure:
    """Draw the weights of one node, its neighbours by heads.

    Raises: ValueError without rows, or with those of several nodes.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until it is measured")
    if len({row.target for row in rows}) > 1:
        raise ValueError(f"{figure_id}: rows must be of one node, got several")
    target = names[rows[0].target]
    cells = [
        {"x": column, "y": line, "source": names[row.source], "weight": round(weight, 4)}
        for line, row in enumerate(sorted(rows, key=lambda row: -row.weight))
        for column, weight in enumerate((*row.by_head, row.weight))
    ]
    ordered = list(dict.fromkeys(str(cell["source"]) for cell in cells))
    heads = [*(str(n) for n in range(1, len(rows[0].by_head) + 1)), "mean"]
    most = max(max(row.by_head) for row in rows)
    chart = alt.layer(*_cell_layers(heads, ordered, target, most), data=frame.data(cells))
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=_ROW_PX * len(ordered)),
        caption=f"The attention of node {inert(target)}: a line for each node it attends to, "
        f"itself included, a column for each head. Every column sums to one; an even share would "
        f"be {1 / len(rows):.2f}. {remark}".strip(),
        alt=f"Attention of node {target}, mean over heads: "
        + ", ".join(f"{names[row.source]} {row.weight:.2f}" for row in rows)
        + ".",
        rows=tuple(_heads_table(names, rows)),
    )


def _heads_table(names: Mapping[int, str], rows: Sequence[AttentionRow]) -> list[dict[str, Scalar]]:
    return [
        {"node": names[row.target], "attends to": names[row.source], "head": head, "weight": weight}
        for row in rows
        for head, weight in enumerate(row.by_head, start=1)
    ]


def _cell_layers(
    heads: Sequence[str], sources: Sequence[str], target: str, most: float
) -> list[Any]:
    """Return the cells and their values, shaded from 0 to the greatest."""
    place = _place(heads, sources, target)
    base = alt.Chart().transform_calculate(right="datum.x + 0.96", below="datum.y + 0.94")
    shade = alt.FillOpacity(
        "weight:Q", scale=alt.Scale(domain=[0, most], range=[0.04, 1]), legend=None
    )
    tips = [
        alt.Tooltip("source:N", title="attends to"),
        alt.Tooltip("weight:Q", format=".4f"),
    ]
    cells = base.mark_rect(fill=ACCENT, stroke=HAIR, strokeWidth=0.8).encode(
        **place, x2=alt.X2("right:Q"), y2=alt.Y2("below:Q"), fillOpacity=shade, tooltip=tips
    )
    words = alt.Chart().transform_calculate(
        x="datum.x + 0.48", y="datum.y + 0.47", said="format(datum.weight, '.2f')"
    )
    text = words.mark_text(fontSize=10.5)
    strong, weak = (f"datum.weight {sign} {0.6 * most}" for sign in (">", "<="))
    return [
        cells,
        text.transform_filter(strong).encode(
            **place, text=alt.Text("said:N"), color=alt.ColorValue(PAPER)
        ),
        text.transform_filter(weak).encode(
            **place, text=alt.Text("said:N"), color=alt.ColorValue(INK)
        ),
    ]


def _place(heads: Sequence[str], sources: Sequence[str], target: str) -> dict[str, Any]:
    """Return the axes of heads and of the nodes that are attended to."""
    lines = [
        f"{short} (itself)" if name == target else short
        for name, short in zip(sources, shortened(sources), strict=True)
    ]
    top = alt.Axis(
        title="head",
        orient="top",
        values=[n + 0.5 for n in range(len(heads))],
        labelExpr=f"{list(heads)}[floor(datum.value)]",
        ticks=False,
        domain=False,
        labelColor=INK,
    )
    side = alt.Axis(
        title=None,
        values=[n + 0.5 for n in range(len(lines))],
        labelExpr=f"{json.dumps(lines, ensure_ascii=False)}[floor(datum.value)]",
        grid=False,
        labelColor=INK,
        labelOverlap=False,
    )
    return {
        "x": alt.X("x:Q", scale=alt.Scale(domain=[0, len(heads)], nice=False), axis=top),
        "y": alt.Y("y:Q", scale=alt.Scale(domain=[len(lines), 0], nice=False), axis=side),
    }
