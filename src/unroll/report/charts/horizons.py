"""The horizons of all networks on one axis: how far information travels, whatever carries it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.palette import HAIR, INK, PAPER, SOFT, Palette
from unroll.report.charts.travel_lines import seeds_horizon
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.section import Figure
from unroll.report.travel_rows import UNITS, Kind, TravelHorizonRow, Unit

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_HEAD_PX = 30
_NAME_PX = 15
_LANE_PX = 19
_FOOT_PX = 8
_FURTHEST = 10_000
KINDS: dict[Kind, str] = {
    "learned": "learned: trained at that distance",
    "retained": "retained: trained nearer",
    "frozen": "by construction: recurrence frozen, not learned",
}
"""What each mark stands for."""
_SHAPES: dict[Kind, str] = {"learned": "circle", "retained": "diamond", "frozen": "square"}


@unchecked()
def horizons_by_unit(
    rows: Sequence[TravelHorizonRow],
    *,
    palettes: Mapping[Unit, Palette],
    figure_id: str = "horizons",
    remark: str = "",
    command: str = "",
) -> Figure:
    """Draw how far each network came: a path from 1 to the median seed's horizon.

    The mark says whether it is learned, retained or there by construction; an arrow, that no end
    was seen. `palettes` hold the lines of each unit; `remark` is marked-up text that ends the
    caption.
    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until it is measured")
    lanes, heads, height = _places(rows)
    top = max([_FURTHEST, *(lane["high"] for lane in lanes)])
    return Figure(
        id=figure_id,
        spec=frame.finished(
            alt.layer(
                *_grounds(heads),
                *_words(lanes, behind=True),
                *_paths(lanes, palettes, top),
                *_words(lanes),
            ),
            height=height,
        ),
        caption=f"{_caption(lanes)} {remark}".strip(),
        alt=_alt(lanes),
        rows=tuple(asdict(row) for row in rows),
        command=command,
    )


