"""The panel of use: what is lost when all from a distance on is replaced."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.palette import INK, PAPER, SOFT, CellStyle
from unroll.report.charts.travel_lines import (
    colour,
    dash,
    grouped,
    mark,
    networks,
    seeds_horizon,
    tips,
)
from unroll.report.extra import Extra
from unroll.report.travel_rows import Condition, TravelHorizonRow, TravelRow

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_FLAG = 1.14
"""The height at which a horizon is written, on the axis of shares."""
_MARK, _RING = 95, 210
"""The area of a mark in px², and what is added for one that lies under another."""


def use_layers(
    rows: Sequence[TravelRow],
    horizons: Sequence[TravelHorizonRow],
    styles: Mapping[str, CellStyle],
    conditions: Sequence[Condition],
    x: "alt.X",
) -> list[Any]:
    """Return the layers of the panel of use, with the horizons marked."""
    drawn = [
        {
            "path": path,
            "line": line,
            "condition": condition,
            "x": distance,
            "y": statistics.median(known),
            "low": min(known),
            "high": max(known),
            "seeds": len(known),
        }
        for (path, line, condition, distance), values in grouped(rows).items()
        if (known := [value for value in values if value is not None])
    ]
    scale = alt.Scale(domain=[-0.05, _FLAG + 0.06], nice=False)
    shares = [0, 0.25, 0.5, 0.75, 1]
    axis = alt.Axis(title=None, values=shares, format=".0%")
    y = alt.Y("y:Q", scale=scale, axis=axis)
    lines = alt.Chart(frame.data(drawn)).encode(
        x=x, color=colour(styles), detail=alt.Detail("path:N")
    )
    area = lines.mark_area(fillOpacity=0.10)
    return [
        area.encode(y=alt.Y("low:Q", scale=scale, axis=axis), y2=alt.Y2("high:Q")),
        lines.mark_line(strokeWidth=2, strokeCap="butt").encode(y=y, strokeDash=dash(conditions)),
        lines.mark_point(filled=True, size=30).encode(y=y, shape=mark(styles)),
        *_flags(_reached(horizons, drawn), styles, x, y),
        lines.mark_point(filled=True, size=80).encode(
            y=y,
            opacity=alt.OpacityValue(0),
            tooltip=tips(alt.Tooltip("y:Q", title="use", format=".1%")),
        ),
    ]


def _reached(
    horizons: Sequence[TravelHorizonRow], drawn: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return where each network's median horizon lies on its curve of use."""
    marks: list[dict[str, Any]] = []
    for network in networks(horizons):
        horizon = seeds_horizon([row for row in horizons if row.network == network])
        curve = {p["x"]: p["y"] for p in drawn if str(p["path"]).startswith(f"{network}; ")}
        if horizon.median is None or not curve:
            continue
        first = next(row for row in horizons if row.network == network)
        marks.append(
            {
                "line": first.line,
                "path": network,
                "x": horizon.median,
                "y": _between(curve, horizon.median),
                "top": _FLAG - 0.06,
                "words": f"{horizon.median:,}{' →' if horizon.is_open else ''}",
            }
        )
    return marks


def _between(curve: Mapping[int, float], distance: int) -> float:
    """Return the curve's height at a distance, between the two measured around it."""
    before = max((d for d in curve if d <= distance), default=min(curve))
    after = min((d for d in curve if d >= distance), default=max(curve))
    if after <= before:
        return curve[before]
    share = math.log(distance / before) / math.log(after / before)
    return curve[before] + share * (curve[after] - curve[before])


def _flags(
    marks: Sequence[dict[str, Any]], styles: Mapping[str, CellStyle], x: "alt.X", y: "alt.Y"
) -> list[Any]:
    """Return a mark on each curve, and one flag with the number for each distance."""
    furthest = max((m["x"] for m in marks), default=0)
    # The last of one number stays, the lowest: its pole passes all the others.
    poles = {m["words"]: m for m in sorted(marks, key=lambda m: -m["y"])}
    flags = alt.Chart(frame.data({**m, "last": m["x"] == furthest} for m in poles.values())).encode(
        x=x
    )
    words = y.copy()
    words.shorthand = "top:Q"
    text: dict[str, Any] = {"fontSize": 12, "color": INK, "baseline": "bottom", "dy": -1}
    dots = alt.Chart(frame.data(_nested(marks))).encode(
        x=x, y=y, color=colour(styles), shape=mark(styles)
    )
    return [
        flags.mark_rule(color=SOFT, strokeWidth=1, strokeDash=[2, 2]).encode(
            y=y, y2=alt.Y2("top:Q")
        ),
        flags.transform_filter("!datum.last")
        .mark_text(align="center", **text)
        .encode(y=words, text=alt.Text("words:N")),
        flags.transform_filter("datum.last")
        .mark_text(align="right", dx=8, **text)
        .encode(y=words, text=alt.Text("words:N")),
        dots.mark_point(filled=True, stroke=PAPER, strokeWidth=1.6, opacity=1).encode(
            size=alt.Size("size:Q", scale=None),
            tooltip=[
                alt.Tooltip("path:N", title="network"),
                alt.Tooltip("words:N", title="horizon"),
            ],
        ),
    ]


def _nested(marks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the marks with sizes: of several at one place, each shows around the next."""
    places = [(m["x"], round(m["y"], 2)) for m in marks]
    return [
        {**m, "size": _MARK + _RING * places[index + 1 :].count(places[index])}
        for index, m in enumerate(marks)
    ]
