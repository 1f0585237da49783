"""What all charts share: their look, their axes, how they take the width of the page."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from unroll.report.charts.palette import HAIR, INK, SOFT, CellStyle
from unroll.report.extra import Extra

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

SANS = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', sans-serif"
)
_PANELS = {"panelPx": 115, "columns": 3, "axisPx": 60, "gapPx": 22}
"""Of several panels: the least width of one, how many stand side by side at most, the width of the
axis beside the first, and the gap between two. The page's script reads the same numbers."""

_AXIS_ALIKE_PX = 40
"""The width of the axis beside each panel of a column, so that all begin at one place."""

_ROOM = "room"
"""The parameter of each chart that holds the width it was fitted to, in px."""

_TEXT = {"labelColor": SOFT, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12.5}
_LOOK: dict[str, Any] = {
    "aria": False,  # the page describes the whole chart; hundreds of marks would drown it
    "facet": {"spacing": _PANELS["gapPx"]},
    "background": None,
    "font": SANS,
    "padding": {"left": 4, "right": 10, "top": 4, "bottom": 4},
    "view": {"stroke": None},
    "axis": {
        **_TEXT,
        "titleFontWeight": "normal",
        "domainColor": SOFT,
        "tickColor": SOFT,
        "tickSize": 4,
        "labelPadding": 5,
        "gridColor": HAIR,
        "gridWidth": 0.7,
    },
    "axisX": {"grid": False, "titlePadding": 8},
    # Read without turning one's head: the title of a vertical axis lies above it.
    "axisY": {
        "domain": False,
        "ticks": False,
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "end",
        "titleBaseline": "bottom",
        "titleX": -30,
        "titleY": -9,
    },
    "legend": {
        **_TEXT,
        "labelColor": INK,
        "labelFontSize": 13,
        "labelLimit": 320,
        "orient": "top",
        "title": None,
        "symbolSize": 90,
        "columnPadding": 22,
        "padding": 0,
        "offset": 34,
    },
    "header": {
        "labelColor": INK,
        "labelFontSize": 12.5,
        "labelAnchor": "start",
        "labelPadding": 8,
        "title": None,
    },
    "title": {
        "color": INK,
        "font": SANS,
        "fontSize": 12.5,
        "fontWeight": "normal",
        "anchor": "start",
        "offset": 12,
    },
}


def finished(
    chart: Any,
    *,
    height: int,
    panels: int = 0,
    panel_px: int = _PANELS["panelPx"],
    axis_px: int = _PANELS["axisPx"],
) -> dict[str, Any]:
    """Return the specification of `chart` in the house's look.

    One chart takes the width of the page and is `height` px high; of several `panels`, each is,
    and the page decides how many of them stand side by side, none narrower than `panel_px`,
    beside an axis of `axis_px`.
    """
    spec: dict[str, Any] = chart.to_dict(validate=False)
    spec["datasets"] = _listed(spec["datasets"])
    spec["params"] = [*spec.get("params", []), {"name": _ROOM, "value": 0}]
    if panels:
        spec["config"] = _LOOK | {"legend": _LOOK["legend"] | {"offset": 16}}
        spec["spec"] |= {"height": height}
        spec["usermeta"] = {"panels": panels, **_PANELS, "panelPx": panel_px, "axisPx": axis_px}
    else:
        spec["config"] = _LOOK
        spec |= {"width": "container", "height": height}
        spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec


def finished_columns(
    columns: Sequence[Sequence[Any]], *, panel_px: int, gap_px: int, within_px: int
) -> dict[str, Any]:
    """Return the specification of columns of panels, each panel with axes of its own.

    As many `columns` stand side by side as fit, `gap_px` apart beside their axes; the panels of
    one, charts without parameters, share its colours and shapes and stand `within_px` apart.
    """
    # Put together here, as altair copies every part of a chart at every concatenation.
    context: dict[str, Any] = {"top_level": False, "datasets": {}}
    stacks = [
        {
            "vconcat": [panel.to_dict(validate=False, context=context) for panel in panels],
            "spacing": within_px,
        }
        for panels in columns
    ]
    own = {"panelPx": panel_px, "gapPx": gap_px}
    return {
        "$schema": alt.SCHEMA_URL,
        "concat": stacks,
        "columns": _PANELS["columns"],
        "spacing": gap_px - _AXIS_ALIKE_PX,
        "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        "datasets": _listed(context["datasets"]),
        "params": [{"name": _ROOM, "value": 0}],
        "config": _LOOK | {"axisY": _LOOK["axisY"] | {"minExtent": _AXIS_ALIKE_PX}},
        "usermeta": {"panels": len(columns), **_PANELS, **own},
    }


def _listed(datasets: Mapping[str, Iterable[Any]]) -> dict[str, list[Any]]:
    """Return the rows of `data` as the lists that they are in the finished specification."""
    return {name: list(rows) for name, rows in datasets.items()}