def _places(
    rows: Sequence[TravelHorizonRow],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Return the lane of each network, the heads of the units, and the height of all, in px."""
    lanes: list[dict[str, Any]] = []
    heads: list[dict[str, Any]] = []
    top = 0.0
    for unit in (unit for unit in UNITS if any(row.unit == unit for row in rows)):
        heads.append({"words": f"{UNITS[unit]}, in {unit}", "y": top + 16, "line": top + 24})
        top += _HEAD_PX
        mine = [row for row in rows if row.unit == unit]
        for network in dict.fromkeys(row.network for row in mine):
            found = [row for row in mine if row.network == network]
            lanes.append(_lane(found, top))
            top += _NAME_PX + _LANE_PX
        top += _FOOT_PX
    return lanes, heads, int(top)


def _lane(rows: Sequence[TravelHorizonRow], top: float) -> dict[str, Any]:
    """Return one network's lane: from where to where it is drawn, and what is written there."""
    first, horizon = rows[0], seeds_horizon(rows)
    low, high = horizon.range
    reached = horizon.median or 1
    near = min(reached, first.trained_to or reached) if first.kind != "frozen" else 1
    return {
        "unit": first.unit,
        "line": first.line,
        "network": first.network,
        "kind": KINDS[first.kind],
        "start": 1,
        "near": near,
        "reached": reached,
        "low": low or 1,
        "high": high or 1,
        "none": horizon.median is None,
        "open": horizon.is_open,
        "seeds": len(rows),
        "said": _said(horizon.median, low, high, is_open=horizon.is_open),
        "name": top + _NAME_PX / 2 + 2,
        "y": top + _NAME_PX + _LANE_PX / 2 - 1,
    }


def _said(median: int | None, low: int | None, high: int | None, *, is_open: bool) -> str:
    """Return a horizon in a few figures."""
    if median is None:
        return "none" if high is None else f"none (none–{high:,})"
    words = f"{median:,}{' or more' if is_open else ''}"
    if low == high:
        return words
    return f"{words} ({'none' if low is None else f'{low:,}'}–{high:,})"


def _y(field: str) -> "alt.Y":
    return alt.Y(f"{field}:Q", scale=None, axis=None)


def _x(field: str, top: int) -> "alt.X":
    """Return the axis of distances, with room for an arrow at its end."""
    ticks = [10**p for p in range(len(str(top)))]
    axis = alt.Axis(
        title="distance (steps, characters or hops; logarithmic)",
        values=ticks,
        format=",d",
        grid=True,
        gridColor=HAIR,
    )
    scale = alt.Scale(type="log", domain=[1, top * 1.8], nice=False)
    return alt.X(f"{field}:Q", scale=scale, axis=axis)


def _grounds(heads: Sequence[dict[str, Any]]) -> list[Any]:
    """Return the names of the units and the lines under them."""
    base = alt.Chart(frame.data(heads))
    return [
        base.mark_rule(color=SOFT, strokeWidth=0.8).encode(
            x=alt.XValue(0), x2=alt.X2Value("width"), y=_y("line")
        ),
        base.mark_text(align="left", fontSize=13, fontWeight="bold", color=INK).encode(
            x=alt.XValue(0), y=_y("y"), text=alt.Text("words:N")
        ),
    ]


def _paths(
    lanes: Sequence[dict[str, Any]], palettes: Mapping[Unit, Palette], top: int
) -> list[Any]:
    """Return the path of each network, the range of its seeds, and its mark."""
    coloured = [
        {**lane, "id": index, "colour": palettes[lane["unit"]].styles[lane["line"]].light}
        for index, lane in enumerate(lanes)
    ]
    colour = alt.Color("colour:N", scale=None)
    base = alt.Chart(frame.data(coloured)).encode(color=colour, y=_y("y"))
    gone = base.transform_filter("!datum.none")
    tips = [
        alt.Tooltip("network:N"),
        alt.Tooltip("said:N", title="horizon"),
        alt.Tooltip("kind:N"),
        alt.Tooltip("seeds:Q"),
    ]
    drawn = [kind for kind in KINDS if any(lane["kind"] == KINDS[kind] for lane in lanes)]
    shape = alt.Shape(
        "kind:N",
        title=None,
        scale=alt.Scale(
            domain=[KINDS[kind] for kind in drawn], range=[_SHAPES[kind] for kind in drawn]
        ),
        legend=frame.folded(
            [KINDS[kind] for kind in drawn], symbolFillColor=INK, symbolStrokeColor=INK, offset=10
        ),
    )
    mark: dict[str, Any] = {"opacity": 1, "strokeWidth": 1.8}
    is_retained = alt.datum.kind == KINDS["retained"]
    size = alt.when(is_retained).then(alt.value(210)).otherwise(alt.value(130))
    frozen = f"datum.kind == '{KINDS['frozen']}'"
    return [
        gone.mark_rule(strokeWidth=5, strokeCap="butt").encode(
            x=_x("start", top), x2=alt.X2("near:Q")
        ),
        gone.mark_rule(strokeWidth=2.4, strokeDash=[2, 3]).encode(
            x=_x("near", top), x2=alt.X2("reached:Q")
        ),
        gone.mark_rule(strokeWidth=1.4).encode(x=_x("low", top), x2=alt.X2("high:Q")),
        *(
            gone.mark_tick(orient="vertical", size=11, thickness=1.4).encode(x=_x(end, top))
            for end in ("low", "high")
        ),
        gone.transform_filter(f"!({frozen})")
        .mark_point(filled=True, stroke=PAPER, **mark)
        .encode(x=_x("reached", top), shape=shape, size=size, tooltip=tips),
        gone.transform_filter(frozen)
        .mark_point(filled=False, fill=PAPER, **mark)
        .encode(x=_x("reached", top), shape=shape, size=size, tooltip=tips),
        gone.transform_filter("datum.open")
        .mark_text(text="→", align="left", dx=8, dy=-0.5, fontSize=18, fontWeight="bold")
        .encode(x=_x("reached", top)),
        base.transform_filter("datum.none")
        .mark_text(text="×", align="left", fontSize=19, fontWeight="bold")
        .encode(x=_x("start", top), tooltip=tips),
    ]


def _words(lanes: Sequence[dict[str, Any]], *, behind: bool = False) -> list[Any]:
    """Return what stands over each lane: the network at the left, its horizon at the right.

    `behind` is the paper under the letters, which keeps the lines of the axis from crossing them.
    """
    base = alt.Chart(frame.data(lanes)).encode(y=_y("name"))
    paper: dict[str, Any] = {"stroke": PAPER, "strokeWidth": 4, "color": PAPER}
    name, said = ({"color": SOFT}, {"color": INK}) if not behind else (paper, paper)
    return [
        base.mark_text(align="left", fontSize=12, **name).encode(
            x=alt.XValue(0), text=alt.Text("network:N")
        ),
        base.mark_text(align="right", fontSize=12, fontWeight="bold", **said).encode(
            x=alt.XValue("width"), text=alt.Text("said:N")
        ),
    ]


def _caption(lanes: Sequence[dict[str, Any]]) -> str:
    seeds = [lane["seeds"] for lane in lanes]
    spread = "; thin line and ticks: lowest to highest seed" if max(seeds) > 1 else ""
    told = [
        "How far information travels: from 1 to the median seed's horizon "
        f"({frame.counted(seeds, 'seed')}){spread}.",
        "Thick: distances that it was trained at; dotted: beyond them, or where nothing but the "
        "readout was trained.",
    ]
    if any(lane["open"] for lane in lanes):
        told.append("Arrow: the furthest distance tested was passed, so that no end was seen.")
    if any(lane["none"] for lane in lanes):
        told.append("Cross: not even the nearest distance tested was passed.")
    return " ".join(told)


def _alt(lanes: Sequence[dict[str, Any]]) -> str:
    told = (f"{lane['network']}: {lane['said']} {lane['unit']}, {lane['kind']}" for lane in lanes)
    return f"Horizons on one axis of distance, median over seeds. {'; '.join(told)}."
