"""The paths of optimisers over a ravine: steep across, almost level along."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeAlias

from unroll.report.charts import frame
from unroll.report.charts.palette import INK, PAPER, SOFT, CellStyle, Palette
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.rows import PathRow, RavineSurface
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_HEIGHT = 260
_PANEL_PX = 230
_CORNERS = 60
_LEVELS = 6
_FARTHEST = 1.3
"""How far the panels reach at most, in distances from the lowest point to the furthest start."""
_MARGIN = 0.06


@unchecked()
def ravine_paths(
    rows: Sequence[PathRow],
    *,
    surfaces: Sequence[RavineSurface],
    palette: Palette,
    figure_id: str = "ravine-paths",
    remark: str = "",
) -> Figure:
    """Draw the path of each optimiser over each surface's contours, one panel per surface.

    `palette` is one of optimisers; `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row, or when a path's surface is not among `surfaces`.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until a trial is in")
    drawn = {row.surface for row in rows}
    if missing := sorted(drawn - {surface.name for surface in surfaces}):
        raise ValueError(f"{figure_id}: surfaces must name every path's, got none for {missing}")
    styles = palette.select(row.optimiser for row in rows)
    panels = [surface.name for surface in surfaces if surface.name in drawn]
    box = _box(rows)
    points = [
        *(p for surface in surfaces if surface.name in drawn for p in _contours(surface, box)),
        *_path(rows),
    ]
    chart = (
        alt.layer(_contour(), *_lines(styles), _lowest(), data=frame.data(points))
        .encode(x=_axis(alt.X, "x", box[0]), y=_axis(alt.Y, "y", box[1]))
        .facet(facet=alt.Facet("panel:N", sort=panels), columns=3)
        .properties(title="second parameter y against first parameter x")
        .resolve_axis(x="independent")
    )
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=_HEIGHT, panels=len(panels), panel_px=_PANEL_PX),
        caption=f"{_caption(rows, box)} {remark}".strip(),
        alt=_alt(rows, panels),
        rows=tuple(asdict(row) for row in rows),
    )


Box: TypeAlias = tuple[tuple[float, float], tuple[float, float]]
"""The ends of a panel in x and in y."""


def _box(rows: Sequence[PathRow]) -> Box:
    """Return the box that holds the paths and the lowest point, but for paths that go far away."""
    first = min(row.step for row in rows)
    start = max(math.hypot(row.x, row.y) for row in rows if row.step == first) or 1.0
    x = _ends([row.x for row in rows], start)
    y = _ends([row.y for row in rows], start)
    return x, y


def _ends(places: Sequence[float], start: float) -> tuple[float, float]:
    """Return the ends of one axis."""
    most = _FARTHEST * start
    found = [min(max(place, -most), most) for place in places if math.isfinite(place)]
    low, high = min(0.0, *found), max(0.0, *found)
    room = max(_MARGIN * (high - low), 0.1 * start)
    return low - room, high + room


def _axis(channel: Any, field: str, ends: tuple[float, float]) -> Any:
    """Return one of the two axes."""
    scale = alt.Scale(domain=list(ends), nice=False, zero=False)
    return channel(f"{field}:Q", scale=scale, axis=alt.Axis(title=None, tickCount=5, format="~r"))


def _contours(surface: RavineSurface, box: Box) -> list[dict[str, Any]]:
    """Return ellipses of equal height; the outermost passes the corners of the panel."""
    angle = math.radians(surface.angle_degrees)
    top = max(_height(surface, x, y) for x in box[0] for y in box[1])
    points = []
    for index in range(_LEVELS):
        level = top / 4**index  # each ellipse is half as wide as the one around it
        for corner in range(_CORNERS + 1):
            turn = 2 * math.pi * corner / _CORNERS
            u = math.sqrt(2 * level) * math.cos(turn)
            v = math.sqrt(2 * level / surface.curvature) * math.sin(turn)
            points.append(
                {
                    "kind": "contour",
                    "panel": surface.name,
                    "level": index,
                    "order": corner,
                    "x": round(u * math.cos(angle) - v * math.sin(angle), 3),
                    "y": round(u * math.sin(angle) + v * math.cos(angle), 3),
                }
            )
    return points


def _height(surface: RavineSurface, x: float, y: float) -> float:
    """Return ½(u² + κ v²) at x, y."""
    angle = math.radians(surface.angle_degrees)
    u = x * math.cos(angle) + y * math.sin(angle)
    v = -x * math.sin(angle) + y * math.cos(angle)
    return (u * u + surface.curvature * v * v) / 2


def _path(rows: Sequence[PathRow]) -> list[dict[str, Any]]:
    """Return the points of the paths that are numbers, the first of each marked as its start."""
    first = min(row.step for row in rows)
    return [
        {
            "kind": "start" if row.step == first else "path",
            "panel": row.surface,
            "optimiser": row.optimiser,
            "rate": row.rate,
            "order": row.step,
            "x": float(f"{row.x:.4g}"),
            "y": float(f"{row.y:.4g}"),
            "loss": f"{row.loss:.3g}",
        }
        for row in rows
        if math.isfinite(row.x) and math.isfinite(row.y)
    ]


def _contour() -> Any:
    """Return the contours."""
    contour = alt.Chart().transform_filter("datum.kind == 'contour'")
    line = contour.mark_line(color=SOFT, strokeWidth=0.7, strokeOpacity=0.6, clip=True)
    return line.encode(detail=alt.Detail("level:N"), order=alt.Order("order:Q"))


def _lowest() -> Any:
    """Return the cross at the lowest point."""
    one = alt.Chart().transform_filter("datum.kind == 'contour' && datum.level + datum.order == 0")
    cross = one.mark_point(shape="cross", filled=True, fill=INK, stroke=PAPER, size=90)
    return cross.encode(x=alt.XDatum(0), y=alt.YDatum(0))


def _lines(styles: dict[str, CellStyle]) -> list[Any]:
    """Return the paths, a mark per step, and a ring where they begin."""
    focus = frame.focus("optimiser")
    base = alt.Chart().encode(
        color=frame.colour(styles, "optimiser").legend(frame.folded(styles)),
        opacity=frame.faded(focus),
    )
    path = base.transform_filter("datum.kind == 'path' || datum.kind == 'start'")
    tips = [
        alt.Tooltip("optimiser:N"),
        alt.Tooltip("rate:Q", format="~g"),
        alt.Tooltip("order:Q", title="step", format=","),
        alt.Tooltip("x:Q"),
        alt.Tooltip("y:Q"),
        alt.Tooltip("loss:N", title="height"),
    ]
    start = alt.Chart().transform_filter("datum.kind == 'start'")
    return [
        path.mark_line(strokeWidth=1.5, clip=True)
        .encode(order=alt.Order("order:Q"))
        .add_params(focus),
        path.mark_point(filled=True, size=16, clip=True).encode(
            shape=frame.mark(styles, "optimiser"), tooltip=tips
        ),
        start.mark_point(filled=True, fill=PAPER, stroke=INK, strokeWidth=1.5, size=55),
    ]


def _caption(rows: Sequence[PathRow], box: Box) -> str:
    """Return the sentences that say what each line stands for."""
    parts = [
        "Paths of the optimisers from one starting point (ring) towards the lowest point (cross); "
        "each mark is one step, and each contour stands four times as high as the next one inside.",
    ]
    gone = {
        (row.surface, row.optimiser)
        for row in rows
        if not (box[0][0] <= row.x <= box[0][1] and box[1][0] <= row.y <= box[1][1])
    }
    if gone:
        names = ", ".join(dict.fromkeys(optimiser for _, optimiser in sorted(gone)))
        parts.append(f"Paths that leave the panel are cut off at its edge ({names}).")
    return " ".join(parts)


def _alt(rows: Sequence[PathRow], panels: list[str]) -> str:
    """Return the chart in words: where each path ends."""
    parts = []
    for panel in panels:
        ends = {
            row.optimiser: row
            for row in sorted(rows, key=lambda row: row.step)
            if row.surface == panel
        }
        lines = [
            f"{name} at rate {row.rate:g} reaches height {row.loss:.2g} in {row.step} steps"
            for name, row in ends.items()
        ]
        parts.append(f"{panel}: {', '.join(lines)}")
    return f"Paths of optimisers over surfaces of two parameters. {'; '.join(parts)}."
