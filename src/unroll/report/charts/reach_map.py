"""How much of one node's news every node holds after each update, by powers and by Jacobian."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.node_names import LETTER_PX, letters, shortened
from unroll.report.charts.palette import ACCENT, HAIR, INK, PAPER, SOFT
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.graph_rows import ReachRow
from unroll.report.markup import inert
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_ROW_PX = 30
_READABLE = 12
"""Among so many nodes a value has room for its digits."""
_HEADED = 24
"""Among so many nodes each column has room for its head, if that stands upright."""
_HEAD_PX = 13
"""The width of a column with an upright head."""
_PANEL_PX = 260
_INKS = (
    ("datum.shade > 0.55", PAPER),
    ("datum.shade > 0 && datum.shade <= 0.55", INK),
    ("datum.shade == 0", SOFT),
)
"""By how dark a cell is, the ink of its value."""
_POWER, _JACOBIAN = "(Âᵏ) of node and source", "‖∂h⁽ᵏ⁾ / ∂x(source)‖"


@unchecked()
def reach_cells(
    rows: Sequence[ReachRow],
    *,
    figure_id: str = "reach-map",
    remark: str = "",
) -> Figure:
    """Draw nodes × updates, by distance from the source: one panel for Âᵏ, one for the Jacobian.

    `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until it is measured")
    nodes = sorted({row.node: row.hops for row in rows}.items(), key=_by_hops)
    updates = sorted({row.updates for row in rows})
    points = [
        point
        for panel, field in ((_POWER, "power"), (_JACOBIAN, "jacobian"))
        for point in _points(rows, panel, field, [name for name, _ in nodes])
    ]
    height = _ROW_PX * len(updates)
    is_readable = len(nodes) <= _READABLE
    panel_px = max(_PANEL_PX, _HEAD_PX * len(nodes)) if len(nodes) <= _HEADED else 150
    axis = _heads([_axis_name(*node) for node in _short_names(nodes)], panel_px)
    chart = (
        alt.layer(*_layers(axis, nodes, updates, is_readable=is_readable), data=frame.data(points))
        .facet(facet=alt.Facet("panel:N", sort=[_POWER, _JACOBIAN]), columns=2)
        .properties(title="k, updates, downwards; nodes by their distance")
        .resolve_axis(x="independent", y="independent")
    )
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=height, panels=2, panel_px=panel_px, axis_px=40),
        caption=_caption(rows, nodes, remark),
        alt=_alt(rows, nodes),
        rows=tuple(asdict(row) for row in rows),
    )


def _by_hops(node: tuple[str, int | None]) -> tuple[bool, int]:
    return node[1] is None, node[1] or 0


def _points(
    rows: Sequence[ReachRow], panel: str, field: str, nodes: Sequence[str]
) -> list[dict[str, Any]]:
    """Return one cell a row; its shade is its share of the greatest value, on a root's scale."""
    values = [float(getattr(row, field)) for row in rows]
    most = max(values) or 1.0
    return [
        {
            "panel": panel,
            "x": nodes.index(row.node),
            "y": row.updates,
            "node": row.node,
            "value": float(f"{value:.4g}"),
            "text": _short(value),
            # A root lets what is small but there be seen beside what is not there.
            "shade": 0.0 if value == 0 else round(0.15 + 0.85 * (value / most) ** 0.5, 3),
        }
        for row, value in zip(rows, values, strict=True)
    ]


def _short(value: float) -> str:
    """Return a value as it fits into a cell.

    >>> _short(0.0), _short(0.034), _short(1.0), _short(0.00012)
    ('0', '.03', '1', '1e-4')
    """
    if value == 0:
        return "0"
    if value < 0.01:
        return f"{value:.0e}".replace("e-0", "e-")
    return f"{value:.2f}".lstrip("0") if value < 1 else f"{value:.2g}" if value < 10 else "≥10"


def _short_names(nodes: Sequence[tuple[str, int | None]]) -> list[tuple[str, int | None]]:
    shorts = shortened([name for name, _ in nodes])
    return [(short, hops) for short, (_, hops) in zip(shorts, nodes, strict=True)]


def _heads(names: Sequence[str], panel_px: int) -> Any:
    """Return the axis of the nodes; its labels stand upright where they would meet lying."""
    widest = LETTER_PX * max(letters(name) for name in names)
    upright: dict[str, Any] = {"labelAngle": -90, "labelAlign": "left", "labelBaseline": "middle"}
    return alt.Axis(
        title=None,
        values=[index + 0.5 for index in range(len(names))],
        labelExpr=f"{json.dumps(names, ensure_ascii=False)}[floor(datum.value)]",
        ticks=False,
        domain=False,
        labelColor=INK,
        labelOverlap=False if len(names) <= _HEADED else "greedy",
        orient="top",
        **(upright if widest > panel_px / len(names) else {}),
    )


def _layers(
    axis: Any, nodes: Sequence[tuple[str, int | None]], updates: Sequence[int], *, is_readable: bool
) -> list[Any]:
    """Return the cells, those that hold nothing left empty, and their values."""
    scale = alt.Scale(domain=[0, len(nodes)], nice=False, zero=False)
    first, last = updates[0], updates[-1]
    down = alt.Axis(
        title=None,
        values=[k + 0.5 for k in updates],
        labelExpr="'k = ' + floor(datum.value)",
        grid=False,
        labelColor=INK,
    )
    place = {
        "x": alt.X("left:Q", scale=scale, axis=axis),
        "y": alt.Y("y:Q", scale=alt.Scale(domain=[last + 1, first], nice=False), axis=down),
    }
    base = alt.Chart().transform_calculate(
        left="datum.x + 0.03", right="datum.x + 0.97", below="datum.y + 0.94"
    )
    shade = alt.FillOpacity("shade:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None)
    tips = [
        alt.Tooltip("node:N"),
        alt.Tooltip("y:Q", title="updates"),
        alt.Tooltip("value:Q", format=".4g"),
    ]
    cells = base.mark_rect(fill=ACCENT, stroke=HAIR, strokeWidth=0.8, cornerRadius=2).encode(
        **place, x2=alt.X2("right:Q"), y2=alt.Y2("below:Q"), fillOpacity=shade, tooltip=tips
    )
    if not is_readable:
        return [cells]
    middle = base.transform_calculate(left="datum.x + 0.5", y="datum.y + 0.5")
    words = middle.mark_text(fontSize=11).encode(**place, text=alt.Text("text:N"))
    return [
        cells,
        *(words.transform_filter(shade).encode(color=alt.ColorValue(ink)) for shade, ink in _INKS),
    ]


def _axis_name(name: str, hops: int | None) -> str:
    return f"{name} · {'∞' if hops is None else hops}"


def _caption(rows: Sequence[ReachRow], nodes: Sequence[tuple[str, int | None]], remark: str) -> str:
    """Return the sentences that say what a cell is, and whether empty ones are where they must."""
    source = inert(nodes[0][0])
    beyond = [row for row in rows if row.hops is None or row.hops > row.updates]
    within = [row for row in rows if row.hops is not None and row.hops <= row.updates]
    zeros = sum(row.power == 0 and row.jacobian == 0 for row in beyond)
    filled = sum(row.power != 0 and row.jacobian != 0 for row in within)
    return (
        f"What each node holds of {source} after k updates; beside each name, its hops from "
        f"{source}. First panel: the entry of $Â^k$, which sums over all walks of k steps. Second: "
        "the norm of the Jacobian of a real stack of k layers. A cell without shade is exactly 0: "
        f"so are {zeros} of the {len(beyond)} cells where k is less than the hops, and "
        f"{len(within) - filled} of the {len(within)} others. {remark}"
    ).strip()


def _alt(rows: Sequence[ReachRow], nodes: Sequence[tuple[str, int | None]]) -> str:
    """Return the map in words: after which update each node first holds something."""
    told = []
    for name, hops in nodes:
        mine = [row for row in rows if row.node == name]
        power = min((row.updates for row in mine if row.power), default=None)
        jacobian = min((row.updates for row in mine if row.jacobian), default=None)
        told.append(f"{name} ({'no way' if hops is None else hops}): {power} and {jacobian}")
    return (
        "First update after which a node holds something of the source, by powers and by "
        f"Jacobian, with its hops in brackets: {'; '.join(told)}."
    )
