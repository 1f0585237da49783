"""A graph drawn once for each update: how far the news of one node has come."""

from collections.abc import Sequence
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
from unroll.report.charts.palette import ACCENT, INK, PAPER, SOFT
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.graph_rows import PlacedNode, check_positions
from unroll.report.markup import inert
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_NAMED = 60
"""Drawings of more nodes leave out their names."""
_WIDE = ((215, 200), (320, 260))
"""Widths and heights of a panel, in px, with names beside nodes: the first with room for all."""
_GAP_PX = 15
"""By so much a panel may be narrower than is asked for: the gaps between panels."""
_RADIUS = 16.0
"""Of a node with its ring, in px."""


@unchecked()
def spreading_news(
    nodes: Sequence[PlacedNode],
    edges: Sequence[Sequence[int]],
    hops: Sequence[int | None],
    *,
    target: int,
    is_directed: bool = False,
    most_panels: int = 9,
    figure_id: str = "graph-hops",
    remark: str = "",
) -> Figure:
    """Draw the graph after 0, 1, 2, … updates, the nodes that the source's news has reached filled.

    `hops` holds each node's distance from the source, None where there is no way; `edges` are
    (source, target).
    Raises: ValueError without nodes, for an edge to a node that is not there, or without a source.
    """
    check_positions(figure_id, nodes, edges)
    if 0 not in hops:
        raise ValueError(f"{figure_id}: hops must hold 0 once, for the source")
    last = max(hop for hop in hops if hop is not None)
    shown = range(min(last + 1, most_panels))
    canvas, panel_px, names = _room(nodes)
    is_long = any("beside" in name for name in names)
    panels = {k: _panel(k) for k in shown}
    rows = [
        {**row, "panel": panel}
        for k, panel in panels.items()
        for row in (*_edge_rows(nodes, edges, hops, k), *_state_rows(nodes, names, hops, k, target))
    ]
    layers = _hop_layers(canvas, is_directed=is_directed, is_long=is_long)
    facet = alt.Facet("panel:N", sort=list(panels.values()))
    chart = alt.layer(*layers, data=frame.data(rows)).facet(facet=facet, columns=3)
    spec = frame.finished(
        chart.resolve_axis(x="independent"),
        height=canvas.height,
        panels=len(shown),
        panel_px=panel_px,
        axis_px=12,
    )
    told = [
        _caption(nodes[hops.index(0)].name, nodes[target].name),
        f"Shown are the first {most_panels} of {last + 1}." * (last >= most_panels),
        NO_ROOM * (len(nodes) <= _NAMED and is_crowded(names)),
        remark,
    ]
    return Figure(
        id=figure_id,
        spec=spec,
        caption=" ".join(filter(None, told)),
        alt=_hops_alt(nodes, hops),
        rows=tuple({**asdict(node), "hops": hop} for node, hop in zip(nodes, hops, strict=True)),
    )


def _room(nodes: Sequence[PlacedNode]) -> tuple[Canvas, int, list[dict[str, Any]]]:
    """Return the room of a panel, its least width in px, and the names to write into it."""
    look: dict[str, Any] = {"aspect": 1.15, "width": "child_width"}
    if len(nodes) > _NAMED or not has_long_names(nodes):
        names = [{"named": node.name if len(nodes) <= _NAMED else ""} for node in nodes]
        return Canvas(height=170, margin=17, **look), 150, names
    for width, height in _WIDE:
        # A name below a node needs more room than the node.
        canvas = Canvas(height=height, margin=32, **look)
        names = placed_names(nodes, canvas, radius=_RADIUS, widths=[width - _GAP_PX])
        if not is_crowded(names):
            break
    return canvas, width, names


def _caption(source: str, target: str) -> str:
    """Return the sentence that says what each mark stands for, on light ground and on dark."""
    return (
        f"What has heard of {inert(source)}, the source, after each update. The source has the "
        "colour of the text; nodes that its news has reached are filled; the edges that carried "
        f"it last are strong. Ringed: {inert(target)}, the target."
    )


def _panel(updates: int) -> str:
    return "before any update" if not updates else f"after {frame.counted([updates], 'update')}"


def _state_rows(
    nodes: Sequence[PlacedNode],
    names: Sequence[dict[str, Any]],
    hops: Sequence[int | None],
    updates: int,
    target: int,
) -> list[dict[str, Any]]:
    """Return one row a node: what it has heard after so many updates."""
    states = []
    for hop in hops:
        has_heard = hop is not None and hop <= updates
        states.append("source" if hop == 0 else "heard" if has_heard else "not yet")
    return [
        {
            "kind": "node",
            **asdict(node),
            "state": state,
            "hops": "no way" if hop is None else str(hop),
            "is_target": index == target,
            **names[index],
        }
        for index, (node, hop, state) in enumerate(zip(nodes, hops, states, strict=True))
    ]


