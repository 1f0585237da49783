"""The names of the nodes of a drawing: within their circles, or beside them where too long."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from unroll.report.charts.canvas import Canvas, at
from unroll.report.charts.palette import INK, PAPER
from unroll.report.extra import Extra
from unroll.report.graph_rows import PlacedNode

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

MOST_INSIDE = 3
"""A longer name, in letters, does not fit into the circle of a node."""
LONGEST = 12
"""A longer name, in letters, is shortened where it stands beside a node or heads a column."""
LETTER_PX = 7.0
"""About the width of a letter of a name beside a node."""
_LINE_PX = 14.0
NO_ROOM = "A name that finds no room is shown when its node is pointed at."

Box = tuple[float, float, float, float]
"""Left, top, right and bottom of what covers a part of the drawing, in px."""


def letters(text: str) -> int:
    """Return how many letters wide `text` is; those of East Asian scripts are two wide.

    >>> letters("Bern"), letters("東京"), letters("e\u0301")
    (4, 4, 1)
    """
    return sum(
        0 if unicodedata.combining(mark) else 1 + (unicodedata.east_asian_width(mark) in "WF")
        for mark in text
    )


def shortened(names: Sequence[str]) -> list[str]:
    """Return the names, none wider than `LONGEST` letters; those that begin alike keep their ends.

    >>> shortened(["Bern", "A very long name", "Measuring station 1", "Measuring station 2"])
    ['Bern', 'A very long…', 'Measur…ion 1', 'Measur…ion 2']
    """
    plain = [_cut(name, LONGEST, 0) for name in names]
    alike = Counter(plain)
    return [
        _cut(name, LONGEST // 2 + 1, LONGEST // 2 - 1) if alike[short] > 1 else short
        for name, short in zip(names, plain, strict=True)
    ]


def _cut(name: str, first: int, last: int) -> str:
    """Return the start and the end of a name that is too long, an ellipsis between them."""
    if letters(name) <= LONGEST:
        return name
    start = next(name[:end] for end in range(len(name), -1, -1) if letters(name[:end]) < first)
    end = next(name[cut:] for cut in range(len(name) + 1) if letters(name[cut:]) <= last)
    return f"{start.rstrip()}…{end.lstrip()}"


def has_long_names(nodes: Sequence[PlacedNode]) -> bool:
    """Return whether some name has to stand beside its node."""
    return any(letters(node.name) > MOST_INSIDE for node in nodes)


def placed_names(
    nodes: Sequence[PlacedNode],
    canvas: Canvas,
    *,
    radius: float,
    widths: Sequence[int],
    most_inside: int = MOST_INSIDE,
) -> list[dict[str, Any]]:
    """Return what to write for each node: `named` into it, or `beside` it, moved by `dx` and `dy`.

    A name beside its node covers neither a node nor another name. It is tried at the `widths` of
    the room in px, from the narrowest; `least` is the first one where it has found a place, 0 for
    the narrowest of all. A name that finds none is left out.
    """
    shorts = shortened([node.name for node in nodes])
    rows: list[dict[str, Any]] = [
        {"named": node.name if letters(node.name) <= most_inside else ""} for node in nodes
    ]
    for width in sorted(widths):
        spots = [canvas.spot(node, width) for node in nodes]
        taken = [(x - radius, y - radius, x + radius, y + radius) for x, y in spots]
        taken += [
            _box(spot, row, width) for spot, row in zip(spots, rows, strict=True) if "beside" in row
        ]
        for node, spot, short, row in zip(nodes, spots, shorts, rows, strict=True):
            if row["named"] or "beside" in row:
                continue
            for place in _places(short, radius, is_above=node.y > 0.5):
                box = _box(spot, place, width)
                if box[1] >= 0 and box[3] <= canvas.height and not _covers(box, taken):
                    taken.append(box)
                    row |= {**place, "least": 0 if width == min(widths) else width}
                    break
    return rows


def is_crowded(rows: Sequence[dict[str, Any]]) -> bool:
    """Return whether a name is left out, be it only where the room is narrowest."""
    return any(not row["named"] and row.get("least") != 0 for row in rows)


def _places(short: str, radius: float, *, is_above: bool) -> Iterator[dict[str, Any]]:
    """Return where a name may stand: away from the middle of the drawing first."""
    half = round(LETTER_PX * letters(short) / 2, 1)
    down, right = round(radius + _LINE_PX / 2 + 1, 1), round(radius + 3 + half, 1)
    away = -down if is_above else down
    for dx, dy in ((0.0, away), (0.0, -away), (right, 0.0), (-right, 0.0)):
        yield {"beside": short, "dx": dx, "dy": dy, "half": half}


def _box(spot: tuple[float, float], place: dict[str, Any], width: int) -> Box:
    half = place["half"]
    x = min(max(spot[0] + place["dx"], half), width - half)
    y = spot[1] + place["dy"]
    return x - half, y - _LINE_PX / 2, x + half, y + _LINE_PX / 2


def _covers(box: Box, others: Sequence[Box]) -> bool:
    left, top, right, bottom = box
    return any(
        left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
        for other in others
    )


def beside(base: Any, canvas: Canvas, **encoded: Any) -> list[Any]:
    """Return the names beside their nodes, on ground that keeps the edges below them off."""
    wanted = base.transform_filter(f"isValid(datum.beside) && {canvas.width} >= datum.least")
    moved = wanted.transform_calculate(
        at_px=f"clamp(datum.x_px + datum.dx, datum.half, {canvas.width} - datum.half)",
        on_px="datum.y_px + datum.dy",
    )
    look = {"fontSize": 11.5, "fontWeight": 500}
    ground = moved.mark_text(color=PAPER, stroke=PAPER, strokeWidth=4, strokeJoin="round", **look)
    place = at("at", "on")
    return [
        layer.encode(**place, text=alt.Text("beside:N"), **encoded)
        for layer in (ground, moved.mark_text(color=INK, **look))
    ]
