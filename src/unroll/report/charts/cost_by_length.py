"""What a step costs against the length of the sequence, on axes on which a power law is a line."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from unroll.report.bench_rows import CostRow
from unroll.report.charts import frame, spans
from unroll.report.charts.decades import Decades
from unroll.report.charts.palette import HAIR, CellStyle, Palette
from unroll.report.charts.traces import LEGEND
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

Quantity: TypeAlias = Literal["seconds", "mib"]
LEAST_MIB = 0.1
"""Less memory cannot be told from what the system's own keeping of it takes."""
_HEIGHT = 260
_PANEL_PX = 250
_BESIDE = (2, 3)
"""The dash of the second line of a cell."""
_STEPS = {"training": "training step", "evaluation": "step without gradients"}
_TITLES = {
    "seconds": "seconds (logarithmic) against length T (logarithmic)",
    "mib": "MiB at the peak (logarithmic) against length T (logarithmic)",
}


@unchecked()
def cost_by_length(
    rows: Sequence[CostRow],
    *,
    quantity: Quantity,
    palette: Palette,
    figure_id: str = "",
    remark: str = "",
) -> Figure:
    """Draw the time or the memory of a step against T, one panel with gradients and one without.

    Grey lines rise as T does. `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row that can be drawn.
    """
    name = figure_id or f"bench-cost-{quantity}"
    drawn = [row for row in rows if quantity == "seconds" or row.peak_mib >= LEAST_MIB]
    if not drawn:
        raise ValueError(f"{name}: no rows: leave the figure out until it is measured")
    styles = _styles(drawn, palette)
    spots = [_spot(row, quantity) for row in drawn]
    decades = Decades.of((s for spot in spots for s in spot.range), height=_HEIGHT)
    lengths = sorted({row.length for row in drawn})
    panels = [_STEPS[step] for step in _STEPS if any(row.step == step for row in drawn)]
    data = [_point(spot, decades) for spot in spots]
    data += [{**line, "panel": p} for p in panels for line in _guides(lengths, decades)]
    chart = (
        alt.layer(*_layers(styles, decades, lengths), data=frame.data(data))
        .facet(facet=alt.Facet("panel:N", sort=panels), columns=2)
        .properties(title=_TITLES[quantity])
        .resolve_axis(x="independent")
    )
    return Figure(
        id=name,
        spec=frame.finished(chart, height=_HEIGHT, panels=len(panels), panel_px=_PANEL_PX),
        caption=f"{_caption(drawn, quantity)} {remark}".strip(),
        alt=_alt(spots, quantity),
        rows=tuple(asdict(row) for row in rows),
    )


@dataclass(frozen=True, kw_only=True)
class _Spot:
    """One measured place of one line."""

    row: CostRow
    middle: float
    range: tuple[float, float]
    said: str


def _spot(row: CostRow, quantity: Quantity) -> _Spot:
    if quantity == "mib":
        peak = row.peak_mib
        return _Spot(row=row, middle=peak, range=(peak, peak), said=f"{peak:,.3g} MiB")
    ends = (row.least_seconds, row.greatest_seconds)
    return _Spot(row=row, middle=row.median_seconds, range=ends, said=time(row.median_seconds))


def _point(spot: _Spot, decades: Decades) -> dict[str, Any]:
    low, high = spot.range
    return {
        "kind": "cost",
        "panel": _STEPS[spot.row.step],
        "line": spot.row.line,
        "x": spot.row.length,
        "y": decades.place(spot.middle),
        "low": decades.place(low),
        "high": decades.place(high),
        "said": spot.said,
        "engine": spot.row.engine,
    }


def _styles(rows: Sequence[CostRow], palette: Palette) -> dict[str, CellStyle]:
    """Return the style of each line: the cell's; of a second line of a cell, its colour alone."""
    lines: dict[str, list[str]] = {}
    for line, cell in dict.fromkeys((row.line, row.cell) for row in rows):
        lines.setdefault(cell, []).append(line)
    return {
        line: style if place == 0 else replace(style, dash=_BESIDE)
        for cell, style in palette.select(lines).items()
        for place, line in enumerate(lines[cell])
    }


