"""The panel of influence: how much gradient arrives from each distance."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame, traces
from unroll.report.charts.decades import Decades
from unroll.report.charts.palette import SOFT, CellStyle
from unroll.report.charts.traces import Sample
from unroll.report.charts.travel_lines import colour, dash, grouped, median_of, networks, tips
from unroll.report.extra import Extra
from unroll.report.travel_rows import Condition, TravelHorizonRow, TravelRow

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")


def influence_layers(
    rows: Sequence[TravelRow],
    horizons: Sequence[TravelHorizonRow],
    styles: Mapping[str, CellStyle],
    conditions: Sequence[Condition],
    decades: Decades,
    x: "alt.X",
) -> list[Any]:
    """Return the layers of the panel of influence, with poles where use has its horizons."""
    found = grouped(rows)
    names = {path: (line, condition) for path, line, condition, _ in found}
    samples = [
        Sample(line=path, x=distance, values=tuple(values))
        for (path, _, _, distance), values in found.items()
    ]
    paths = {path: styles[line] for path, (line, _) in names.items()}
    drawn = [
        {**point, "path": point["line"], **_named(names[point["line"]])}
        if "line" in point
        else point
        for point in traces.points(samples, paths, decades)
        # The axis is that of all panels, but its bands are named where they hold something.
        if "line" in point or any(decades.edge(row.value) for row in rows)
    ]
    base = alt.Chart(frame.data(drawn)).encode(y=decades.axis())
    shared: dict[str, Any] = {"x": x, "color": colour(styles), "detail": alt.Detail("path:N")}
    lines = base.transform_filter("datum.kind == 'line'").encode(**shared)
    edges = base.transform_filter("datum.kind == 'edge'").encode(**shared)
    nearest = alt.Chart(frame.data([{"y": 0}])).mark_rule(color=SOFT, strokeWidth=1)
    medians = dict.fromkeys(median_of(horizons, network) for network in networks(horizons))
    ends = {"y": decades.low, "top": decades.high}
    poles = alt.Chart(frame.data({"x": d, **ends} for d in medians if d is not None))
    return [
        nearest.encode(y=decades.axis()),
        poles.mark_rule(color=SOFT, strokeWidth=1, strokeDash=[2, 2]).encode(
            x=x, y=decades.axis(), y2=alt.Y2("top:Q")
        ),
        *(layer.properties(data=frame.data(drawn)) for layer in traces.bands()),
        lines.mark_area(fillOpacity=0.10).encode(y=decades.axis("low"), y2=alt.Y2("high:Q")),
        lines.mark_line(strokeWidth=2, strokeCap="butt").encode(strokeDash=dash(conditions)),
        edges.mark_tick(orient="vertical", size=4, thickness=1.2, opacity=0.45),
        lines.mark_point(filled=True, size=60).encode(
            opacity=alt.OpacityValue(0), tooltip=tips(alt.Tooltip("value:N", title="influence"))
        ),
    ]


def _named(name: tuple[str, str]) -> dict[str, str]:
    return {"line": name[0], "condition": name[1]}
