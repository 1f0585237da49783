"""What a GAT layer attends to: every weight on its edge."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.canvas import Canvas, at
from unroll.report.charts.node_names import (
    NO_ROOM,
    beside,
    has_long_names,
    is_crowded,
    placed_names,
)
from unroll.report.charts.palette import INK, PAPER, SOFT, CellStyle
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.graph_rows import AttentionRow, PlacedNode, check_positions
from unroll.report.section import Figure, Scalar

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

NEAR_SHARE = 1.1
"""A weight counts as the neighbour's even share up to so many times it, either way."""
_WIDTHS = (330, 480, 680)
"""Widths of the drawing, in px, at which names are given places."""
_RADIUS = 10.0
_MORE, _EVEN, _LESS = "more than an even share", "about even", "less"


@unchecked()
def attention_drawing(
    nodes: Sequence[PlacedNode],
    rows: Sequence[AttentionRow],
    *,
    figure_id: str = "gat-attention",
    remark: str = "",
) -> Figure:
    """Draw the mean weight of each neighbour as the width of the half of the edge at the listener.

    Raises: ValueError without nodes or rows, or for a weight between nodes that are not there.
    """
    check_positions(figure_id, nodes, [(row.target, row.source) for row in rows])
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until it is measured")
    canvas = Canvas(height=430, margin=26 if has_long_names(nodes) else 16, aspect=1.1)
    names = placed_names(nodes, canvas, radius=_RADIUS, widths=_WIDTHS)
    shares = even_shares(rows)
    halves = [_half(nodes, row, shares[row.target]) for row in rows if row.target != row.source]
    selves = {row.target: row.weight for row in rows if row.target == row.source}
    crowded = f"{NO_ROOM} " if is_crowded(names) else ""
    chart = alt.layer(
        _half_layer(canvas, halves),
        *_node_layers(canvas, nodes, names, selves),
    )
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=canvas.height),
        caption="Attention, mean over heads. Each edge is drawn in two halves: the half at a node "
        "is as wide as the weight that this node gives to the neighbour at the other end. The "
        "colour compares it with an even share of that node's attention, one over the number "
        f"it attends to: about even is within {NEAR_SHARE - 1:.0%}. {crowded}{remark}".strip(),
        alt=_alt(nodes, rows, shares),
        rows=tuple(_table(nodes, rows)),
    )


def even_shares(rows: Sequence[AttentionRow]) -> dict[int, float]:
    """Return for each target what each of its sources would get if all got the same."""
    counts: dict[int, int] = {}
    for row in rows:
        counts[row.target] = counts.get(row.target, 0) + 1
    return {target: 1 / count for target, count in counts.items()}


def _kind(weight: float, share: float) -> str:
    if weight > share * NEAR_SHARE:
        return _MORE
    return _LESS if weight < share / NEAR_SHARE else _EVEN


def _half(nodes: Sequence[PlacedNode], row: AttentionRow, share: float) -> dict[str, Any]:
    """Return the half of an edge that lies at its listener."""
    here, there = nodes[row.target], nodes[row.source]
    return {
        "x": here.x,
        "y": here.y,
        "x2": round((here.x + there.x) / 2, 4),
        "y2": round((here.y + there.y) / 2, 4),
        "target": here.name,
        "source": there.name,
        "weight": round(row.weight, 4),
        "times": round(row.weight / share, 3),
        "kind": _kind(row.weight, share),
    }


def _half_layer(canvas: Canvas, halves: Sequence[dict[str, Any]]) -> Any:
    kinds = {_MORE: "#c2410c", _EVEN: SOFT, _LESS: "#3f93c6"}
    styles: Mapping[str, CellStyle] = {
        name: CellStyle(light=light, dark=light, shape="circle", dash=(1, 0))
        for name, light in kinds.items()
    }
    colour = frame.colour(styles, "kind").legend(
        frame.folded(styles, symbolType="stroke", symbolStrokeWidth=4)
    )
    width = alt.StrokeWidth(
        "weight:Q", scale=alt.Scale(domain=[0, 1], range=[0.4, 16]), legend=None
    )
    placed = canvas.placed(canvas.placed(alt.Chart(frame.data(halves))), "x2", "y2")
    return placed.mark_rule(opacity=0.75).encode(
        **at(),
        x2=alt.X2("x2_px:Q"),
        y2=alt.Y2("y2_px:Q"),
        color=colour,
        strokeWidth=width,
        tooltip=[
            alt.Tooltip("target:N", title="node"),
            alt.Tooltip("source:N", title="attends to"),
            alt.Tooltip("weight:Q", format=".3f"),
            alt.Tooltip("times:Q", title="times an even share", format=".2f"),
        ],
    )


def _node_layers(
    canvas: Canvas,
    nodes: Sequence[PlacedNode],
    names: Sequence[dict[str, Any]],
    selves: Mapping[int, float],
) -> list[Any]:
    rows = [
        {**asdict(node), "self": round(selves.get(index, 0.0), 3), **names[index]}
        for index, node in enumerate(nodes)
    ]
    base = canvas.placed(alt.Chart(frame.data(rows)))
    tips = [alt.Tooltip("name:N", title="node"), alt.Tooltip("self:Q", title="weight of itself")]
    dot = base.mark_point(fill=PAPER, stroke=SOFT, strokeWidth=1.2, size=270, opacity=1)
    text = base.mark_text(color=INK, fontSize=10.5, fontWeight=600)
    return [
        dot.encode(**at(), tooltip=tips),
        text.encode(**at(), text=alt.Text("named:N"), tooltip=tips),
        *(beside(base, canvas, tooltip=tips) if has_long_names(nodes) else []),
    ]


def _table(nodes: Sequence[PlacedNode], rows: Sequence[AttentionRow]) -> list[dict[str, Scalar]]:
    """Return the rows to download: every weight of every head."""
    return [
        {
            "target": nodes[row.target].name,
            "source": nodes[row.source].name,
            "mean": float(f"{row.weight:.5g}"),
            **{f"head {n}": float(f"{w:.5g}") for n, w in enumerate(row.by_head, start=1)},
        }
        for row in rows
    ]


def _alt(
    nodes: Sequence[PlacedNode], rows: Sequence[AttentionRow], shares: Mapping[int, float]
) -> str:
    """Return the drawing in words: the weights furthest above an even share."""
    others = [row for row in rows if row.target != row.source]
    most = sorted(others, key=lambda row: row.weight / shares[row.target], reverse=True)[:5]
    told = (
        f"{nodes[row.target].name} to {nodes[row.source].name} {row.weight:.2f} "
        f"({row.weight / shares[row.target]:.2f} times even)"
        for row in most
    )
    return f"Attention between neighbours; furthest above an even share: {'; '.join(told)}."
