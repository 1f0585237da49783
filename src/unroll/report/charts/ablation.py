"""How far each change of training carries, alone and left out, between two recipes."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from unroll.records import Horizon, Reading
from unroll.report.ablation_rows import AblationRow
from unroll.report.charts import frame
from unroll.report.charts.palette import HAIR, INK, PAPER, SOFT, Palette
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.names import cell_name
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_HEAD_PX = 26
_LANE_PX = 26
_FOOT_PX = 10
_NAME_PX = 104
_APART_PX = 6
_CLOSE = 3
"""Lengths whose ratio is below this lie side by side on a narrow page."""
_ALONE, _WITHOUT = "assignment + this change", "learned − this change"
_ENDS = {"assignment": [3, 3], "learned": [1, 0]}
_SHAPES = {_ALONE: "circle", _WITHOUT: "diamond"}


@unchecked()
def horizons_by_change(
    rows: Sequence[AblationRow],
    *,
    lengths: Sequence[int],
    palette: Palette,
    figure_id: str = "ablation",
    remark: str = "",
) -> Figure:
    """Draw, for each change, the horizon with it alone and the horizon without it alone.

    Upright lines stand where the two recipes themselves come to. `lengths` are those that could
    be tried; `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until it is measured")
    marks, ends, heads, height = _places(rows, palette)
    return Figure(
        id=figure_id,
        spec=frame.finished(
            alt.layer(*_grounds(heads, ends, lengths), *_marks(marks, lengths)), height=height
        ),
        caption=f"{_caption(marks, ends)} {remark}".strip(),
        alt=_alt(marks, ends),
        rows=tuple(asdict(row) for row in rows),
    )


def _places(
    rows: Sequence[AblationRow], palette: Palette
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]], int]:
    """Return the marks, the upright lines, the words at the left, and the height of all in px."""
    marks: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    heads: list[dict[str, Any]] = []
    top = 0.0
    for cell in dict.fromkeys(row.cell for row in rows):
        mine = [row for row in rows if row.cell == cell]
        colour = palette.styles[cell].light
        changes = list(dict.fromkeys(row.change for row in mine if row.change))
        heads.append({"words": cell_name(cell), "y": top + 14, "weight": "bold"})
        below = top + _HEAD_PX + _LANE_PX * len(changes)
        ends += _named_apart(
            [
                {**_reach(found), "cell": cell, "words": place, "place": place, "colour": colour}
                | {"y": top + 18, "y2": below, "dash": dash, "align": "center"}
                for place, dash in _ENDS.items()
                if (found := [row for row in mine if row.place == place])
            ]
        )
        for index, change in enumerate(changes):
            middle = top + _HEAD_PX + _LANE_PX * (index + 0.5)
            heads.append({"words": change, "y": middle, "weight": "normal"})
            for place, name, way in (("alone", _ALONE, -1), ("without", _WITHOUT, 1)):
                if found := [r for r in mine if (r.place, r.change) == (place, change)]:
                    marks.append(
                        {**_reach(found), "cell": cell, "change": change, "way": name}
                        | {"y": middle + way * _APART_PX, "colour": colour}
                    )
        top = below + _FOOT_PX
    return marks, ends, heads, int(top)


def _named_apart(ends: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the two upright lines of a cell with names that do not lie on one another."""
    if len(ends) < 2:
        return ends
    near, far = sorted(ends, key=lambda end: float(end["reached"]))
    if near["reached"] == far["reached"]:
        return [{**ends[0], "words": "assignment = learned"}, {**ends[1], "words": ""}]
    if far["reached"] < _CLOSE * near["reached"]:
        near["align"] = "right"
    return ends


def _reach(rows: Sequence[AblationRow]) -> dict[str, Any]:
    """Return where the seeds of one way came to: the median, the range, and that in words."""
    horizon = Horizon(
        unit="steps",
        criterion="",
        budget="",
        readings=tuple(
            Reading(seed=r.seed, last_passed=r.last_passed, first_failed=r.first_failed)
            for r in rows
        ),
    )
    low, high = horizon.range
    told = _said(horizon.median) + (" or more" if horizon.is_open else "")
    return {
        "reached": horizon.median or 1,
        "low": low or 1,
        "high": high or 1,
        "open": horizon.is_open,
        "none": horizon.median is None,
        "seeds": len(rows),
        "said": told if low == high else f"{told} ({_said(low)}–{_said(high)})",
    }


def _said(length: int | None) -> str:
    return "none" if length is None else f"{length:,}"


def _y(field: str) -> "alt.Y":
    return alt.Y(f"{field}:Q", scale=None, axis=None)


def _x(field: str, lengths: Sequence[int]) -> "alt.X":
    """Return the axis of lengths, behind the words at the left."""
    axis = alt.Axis(
        title="horizon T (steps; logarithmic)",
        values=list(lengths),
        format=",d",
        grid=True,
        gridColor=HAIR,
        labelOverlap="greedy",
    )
    scale = alt.Scale(
        type="log",
        domain=[min(lengths) * 0.7, max(lengths) * 1.5],
        range=[_NAME_PX, alt.ExprRef("width")],
        nice=False,
        clamp=True,
    )
    return alt.X(f"{field}:Q", scale=scale, axis=axis)


def _grounds(
    heads: Sequence[dict[str, Any]], ends: Sequence[dict[str, Any]], lengths: Sequence[int]
) -> list[Any]:
    """Return the words at the left, and the lines where the two recipes come to."""
    words = alt.Chart(frame.data(heads)).encode(y=_y("y"), text=alt.Text("words:N"))
    rules = alt.Chart(frame.data(ends)).encode(
        x=_x("reached", lengths), color=alt.Color("colour:N", scale=None)
    )
    names = rules.encode(y=_y("y"), text=alt.Text("words:N"))
    cells = words.transform_filter("datum.weight == 'bold'").mark_text(
        align="left", fontSize=12.5, fontWeight="bold", color=INK
    )
    changes = words.transform_filter("datum.weight == 'normal'").mark_text(
        align="left", fontSize=12.5, color=SOFT
    )
    return [
        cells.encode(x=alt.XValue(0)),
        changes.encode(x=alt.XValue(0)),
        rules.mark_rule(strokeWidth=1.4, opacity=0.75).encode(
            y=_y("y"), y2=alt.Y2("y2"), strokeDash=frame.dash()
        ),
        names.transform_filter("datum.align == 'center'").mark_text(fontSize=11.5, dy=-8),
        names.transform_filter("datum.align == 'right'").mark_text(
            fontSize=11.5, dy=-8, dx=6, align="right"
        ),
    ]


def _marks(marks: Sequence[dict[str, Any]], lengths: Sequence[int]) -> list[Any]:
    """Return the range and the median of each change, alone and left out."""
    base = alt.Chart(frame.data(marks)).encode(y=_y("y"), color=alt.Color("colour:N", scale=None))
    tips = [
        alt.Tooltip("cell:N"),
        alt.Tooltip("way:N", title="trained by"),
        alt.Tooltip("change:N"),
        alt.Tooltip("said:N", title="horizon"),
        alt.Tooltip("seeds:Q"),
    ]
    shape = alt.Shape(
        "way:N",
        title=None,
        scale=alt.Scale(domain=list(_SHAPES), range=list(_SHAPES.values())),
        legend=frame.folded(_SHAPES, symbolFillColor=INK, symbolStrokeColor=INK, offset=10),
    )
    return [
        base.mark_rule(strokeWidth=1.6).encode(x=_x("low", lengths), x2=alt.X2("high:Q")),
        base.mark_point(filled=True, stroke=PAPER, strokeWidth=1, size=110, opacity=1).encode(
            x=_x("reached", lengths), shape=shape, tooltip=tips
        ),
        base.transform_filter("datum.open")
        .mark_text(text="→", align="left", dx=7, dy=-0.5, fontSize=15, fontWeight="bold")
        .encode(x=_x("reached", lengths)),
    ]


def _caption(marks: Sequence[dict[str, Any]], ends: Sequence[dict[str, Any]]) -> str:
    seeds = [mark["seeds"] for mark in (*marks, *ends)]
    spread = "; line: lowest to highest seed" if max(seeds) > 1 else ""
    told = [
        f"How far each change carries: median horizon of {frame.counted(seeds, 'seed')}{spread}. "
        "Circle: `assignment` with this change alone; diamond: `learned` without it. Upright "
        "lines: `assignment` (dashed) and `learned` (solid) themselves."
    ]
    if any(mark["open"] for mark in (*marks, *ends)):
        told.append("Arrow: the longest length tried was solved, so that no end was seen.")
    if any(mark["none"] for mark in (*marks, *ends)):
        told.append("At the left edge: not even the shortest length was solved.")
    return " ".join(told)


def _alt(marks: Sequence[dict[str, Any]], ends: Sequence[dict[str, Any]]) -> str:
    told = [f"{end['cell']}, {end['place']}: {end['said']}" for end in ends]
    told += [f"{m['cell']}, {m['way']} ({m['change']}): {m['said']}" for m in marks]
    return f"Horizons in steps, median over seeds. {'; '.join(told)}."
