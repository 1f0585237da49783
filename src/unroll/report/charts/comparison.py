"""Who answers what: every trained network of an experiment in every case that it was tested in."""

import statistics
import textwrap
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from unroll.report.charts import frame
from unroll.report.charts.palette import HAIR, INK, CellStyle, Palette
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.graph_rows import ContestRow
from unroll.report.markup import inert
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_LANE_PX = 17
_HEAD_PX = 25
_FOOT_PX = 12
_LETTER_PX = 6.3
_TITLE_LETTERS = 48
ROLES = {
    "trained": "as trained",
    "further": "beyond what was trained on",
    "other": "trained in another way",
    "losing": "where the winner must lose",
}
"""What a case is there for."""
_DECADES = 30
"""Errors whose ratio is greater stand on a logarithmic axis."""


@unchecked()
def contest_dots(
    rows: Sequence[ContestRow],
    *,
    metric: Literal["accuracy", "error"],
    unit: str,
    palette: Palette,
    figure_id: str,
    remark: str = "",
) -> Figure:
    """Draw one lane a contestant under the name of each case: a dot a seed, a bar at the median.

    `unit` says what the values are; `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until it is measured")
    styles = palette.select(row.contestant for row in rows)
    lanes, heads, height = _places(rows, styles)
    known = [row for row in rows if row.value is not None]
    x = _x([float(row.value or 0.0) for row in known], metric, unit)
    layers = [
        *_grounds(heads, x),
        *_marks(known, lanes, styles, x),
    ]
    return Figure(
        id=figure_id,
        spec=frame.finished(alt.layer(*layers), height=height),
        caption=f"{_caption(rows, metric)} {remark}".strip(),
        alt=_alt(rows, unit),
        rows=tuple(asdict(row) for row in rows),
    )


def _places(
    rows: Sequence[ContestRow], styles: dict[str, CellStyle]
) -> tuple[dict[tuple[str, str], float], list[dict[str, Any]], int]:
    """Return the height of each lane, the heads of the cases, and the height of all, in px."""
    lanes: dict[tuple[str, str], float] = {}
    heads: list[dict[str, Any]] = []
    top = 0.0
    for case in dict.fromkeys(row.case for row in rows):
        mine = [row for row in rows if row.case == case]
        present = [name for name in styles if any(row.contestant == name for row in mine)]
        bottom = top + _HEAD_PX + _LANE_PX * len(present)
        heads.append(
            {
                "case": case,
                "role": ROLES[mine[0].role],
                "words": f"{case} · {ROLES[mine[0].role]}",
                "losing": mine[0].role == "losing",
                "chance": mine[0].chance,
                "head": top + _HEAD_PX / 2,
                "top": top,
                "first": top + _HEAD_PX,
                "bottom": bottom,
            }
        )
        for index, name in enumerate(present):
            lanes[case, name] = top + _HEAD_PX + _LANE_PX * (index + 0.5)
        top = bottom + _FOOT_PX
    return lanes, heads, int(top)


def _x(values: Sequence[float], metric: str, unit: str) -> "alt.X":
    """Return the axis of values: from 0 to 1, from 0 on, or logarithmic."""
    positive = [value for value in values if value > 0]
    if metric == "accuracy":
        axis = alt.Axis(title=_lines(unit), format=".1f", tickCount=6, grid=True)
        return alt.X("x:Q", scale=alt.Scale(domain=[0, 1.01], nice=False), axis=axis)
    if len(positive) == len(values) and positive and max(positive) > _DECADES * min(positive):
        axis = alt.Axis(title=_lines(f"{unit} (logarithmic)"), format="~g", tickCount=5, grid=True)
        ends = [min(positive) / 1.3, max(positive) * 1.3]
        return alt.X("x:Q", scale=alt.Scale(type="log", domain=ends, nice=False), axis=axis)
    axis = alt.Axis(title=_lines(unit), format=",~r", tickCount=6, grid=True)
    top = 1.06 * max(values, default=1.0)
    return alt.X("x:Q", scale=alt.Scale(domain=[0, top or 1.0], nice=False), axis=axis)


def _lines(words: str) -> list[str]:
    """Return a title in lines that fit on a phone."""
    return textwrap.wrap(words, _TITLE_LETTERS)


def _y(field: str) -> "alt.Y":
    return alt.Y(f"{field}:Q", scale=None, axis=None)


def _grounds(heads: Sequence[dict[str, Any]], x: "alt.X") -> list[Any]:
    """Return the names of the cases, the ground of those that are lost, and the chance lines."""
    # A long name stands alone where there is no room for more.
    fitted = f"length(datum.words) * {_LETTER_PX} > width ? datum.case : datum.words"
    base = alt.Chart(frame.data(heads)).transform_calculate(fitted=fitted)
    ground = base.transform_filter("datum.losing").mark_rect(color=HAIR, opacity=0.35)
    name = base.mark_text(align="left", baseline="middle", fontSize=12.5, color=INK)
    chance = base.transform_filter("isValid(datum.chance)").transform_calculate(
        x="datum.chance", said="'chance ' + format(datum.chance, '.2f')"
    )
    rule = chance.mark_rule(color=INK, strokeDash=[1, 3], strokeWidth=1.4)
    return [
        ground.encode(x=alt.XValue(0), x2=alt.X2Value("width"), y=_y("top"), y2=alt.Y2("bottom:Q")),
        name.encode(x=alt.XValue(2), y=_y("head"), text=alt.Text("fitted:N")),
        rule.encode(
            x=x,
            y=_y("first"),
            y2=alt.Y2("bottom:Q"),
            tooltip=[alt.Tooltip("said:N", title="level")],
        ),
    ]


def _marks(
    rows: Sequence[ContestRow],
    lanes: dict[tuple[str, str], float],
    styles: dict[str, CellStyle],
    x: "alt.X",
) -> list[Any]:
    """Return the bars at the medians and the dots of the seeds."""
    focus = frame.focus("contestant")
    shared = {
        "color": frame.colour(styles, "contestant").legend(frame.folded(styles)),
        "opacity": frame.faded(focus),
    }
    tips = [
        alt.Tooltip("contestant:N"),
        alt.Tooltip("case:N"),
        alt.Tooltip("seed:Q"),
        alt.Tooltip("x:Q", title="value", format=".4~f"),
        alt.Tooltip("examples:Q", format=","),
    ]
    middle = alt.Chart(frame.data(_medians(rows, lanes)))
    lowest = x.copy()
    lowest.shorthand = "low:Q"
    span = middle.mark_rule(strokeWidth=3, strokeOpacity=0.3)
    bar = middle.mark_rule(strokeWidth=2.4)
    dot = alt.Chart(frame.data(_dots(rows, lanes))).mark_point(filled=True, size=46)
    return [
        span.encode(**shared, x=lowest, x2=alt.X2("high:Q"), y=_y("y")).add_params(focus),
        bar.encode(**shared, x=x, y=_y("top"), y2=alt.Y2("bottom:Q")),
        dot.encode(**shared, x=x, y=_y("y"), shape=frame.mark(styles, "contestant"), tooltip=tips),
    ]


def _medians(
    rows: Sequence[ContestRow], lanes: dict[tuple[str, str], float]
) -> list[dict[str, Any]]:
    """Return the middle and the ends of each lane."""
    values: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        values[row.case, row.contestant].append(float(row.value or 0.0))
    return [
        {
            "case": case,
            "contestant": name,
            "x": statistics.median(found),
            "low": min(found),
            "high": max(found),
            "y": lanes[case, name],
            "top": lanes[case, name] - 7.5,
            "bottom": lanes[case, name] + 7.5,
        }
        for (case, name), found in values.items()
    ]


def _dots(rows: Sequence[ContestRow], lanes: dict[tuple[str, str], float]) -> list[dict[str, Any]]:
    """Return one dot a trained network."""
    return [
        {
            "case": row.case,
            "contestant": row.contestant,
            "seed": row.seed,
            "x": row.value,
            "y": lanes[row.case, row.contestant],
            "examples": row.examples,
        }
        for row in rows
    ]


def _caption(rows: Sequence[ContestRow], metric: str) -> str:
    """Return the sentences that say what each mark stands for."""
    seeds: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        seeds[row.case, row.contestant] += 1
    told = [
        f"Each mark is one trained network ({frame.counted(seeds.values(), 'seed')}); the upright "
        "bar is the median, the pale one goes from the lowest to the highest seed."
    ]
    if metric == "error":
        told.append("Less is better.")
    if any(row.chance is not None for row in rows):
        told.append("Dotted: chance.")
    if any(row.role == "losing" for row in rows):
        told.append("Shaded: cases made for the usual winner to lose.")
    if lost := sum(row.value is None for row in rows):
        names = dict.fromkeys(inert(row.contestant) for row in rows if row.value is None)
        told.append(f"Without a finite value: {lost} ({', '.join(names)}).")
    return " ".join(told)


def _alt(rows: Sequence[ContestRow], unit: str) -> str:
    """Return the chart in words: every median."""
    told = []
    for case in dict.fromkeys(row.case for row in rows):
        found: defaultdict[str, list[float]] = defaultdict(list)
        for row in rows:
            if row.case == case and row.value is not None:
                found[row.contestant].append(row.value)
        values = (f"{name} {statistics.median(values):.3g}" for name, values in found.items())
        told.append(f"Case {case}: {'; '.join(values)}")
    return f"{unit}, median over seeds. {'. '.join(told)}."
