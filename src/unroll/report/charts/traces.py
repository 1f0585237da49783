"""Lines along the median over seeds, with a band from the lowest to the highest seed.

What no power of ten can show stands as one mark per line and place in the bands of `Decades`.
"""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.decades import DEEPEST, Decades
from unroll.report.charts.palette import HAIR, SOFT, CellStyle
from unroll.report.extra import Extra

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

LEGEND = {"symbolType": "stroke", "symbolSize": 500, "symbolStrokeWidth": 2.4}
"""The look of a legend that shows lines, as the page prints them, dashes and all."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What all seeds gave at one place of one line."""

    line: str
    """The name of the line, as the legend has it."""
    x: float
    """Where it stands on the horizontal axis."""
    values: tuple[float | None, ...]
    """One value per seed; None for one that is not finite."""
    panel: str = ""
    """The panel it is drawn in."""

    @property
    def median(self) -> float:
        """The median over seeds, where a value that is not finite counts as endless."""
        return statistics.median(_number(value) for value in self.values)


def _number(value: float | None) -> float:
    """Return `value`, or infinity for one that is not finite."""
    return math.inf if value is None or not math.isfinite(value) else value


def points(
    samples: Sequence[Sample], styles: Mapping[str, CellStyle], decades: Decades
) -> list[dict[str, Any]]:
    """Return the points of the lines, the marks in the bands, and the names of the bands."""
    lanes = {line: index % decades.lanes for index, line in enumerate(styles)}
    rows: list[dict[str, Any]] = []
    for sample in samples:
        rows.append(_middle(sample, decades))
        rows += _edges(sample, decades, lanes[sample.line])
    _mark_alone(rows)
    panels = dict.fromkeys(sample.panel for sample in samples)
    rows += [{"kind": "band", "panel": p, **band} for p in panels for band in decades.bands()]
    return rows


def _middle(sample: Sample, decades: Decades) -> dict[str, Any]:
    """Return median and range; null where the axis proper has no place for them."""
    drawn = [value for value in sample.values if decades.edge(value) is None]
    low, high = min(map(_number, sample.values)), max(map(_number, sample.values))
    middle = sample.median
    return {
        "kind": "line",
        "panel": sample.panel,
        "line": sample.line,
        "x": sample.x,
        "y": decades.place(middle) if decades.edge(middle) is None else None,
        "low": max(decades.place(low), decades.low) if drawn else None,
        "high": min(decades.place(high), decades.high) if drawn else None,
        "value": f"{middle:.3g}",
        "seeds": len(sample.values),
    }


def _mark_alone(rows: list[dict[str, Any]]) -> None:
    """Mark the points that no line leads to: the gaps beside them would hide them."""
    lines: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["kind"] == "line":
            lines[row["panel"], row["line"]].append(row)
    for line in lines.values():
        line.sort(key=lambda row: float(row["x"]))
        heights = [None, *(row["y"] for row in line), None]
        for index, row in enumerate(line):
            before, height, after = heights[index : index + 3]
            if height is not None and before is None and after is None:
                row["alone"] = True


def _edges(sample: Sample, decades: Decades, lane: int) -> list[dict[str, Any]]:
    """Return one mark per band in which there is a seed, with how many there are."""
    found = Counter((decades.edge(value), decades.place(value, lane)) for value in sample.values
                    if decades.edge(value) is not None)  # fmt: skip
    return [
        {
            "kind": "edge",
            "panel": sample.panel,
            "line": sample.line,
            "x": sample.x,
            "y": y,
            "said": f"{count} of {frame.counted([len(sample.values)], 'seed')}",
        }
        for (_, y), count in found.items()
    ]


def layers(
    styles: Mapping[str, CellStyle], decades: Decades, *, x: "alt.X", tip: str, y: str | None = None
) -> list[Any]:
    """Return the layers of one panel; `tip` is what x is called under the pointer."""
    focus = frame.focus("line")
    shared = {
        "x": x,
        "color": frame.colour(styles, "line").legend(frame.folded(styles, **LEGEND)),
        "opacity": frame.faded(focus),
    }
    axis = decades.axis(title=y)
    base = alt.Chart().encode(y=axis)
    lines = base.transform_filter("datum.kind == 'line'").encode(**shared)
    place = alt.Tooltip("x:Q", title=tip, format=",")
    tips = [alt.Tooltip("line:N"), place]
    span = lines.mark_area(fillOpacity=0.16).encode(
        y=decades.axis("low", title=y), y2=alt.Y2("high:Q")
    )
    line = lines.mark_line(strokeWidth=1.9, strokeCap="butt").encode(
        strokeDash=frame.stroke(styles, "line").legend(frame.folded(styles, **LEGEND))
    )
    answers = lines.mark_point(filled=True, size=60).encode(
        opacity=alt.OpacityValue(0),
        tooltip=[*tips, alt.Tooltip("value:N", title="median"), alt.Tooltip("seeds:Q")],
    )
    edge = base.transform_filter("datum.kind == 'edge'").encode(**shared)
    marks = edge.mark_tick(orient="vertical", size=5, thickness=1.3).encode(
        tooltip=[*tips, alt.Tooltip("said:N", title="off the axis")]
    )
    alone = lines.transform_filter("datum.alone").mark_point(filled=True, size=22)
    return [*bands(), span.add_params(focus), line, alone, marks, answers]


def bands() -> list[Any]:
    """Return the lines and names of the bands, from rows of the kind `band`."""
    base = alt.Chart().transform_filter("datum.kind == 'band'")
    rule = base.mark_rule(color=HAIR, strokeWidth=1.2).encode(y=alt.Y("y:Q"))
    name = base.mark_text(align="left", fontSize=11, color=SOFT)
    return [rule, name.encode(x=alt.XValue(3), y=alt.Y("at:Q"), text=alt.Text("words:N"))]


def said(samples: Iterable[Sample], decades: Decades) -> str:
    """Return the sentences of a caption that say how many values stand in the bands."""
    held = Counter(decades.edge(value) for sample in samples for value in sample.values)
    total = sum(held.values())
    words = {
        "zero": "exactly 0 (underflow)",
        "below": f"below $10^{{{DEEPEST}}}$",
        "beyond": "not finite",
    }
    told = [f"{held[edge]:,} {words[edge]}" for edge in ("below", "zero", "beyond") if held[edge]]
    if not told:
        return ""
    values = "value" if total == 1 else "values"
    return f"Off the axis, of {total:,} {values}: {', '.join(told)}; ticks in the bands show where."
