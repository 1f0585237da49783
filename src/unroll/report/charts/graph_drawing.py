"""A graph drawn, each node in the colour of the class that it was given."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.canvas import Canvas, at
from unroll.report.charts.node_names import (
    MOST_INSIDE,
    NO_ROOM,
    beside,
    has_long_names,
    is_crowded,
    placed_names,
)
from unroll.report.charts.palette import INK, PAPER, SOFT, CellStyle, Palette
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.graph_rows import ClassifiedNode, check_positions
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

NAMED = 60
"""A drawing of more nodes leaves out their names."""
DENSE = 400
"""A drawing of more nodes is of small dots and faint edges."""
_WIDTHS = (330, 480, 680)
"""Widths of the drawing, in px, at which names are given places."""
_RADIUS = 16.0
"""Of a node with its ring, in px, where nodes are named."""
_MARKS = ("circle", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
"""The marks of classes that come to the same colour, one after another."""
_ROLES = {"train": "trained on", "validation": "validation", "test": "test", "none": "in no split"}


@unchecked()
def classified_graph(
    nodes: Sequence[ClassifiedNode],
    edges: Sequence[Sequence[int]],
    *,
    classes: Sequence[str],
    figure_id: str = "graph-classified",
    remark: str = "",
) -> Figure:
    """Draw a graph, its nodes in the colours of the classes predicted, those in error ringed.

    `remark` is marked-up text that ends the caption.
    Raises: ValueError without nodes, or for an edge to a node that is not there.
    """
    check_positions(figure_id, nodes, edges)
    is_dense, is_named = len(nodes) > DENSE, len(nodes) <= NAMED
    styles = _marked(Palette.of_classes(classes).select(classes))
    most_inside = MOST_INSIDE if _colours(styles) == len(styles) else 0
    is_beside = is_named and (not most_inside or has_long_names(nodes))
    canvas = Canvas(height=480 if is_dense else 420, margin=32 if is_beside else 16, aspect=1.1)
    names = (
        placed_names(nodes, canvas, radius=_RADIUS, widths=_WIDTHS, most_inside=most_inside)
        if is_named
        else []
    )
    thin = {"strokeWidth": 0.35, "opacity": 0.7} if is_dense else {"strokeWidth": 1, "opacity": 0.6}
    chart = alt.layer(
        canvas.lines(nodes, edges, color=SOFT, **thin),
        *_node_layers(nodes, names, canvas, styles),
    )
    told = (_caption(nodes, edges), _sharing(styles), NO_ROOM * is_crowded(names), remark)
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=canvas.height),
        caption=" ".join(filter(None, told)),
        alt=_alt(nodes, classes),
        rows=tuple(asdict(node) for node in nodes),
    )


def _colours(styles: dict[str, CellStyle]) -> int:
    return len({style.light for style in styles.values()})


def _marked(styles: dict[str, CellStyle]) -> dict[str, CellStyle]:
    """Return the styles with circles for marks, and others once the colours come again."""
    colours = _colours(styles)
    return {
        name: replace(style, shape=_MARKS[index // colours % len(_MARKS)])
        for index, (name, style) in enumerate(styles.items())
    }


def _sharing(styles: dict[str, CellStyle]) -> str:
    """Return the sentence that says how classes of one colour are told apart, if there are any."""
    colours = _colours(styles)
    if colours == len(styles):
        return ""
    return (
        f"{len(styles)} classes share {colours} colours: those of one colour differ by their "
        "marks, but for the squares; a node names its class when it is pointed at."
    )


def _node_layers(
    nodes: Sequence[ClassifiedNode],
    names: Sequence[dict[str, Any]],
    canvas: Canvas,
    styles: dict[str, CellStyle],
) -> list[Any]:
    """Return the nodes, the rings of those in error, and the names."""
    classes, is_shared = list(styles), _colours(styles) < len(styles)
    size = 330 if names else 80 if len(nodes) <= DENSE else 16
    rows = [_row(node) for node in nodes]
    if names:
        rows = [{**row, **name} for row, name in zip(rows, names, strict=True)]
    base = _told(canvas.placed(alt.Chart(frame.data(rows))), classes)
    tips = [
        alt.Tooltip("name:N", title="node"),
        alt.Tooltip("predicted:N"),
        alt.Tooltip("label:N", title="is"),
        alt.Tooltip("role:N"),
    ]
    focus = frame.focus("predicted")
    circles = {} if is_shared else {"symbolType": "circle"}
    folded = frame.folded(styles, symbolOpacity=1, **circles)
    shared = {
        **at(),
        "color": frame.colour(styles, "predicted").legend(folded),
        "opacity": frame.faded(focus),
        "tooltip": tips,
    }
    marks = {"shape": frame.mark(styles, "predicted")} if is_shared else {}
    rest, known, ring = _marks(base, size, is_named=bool(names))
    layers = [
        rest.encode(**shared, **marks).add_params(focus),
        known.encode(**shared),
        ring.encode(**at(), opacity=frame.faded(focus), tooltip=tips),
    ]
    if names:
        text = base.mark_text(color=PAPER, fontSize=10.5, fontWeight=600)
        layers.append(text.encode(**at(), text=alt.Text("named:N"), tooltip=tips))
    if any("beside" in name for name in names):
        layers += beside(base, canvas, opacity=frame.faded(focus), tooltip=tips)
    return layers


def _told(chart: Any, classes: Sequence[str]) -> Any:
    """Return `chart` with class, label and role by name: in the rows names would fill the page."""
    listed = json.dumps(classes, ensure_ascii=False)
    return chart.transform_calculate(
        predicted=f"{listed}[datum.p]",
        label=f"isValid(datum.l) ? {listed}[datum.l] : 'unknown'",
        role=f"{json.dumps(list(_ROLES.values()))}[datum.r]",
    )


def _marks(base: Any, size: int, *, is_named: bool) -> tuple[Any, Any, Any]:
    """Return the nodes that were not trained on, those that were, and the rings of errors."""
    edge = {"stroke": PAPER, "strokeWidth": 1 if size > 20 else 0.3}
    rest = base.transform_filter("datum.r != 0").mark_point(filled=True, size=size, **edge)
    known = base.transform_filter("datum.r == 0").mark_point(
        filled=True, size=1.5 * size, shape="square", **edge
    )
    ring = base.transform_filter("isValid(datum.l) && datum.l != datum.p && datum.r != 0")
    width = 2.2 if is_named else 0.8
    ringed = ring.mark_point(filled=False, stroke=INK, size=2.1 * size, strokeWidth=width)
    return rest, known, ringed


def _row(node: ClassifiedNode) -> dict[str, Any]:
    role = list(_ROLES).index(node.role)
    place = {"name": node.name, "x": node.x, "y": node.y}
    return {**place, "p": node.predicted, "l": node.label, "r": role}


def _caption(nodes: Sequence[ClassifiedNode], edges: Sequence[Sequence[int]]) -> str:
    """Return the sentences that say what each mark stands for."""
    judged = [node for node in nodes if node.role != "train" and node.label is not None]
    wrong = sum(node.is_wrong for node in judged)
    trained = sum(node.role == "train" for node in nodes)
    return (
        f"{len(nodes):,} nodes and {len(edges):,} edges; each node has the colour of the class "
        f"predicted. Squares: the {trained:,} nodes whose class was trained on. Ringed: "
        f"{wrong:,} of the other {len(judged):,} nodes, where the prediction is wrong."
    )


def _alt(nodes: Sequence[ClassifiedNode], classes: Sequence[str]) -> str:
    """Return the drawing in words: how many nodes each class was given."""
    given = Counter(node.predicted for node in nodes)
    told = ", ".join(f"{name}: {given[index]:,}" for index, name in enumerate(classes))
    wrong = [node.name for node in nodes if node.is_wrong and node.role != "train"]
    which = f" ({', '.join(wrong)})" if 0 < len(wrong) <= 12 else ""
    return (
        f"A graph of {len(nodes):,} nodes, coloured by the class predicted: {told}. "
        f"Predicted wrong: {_nodes(len(wrong))}{which}."
    )


def _nodes(number: int) -> str:
    return f"{number:,} node{'' if number == 1 else 's'}"
