"""How far each cell came on each task: a panel a task, a lane a cell."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from unroll.report.bench_rows import BenchHorizonRow
from unroll.report.charts import frame
from unroll.report.charts.palette import HAIR, PAPER, CellStyle, Palette
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_LANE_PX = 24
_PANEL_PX = 210
_NEAREST = 4
"""T where the axis begins."""
_TICKS = (5, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)


@unchecked()
def bench_horizons(
    rows: Sequence[BenchHorizonRow],
    *,
    palette: Palette,
    criterion: str,
    figure_id: str = "bench-horizons",
) -> Figure:
    """Draw how far each cell learned and how far it retains, in one panel a task.

    Thick: up to the median seed's learned horizon; dotted: on to the retained one. An arrow says
    that no end was seen, a cross that not even the shortest length was passed.
    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until it is measured")
    styles = palette.select(row.cell for row in rows)
    tasks = list(dict.fromkeys(row.task for row in rows))
    lanes = [
        _lane(mine, task, place)
        for task in tasks
        for place, cell in enumerate(styles)
        if (mine := [row for row in rows if (row.task, row.cell) == (task, cell)])
    ]
    chart = (
        alt.layer(*_layers(lanes, styles), data=frame.data(lanes))
        .facet(facet=alt.Facet("panel:N", sort=tasks), columns=3)
        .properties(title="T, length of the sequence (steps; logarithmic)")
        .resolve_axis(x="independent")
    )
    return Figure(
        id=figure_id,
        spec=frame.finished(
            chart,
            height=_LANE_PX * len(styles) + 8,
            panels=len(tasks),
            panel_px=_PANEL_PX,
            axis_px=14,
        ),
        caption=_caption(lanes, criterion, are_listed=any(row.accuracies for row in rows)),
        alt=_alt(lanes),
        rows=tuple(asdict(row) for row in rows),
    )


def _lane(rows: Sequence[BenchHorizonRow], task: str, place: int) -> dict[str, Any]:
    """Return one cell's lane in a panel: from where to where it is drawn."""
    learned = _middle(row.learned for row in rows)
    retained = _middle(row.retained for row in rows)
    far = [row.retained or _NEAREST for row in rows]
    near = learned or _NEAREST
    reached = retained or _NEAREST
    is_open = any(row.retained_is_open and row.retained == retained for row in rows)
    return {
        "panel": task,
        "cell": rows[0].cell,
        "y": 8 + _LANE_PX * (place + 0.5),
        "start": _NEAREST,
        "learned": near,
        "retained": reached,
        "low": min(far),
        "high": max(far),
        "none": learned is None and retained is None,
        "unlearned": learned is None,
        "open": is_open,
        "seeds": len(rows),
        "said": _said(learned, any(r.learned_is_open and r.learned == learned for r in rows)),
        "kept": _said(retained, is_open),
    }


def _middle(values: Any) -> int | None:
    """Return the median, the lower one of two; None ranks below everything."""
    ranked = sorted(values, key=lambda value: -1 if value is None else value)
    middle: int | None = ranked[(len(ranked) - 1) // 2]
    return middle


def _said(length: int | None, is_open: bool) -> str:
    return "none" if length is None else f"{length:,}{' or more' if is_open else ''}"


def _layers(lanes: Sequence[dict[str, Any]], styles: dict[str, CellStyle]) -> list[Any]:
    top = max(100, *(lane["high"] for lane in lanes))
    colour, shape = frame.colour(styles), frame.mark(styles)
    base = alt.Chart().encode(y=alt.Y("y:Q", scale=None, axis=None), color=colour)
    gone = base.transform_filter("!datum.none")
    tips = [
        alt.Tooltip("cell:N"),
        alt.Tooltip("said:N", title="learned"),
        alt.Tooltip("kept:N", title="retained"),
        alt.Tooltip("seeds:Q"),
    ]
    point: dict[str, Any] = {"size": 95, "opacity": 1, "strokeWidth": 1.8}
    return [
        gone.mark_rule(strokeWidth=5, strokeCap="butt").encode(
            x=_x("start", top), x2=alt.X2("learned:Q")
        ),
        gone.mark_rule(strokeWidth=2.2, strokeDash=[2, 3]).encode(
            x=_x("learned", top), x2=alt.X2("retained:Q")
        ),
        gone.mark_rule(strokeWidth=1.3).encode(x=_x("low", top), x2=alt.X2("high:Q")),
        gone.transform_filter("datum.retained > datum.learned")
        .mark_point(filled=False, fill=PAPER, **point)
        .encode(x=_x("retained", top), shape=shape, tooltip=tips),
        gone.transform_filter("!datum.unlearned")
        .mark_point(filled=True, **point)
        .encode(x=_x("learned", top), shape=shape, tooltip=tips),
        gone.transform_filter("datum.open")
        .mark_text(text="→", align="left", dx=8, dy=-0.5, fontSize=16, fontWeight="bold")
        .encode(x=_x("retained", top)),
        base.transform_filter("datum.none")
        .mark_text(text="×", align="left", fontSize=18, fontWeight="bold")
        .encode(x=_x("start", top), tooltip=tips),
    ]


def _x(field: str, top: int) -> "alt.X":
    """Return the axis of lengths, with room for an arrow at its end."""
    ticks = [tick for tick in _TICKS if tick <= top * 1.2]
    axis = alt.Axis(
        title=None,
        values=ticks,
        format=",d",
        grid=True,
        gridColor=HAIR,
        labelOverlap="greedy",
        labelSeparation=8,
    )
    scale = alt.Scale(type="log", domain=[_NEAREST, top * 1.9], nice=False)
    return alt.X(f"{field}:Q", scale=scale, axis=axis)


def _caption(lanes: Sequence[dict[str, Any]], criterion: str, *, are_listed: bool) -> str:
    told = [
        "How far each cell came on each task, by the median seed "
        f"({frame.counted([lane['seeds'] for lane in lanes], 'seed')}). A length counts from "
        f"{criterion} on, with every shorter one tested.",
        "Thick line and full mark: learned, among the lengths that training came to. Dotted line "
        "and hollow mark: retained, beyond what was trained.",
    ]
    if max(lane["seeds"] for lane in lanes) > 1:
        told.append("Thin line: lowest to highest seed, retained.")
    if any(lane["open"] for lane in lanes):
        told.append("Arrow: the longest length tested was passed, so that no end was seen.")
    if any(lane["none"] for lane in lanes):
        told.append("Cross: not even the shortest length was passed.")
    if are_listed:
        told.append(
            "The accuracy of every seed at every length stands in the figure's data, which "
            "can be saved; * where no sequence could be held back from training."
        )
    return " ".join(told)


def _alt(lanes: Sequence[dict[str, Any]]) -> str:
    told = (
        f"{lane['panel']}, {lane['cell']}: learned {lane['said']}, retained {lane['kept']}"
        for lane in lanes
    )
    return f"Horizons by task and cell, median over seeds. {'; '.join(told)}."