def _guides(lengths: Sequence[int], decades: Decades) -> list[dict[str, Any]]:
    """Return the ends of lines that rise by one power of ten as T does, across the whole panel."""
    first, last = math.log10(lengths[0]), math.log10(lengths[-1])
    rows: list[dict[str, Any]] = []
    # Each begins at a power of ten at the left edge, or would if the axis went on below.
    for start in range(math.floor(decades.low - (last - first)), math.ceil(decades.high)):
        left = max(first, first + decades.low - start)
        right = min(last, first + decades.high - start)
        if left < right:
            rows += [
                {"kind": "guide", "guide": start, "x": 10**at, "y": start + at - first}
                for at in (left, right)
            ]
    return rows


def _layers(styles: dict[str, CellStyle], decades: Decades, lengths: Sequence[int]) -> list[Any]:
    focus = frame.focus("line")
    ends = (lengths[0] / 1.1, lengths[-1] * 1.1)
    x = spans.log_axis(ends, title="", ticks=lengths)
    base = alt.Chart().encode(x=x)
    guide = base.transform_filter("datum.kind == 'guide'").mark_line(color=HAIR, strokeWidth=1)
    shown = base.transform_filter("datum.kind == 'cost'").encode(
        color=frame.colour(styles, "line").legend(frame.folded(styles, **LEGEND)),
        opacity=frame.faded(focus),
    )
    tips = [
        alt.Tooltip("line:N", title="cell"),
        alt.Tooltip("x:Q", title="T", format=","),
        alt.Tooltip("said:N", title="a step"),
        alt.Tooltip("engine:N"),
    ]
    y = decades.axis()
    dashes = frame.stroke(styles, "line").legend(frame.folded(styles, **LEGEND))
    band = shown.mark_area(fillOpacity=0.16).encode(y=decades.axis("low"), y2=alt.Y2("high:Q"))
    return [
        guide.encode(y=y, detail=alt.Detail("guide:N")),
        band.add_params(focus),
        shown.mark_line(strokeWidth=1.9, strokeCap="butt").encode(y=y, strokeDash=dashes),
        shown.mark_point(filled=True, size=22).encode(y=y),
        shown.mark_point(filled=True, size=80).encode(
            y=y, opacity=alt.OpacityValue(0), tooltip=tips
        ),
    ]


def _caption(rows: Sequence[CostRow], quantity: Quantity) -> str:
    if quantity == "mib":
        return (
            "The most memory that a step holds at once, against the length $T$; grey lines: as "
            f"$T$ grows. Peaks below {LEAST_MIB:g} MiB are not drawn."
        )
    number = frame.counted([row.repetitions for row in rows], "repetition")
    return (
        "Time of a step against the length $T$; grey lines: as $T$ grows. Line: median of "
        f"{number}; band: least to greatest."
    )


def _alt(spots: Sequence[_Spot], quantity: Quantity) -> str:
    what = "Time of a step" if quantity == "seconds" else "Peak memory of a step"
    told = []
    for step, words in _STEPS.items():
        here = [spot for spot in spots if spot.row.step == step]
        for line in dict.fromkeys(spot.row.line for spot in here):
            mine = sorted((s for s in here if s.row.line == line), key=lambda s: s.row.length)
            ends = [mine[0], mine[-1]] if len(mine) > 1 else mine
            said = ", ".join(f"{s.said} at T = {s.row.length:,}" for s in ends)
            told.append(f"{line}, {words}: {said}")
    return f"{what} against the length of the sequence. {'; '.join(told)}."


def time(seconds: float) -> str:
    """Return a time as it is read.

    >>> time(0.00012), time(0.0456), time(2.5), time(75.0)
    ('0.12 ms', '45.6 ms', '2.5 s', '75 s')
    """
    return f"{seconds:.3g} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"
