"""What every unit's gates and cell state hold while one palindrome is read."""

import json
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.palette import HAIR, INK, SOFT
from unroll.report.charts.raster import Ramp, data_uri
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.rows import GateMap
from unroll.report.section import Figure, Scalar

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_HEIGHT = 190
_AXIS_PX = 20
_STEP_PX = 8
"""The width of a step in which its digit can be read; a little less will do."""
_PHONE_PX = 330
_LONG = 15
"""How many digits there may be before they are set smaller."""
_BAR_PX = (30, 37)
"""Where the bar of colours lies, in px below the map."""
_SHARE = ("#1d1440", "#5a2a82", "#b8436f", "#f0925a", "#ffe9a8")
_SIGNED = ("#0d2a66", "#2f66ab", "#858483", "#dd9c4c", "#ffedb0")
"""From the least to the greatest value; both grow lighter all the way, so that grey print keeps
the order, and both ends stand out from light and from dark ground."""
_NAMES = {
    "i": "input gate i",
    "f": "forget gate f",
    "o": "output gate o",
    "g": "candidate g",
    "c": "cell state c",
    "h": "hidden state h",
    "r": "reset gate r",
    "z": "update gate z",
    "n": "candidate n",
}
_BETWEEN_ONES = frozenset("gnh")
"""What comes from a tanh, and lies between −1 and 1."""


@unchecked()
def gate_maps(
    maps: Sequence[GateMap],
    *,
    figure_id: str = "gate-maps",
    remark: str = "",
) -> Figure:
    """Draw each map as units × steps, one panel each, in the order in which they come.

    `remark` is marked-up text that ends the caption.
    Raises: ValueError without any map, or when they are not of one palindrome.
    """
    if not maps:
        raise ValueError(f"{figure_id}: no maps: leave the figure out until a trial is in")
    digits = maps[0].digits
    for each in maps:
        if each.digits != digits:
            raise ValueError(f"{figure_id}: maps must be of one palindrome, got two")
        if any(len(row) != len(digits) for row in each.values):
            raise ValueError(f"{figure_id}: maps must have {len(digits)} steps, one per digit")
    names = [_panel(each, maps) for each in maps]
    points = [_point(each, name) for each, name in zip(maps, names, strict=True)]
    chart = (
        alt.layer(*_map(len(digits)), *_bar(len(digits)), data=frame.data(points))
        .encode(x=_x(digits), y=_y())
        .facet(facet=alt.Facet("panel:N", sort=names), columns=3)
        .properties(title="units (one row each) against step: the digit read")
        .resolve_axis(x="independent")
    )
    width = min(max(120, _STEP_PX * len(digits)), 600)
    return Figure(
        id=figure_id,
        spec=frame.finished(
            chart, height=_HEIGHT, panels=len(maps), panel_px=width, axis_px=_AXIS_PX
        ),
        caption=f"{_caption(maps)} {remark}".strip(),
        alt=_alt(maps, names),
        rows=tuple(_rows(maps)),
    )


def _panel(each: GateMap, maps: Sequence[GateMap]) -> str:
    """Return the name of the panel of one map; with cell and seed where they differ."""
    parts = [_NAMES.get(each.gate, each.gate)]
    if len({other.cell for other in maps}) > 1:
        parts.append(each.cell)
    if len({other.seed for other in maps}) > 1:
        parts.append(f"seed {each.seed}")
    return ", ".join(parts)


def _ramp(each: GateMap) -> Ramp:
    """Return the colours of one map: a share from 0 to 1, or the same both ways from 0."""
    if each.gate in _BETWEEN_ONES:
        return Ramp(stops=_SIGNED, low=-1.0, high=1.0)
    if each.gate == "c":
        most = max((abs(value) for row in each.values for value in row), default=0.0)
        high = float(f"{most:.2g}") or 1.0
        return Ramp(stops=_SIGNED, low=-high, high=high)
    return Ramp(stops=_SHARE, low=0.0, high=1.0)


def _point(each: GateMap, panel: str) -> dict[str, Any]:
    """Return one map as one row of the chart's data: its images and its ranges."""
    ramp = _ramp(each)
    shades = [ramp.low + (ramp.high - ramp.low) * step / 99 for step in range(100)]
    return {
        "panel": panel,
        "start": 0,  # a row without a place on the shared axes would not be drawn
        "top": 1,
        "image": data_uri(each.values, ramp),
        "bar": data_uri([shades], ramp),
        "units": len(each.values),
        "low": f"{ramp.low:g}".replace("-", "−"),
        "high": f"{ramp.high:g}",
    }