def fitted(spec: Mapping[str, Any], width: int) -> dict[str, Any]:
    """Return `spec` for one width in px; of several panels, as many side by side as fit."""
    layout = spec.get("usermeta", {})
    params = [
        param | {"value": width} if param["name"] == _ROOM else param
        for param in spec.get("params", [])
    ]
    if "panels" not in layout:
        return {**spec, "params": params, "width": width}
    room = (width - layout["axisPx"]) // layout["panelPx"]
    fitting = max(1, min(layout["panels"], layout["columns"], room))
    columns = math.ceil(layout["panels"] / math.ceil(layout["panels"] / fitting))
    panel = (width - layout["axisPx"] - layout["gapPx"] * (columns - 1)) // columns
    if "concat" in spec:
        stacks = [
            {**stack, "vconcat": [{**inner, "width": panel} for inner in stack["vconcat"]]}
            for stack in spec["concat"]
        ]
        return {**spec, "params": params, "columns": columns, "concat": stacks}
    inner = {**spec["spec"], "width": panel}
    return {**spec, "params": params, "columns": columns, "spec": inner}


def data(rows: Iterable[Mapping[str, Any]]) -> "alt.InlineData":
    """Return `rows` as data that lie inside the specification; JSON has no number but a finite."""
    # A tuple, since of a list altair makes copies, row by row, at every step of a chart.
    return alt.InlineData(
        values=tuple({name: _or_null(value) for name, value in row.items()} for row in rows)
    )


def _or_null(value: Any) -> Any:
    """Return `value`, or None for a number that is not finite."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def colour(styles: Mapping[str, CellStyle], field: str = "cell") -> "alt.Color":
    """Return the colour of each cell, or of what `field` holds; its legend stands above."""
    scale = alt.Scale(domain=list(styles), range=[style.light for style in styles.values()])
    return alt.Color(f"{field}:N", scale=scale, title=None)


def mark(styles: Mapping[str, CellStyle], field: str = "cell") -> "alt.Shape":
    """Return the mark of each cell; it joins the legend of the colours."""
    scale = alt.Scale(domain=list(styles), range=[style.shape for style in styles.values()])
    return alt.Shape(f"{field}:N", scale=scale, title=None)


def dash() -> "alt.StrokeDash":
    """Return the dash that each row names itself.

    A scale of dashes would enter the legend too, and break up the outlines of its marks.
    """
    return alt.StrokeDash("dash:N", scale=None)


def stroke(styles: Mapping[str, CellStyle], field: str) -> "alt.StrokeDash":
    """Return the dash of each line, for a chart whose legend shows lines instead of marks."""
    scale = alt.Scale(domain=list(styles), range=[list(style.dash) for style in styles.values()])
    return alt.StrokeDash(f"{field}:N", scale=scale, title=None)


def folded(names: Iterable[str], **look: Any) -> "alt.Legend":
    """Return a legend in as many columns as fit side by side in the width of the chart."""
    entry_px = 44 + 7 * max(len(name) for name in names)
    columns = alt.ExprRef(f"max(1, floor({_ROOM} / {entry_px}))")
    return alt.Legend(columns=columns, rowPadding=5, labelLimit=0, **look)


def focus(field: str = "cell") -> Any:
    """Return a choice of cells, or of what `field` holds, made by clicks on the legend."""
    return alt.selection_point(fields=[field], bind="legend", name="focus")


def faded(choice: Any) -> Any:
    """Return the opacity that lets all but the chosen cells recede."""
    return alt.OpacityValue(value=0.08, condition=[{"param": choice.name, "value": 1}])


def length_axis(lengths: Iterable[int], title: str = "T, length of the sequence (steps)") -> Any:
    """Return the axis of lengths, marked where a length was tested."""
    tested = sorted(set(lengths))
    ticks = tested if len(tested) <= 16 else tested[:: len(tested) // 12 + 1]
    return alt.Axis(title=title, values=ticks, format="d", labelOverlap="greedy")


def counted(numbers: Iterable[int], noun: str) -> str:
    """Return how many there are of something, where that may differ from place to place.

    >>> counted([3, 3], "seed"), counted([1, 3], "seed"), counted([1], "seed")
    ('3 seeds', '1 to 3 seeds', '1 seed')
    """
    low, high = min(numbers := list(numbers)), max(numbers)
    amount = f"{low}" if low == high else f"{low} to {high}"
    return f"{amount} {noun}{'' if high == 1 else 's'}"


def median_line(seeds: Iterable[int], *, spread: str = "band") -> str:
    """Return the sentence that says what a line and its `spread` stand for; one seed has none.

    >>> median_line([3, 3]), median_line([1, 1])
    ('Line: median of 3 seeds; band: lowest to highest seed.', '1 seed each.')
    """
    number = counted(seeds := list(seeds), "seed")
    if max(seeds) <= 1:
        return f"{number} each."
    return f"Line: median of {number}; {spread}: lowest to highest seed."