def _edge_rows(
    nodes: Sequence[PlacedNode],
    edges: Sequence[Sequence[int]],
    hops: Sequence[int | None],
    updates: int,
) -> list[dict[str, Any]]:
    """Return one row an edge; it is strong where the news crossed it in this update."""
    rows = []
    for source, target in edges:
        one, other = nodes[source], nodes[target]
        here, there = hops[source], hops[target]
        crossed = {here, there} == {updates - 1, updates} and updates > 0
        rows.append(
            {
                "kind": "edge",
                "x": one.x,
                "y": one.y,
                "x2": other.x,
                "y2": other.y,
                "strong": crossed,
            }
        )
    return rows


def _hop_layers(canvas: Canvas, *, is_directed: bool, is_long: bool) -> list[Any]:
    """Return the edges, the nodes and their names, of one panel."""
    edges = canvas.placed(
        canvas.placed(alt.Chart().transform_filter("datum.kind == 'edge'")), "x2", "y2"
    )
    ends = {**at(), "x2": alt.X2("x2_px:Q"), "y2": alt.Y2("y2_px:Q")}
    weak = edges.transform_filter("!datum.strong").mark_rule(color=SOFT, strokeWidth=1, opacity=0.7)
    strong = edges.transform_filter("datum.strong").mark_rule(color=ACCENT, strokeWidth=4)
    nodes = canvas.placed(alt.Chart().transform_filter("datum.kind == 'node'"))
    states = {"source": INK, "heard": ACCENT, "not yet": PAPER}
    fill = alt.Fill(
        "state:N",
        scale=alt.Scale(domain=list(states), range=list(states.values())),
        legend=None,
    )
    letters = {"source": PAPER, "heard": PAPER, "not yet": INK}
    inks = alt.Color(
        "state:N",
        scale=alt.Scale(domain=list(letters), range=list(letters.values())),
        legend=None,
    )
    tips = [alt.Tooltip("name:N", title="node"), alt.Tooltip("hops:N"), alt.Tooltip("state:N")]
    ring = nodes.transform_filter("datum.is_target").mark_point(
        filled=False, stroke=INK, size=720, strokeWidth=1.4
    )
    dot = nodes.mark_point(size=430, stroke=SOFT, strokeWidth=1.2, opacity=1, fillOpacity=1)
    name = nodes.mark_text(fontWeight=600)
    font_px = alt.condition("length(datum.named) > 2", alt.value(10), alt.value(12.5))
    layers = [weak.encode(**ends), strong.encode(**ends)]
    if is_directed:
        layers.append(_heads(edges))
    return [
        *layers,
        ring.encode(**at()),
        dot.encode(**at(), fill=fill, tooltip=tips),
        name.encode(**at(), text=alt.Text("named:N"), size=font_px, color=inks, tooltip=tips),
        *(beside(nodes, canvas, tooltip=tips) if is_long else []),
    ]


def _heads(edges: Any) -> Any:
    """Return the heads of arrows, where an edge meets its target's outline."""
    turn = "atan2(datum.y2_px - datum.y_px, datum.x2_px - datum.x_px)"
    placed = edges.transform_calculate(
        turn=f"90 + 180 / PI * {turn}",
        head_px=f"datum.x2_px - 16 * cos({turn})",
        foot_px=f"datum.y2_px - 16 * sin({turn})",
    )
    return placed.mark_point(shape="triangle", filled=True, size=70, color=SOFT, opacity=1).encode(
        x=alt.X("head_px:Q", scale=None, axis=None),
        y=alt.Y("foot_px:Q", scale=None, axis=None),
        angle=alt.Angle("turn:Q", scale=None),
    )


def _hops_alt(nodes: Sequence[PlacedNode], hops: Sequence[int | None]) -> str:
    """Return the drawing in words: who is reached after how many updates."""
    told = []
    for hop in sorted({hop for hop in hops if hop is not None}):
        names = [node.name for node, other in zip(nodes, hops, strict=True) if other == hop]
        told.append(f"{', '.join(names)} after {hop}" if hop else f"{names[0]} is the source")
    never = [node.name for node, hop in zip(nodes, hops, strict=True) if hop is None]
    end = f"; never: {', '.join(never)}" if never else ""
    return f"The graph after each update; reached are: {'; '.join(told)}{end}."