def _x(digits: tuple[int, ...]) -> "alt.X":
    """Return the axis of steps, on which each digit stands below its column.

    Where not all digits have room, none is shown: every tenth step is numbered instead.
    """
    fits = f"(room - {_AXIS_PX}) / {len(digits)} >= {_STEP_PX - 1}"
    tenth = "(floor(datum.value) + 1) % 10 == 0 ? floor(datum.value) + 1 : ''"
    label = f"{fits} ? {json.dumps(digits)}[floor(datum.value)] : {tenth}"
    axis = alt.Axis(
        title=None,
        values=[step + 0.5 for step in range(len(digits))],
        labelExpr=label,
        ticks=False,
        domain=False,
        labelFontSize=12 if len(digits) <= _LONG else 10,
        labelOverlap=False,
        labelFlush=False,
        labelColor=INK,
    )
    scale = alt.Scale(domain=[0, len(digits)], nice=False, zero=False)
    return alt.X("start:Q", scale=scale, axis=axis)


def _y() -> "alt.Y":
    """Return the axis of units, which needs no numbers."""
    scale = alt.Scale(domain=[0, 1], nice=False, zero=False)
    return alt.Y("top:Q", scale=scale, axis=alt.Axis(title=None, labels=False, grid=False))


def _map(steps: int) -> list[Any]:
    """Return the image of a map and the line around it."""
    place = {"x": alt.XDatum(0), "x2": alt.X2Datum(steps), "y": alt.YDatum(1), "y2": alt.Y2Datum(0)}
    image = alt.Chart().mark_image(aspect=False, smooth=False)
    edge = alt.Chart().mark_rect(filled=False, stroke=HAIR, strokeWidth=1)
    return [image.encode(**place, url=alt.Url("image:N")), edge.encode(**place)]


def _bar(steps: int) -> list[Any]:
    """Return the bar of colours below a map, between the ends of its range."""
    low, high = 0.16 * steps, 0.84 * steps
    top, bottom = (_HEIGHT + px for px in _BAR_PX)
    middle = alt.YValue((top + bottom) / 2)
    ends = {"x": alt.XDatum(low), "x2": alt.X2Datum(high)}
    place = {**ends, "y": alt.YValue(top), "y2": alt.Y2Value(bottom)}
    bar = alt.Chart().mark_image(aspect=False, smooth=False).encode(**place, url=alt.Url("bar:N"))
    edge = alt.Chart().mark_rect(filled=False, stroke=HAIR, strokeWidth=1).encode(**place)
    words: dict[str, Any] = {"fontSize": 11, "color": SOFT, "baseline": "middle"}
    left = alt.Chart().mark_text(align="right", dx=-5, **words)
    right = alt.Chart().mark_text(align="left", dx=5, **words)
    return [
        bar,
        edge,
        left.encode(x=alt.XDatum(low), y=middle, text=alt.Text("low:N")),
        right.encode(x=alt.XDatum(high), y=middle, text=alt.Text("high:N")),
    ]


def _rows(maps: Sequence[GateMap]) -> Iterator[dict[str, Scalar]]:
    """Return the rows to download, one per unit and step."""
    for each in maps:
        for unit, row in enumerate(each.values):
            for step, (digit, value) in enumerate(zip(each.digits, row, strict=True), start=1):
                yield {
                    "cell": each.cell,
                    "gate": each.gate,
                    "seed": each.seed,
                    "unit": unit,
                    "step": step,
                    "digit": digit,
                    "value": float(f"{value:.4g}"),
                }


def _caption(maps: Sequence[GateMap]) -> str:
    """Return the sentences that say what each colour stands for."""
    seeds = ", ".join(map(str, sorted({each.seed for each in maps})))
    units = frame.counted((len(each.values) for each in maps), "unit")
    narrow = (_STEP_PX - 1) * len(maps[0].digits) > _PHONE_PX
    return (
        f"What {units} (one row each, in the same order in every panel) hold while the first "
        f"{len(maps[0].digits)} digits of a palindrome are read, from left to right; seed {seeds}. "
        "Below each map: its colours and their range."
        + (" Where there is no room for the digits, steps are numbered." if narrow else "")
    )


def _alt(maps: Sequence[GateMap], names: list[str]) -> str:
    """Return the chart in words: the mean over units at the ends of the palindrome."""
    parts = []
    for each, name in zip(maps, names, strict=True):
        first, last = (
            math.fsum(row[step] for row in each.values) / len(each.values) for step in (0, -1)
        )
        parts.append(f"{name}: {first:.2f} at the first step, {last:.2f} at the last")
    digits = "".join(map(str, maps[0].digits))
    return f"Every unit while {digits} is read; mean over units: {'; '.join(parts)}."
