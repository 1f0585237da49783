"""How far information travels: influence and use against distance, one column a unit."""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from unroll.report.charts import frame, spans
from unroll.report.charts.decades import Decades, power
from unroll.report.charts.palette import SOFT, CellStyle, Palette
from unroll.report.charts.travel_influence import influence_layers
from unroll.report.charts.travel_lines import DASHES, grouped, networks, path_of, seeds_horizon
from unroll.report.charts.travel_use import use_layers
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.section import Figure
from unroll.report.travel_rows import (
    UNITS,
    Condition,
    TravelHorizonRow,
    TravelRow,
    Unit,
)

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

DEEPEST = -9
"""The lowest power of ten of influence drawn: below it, nothing is left that training could use."""
_HEIGHT = 185
_PANEL_PX = 185
_GAP_PX = 62
_WITHIN_PX = 18
_LINEAR_UP_TO = 20


@unchecked()
def travel_curves(
    rows: Sequence[TravelRow],
    horizons: Sequence[TravelHorizonRow],
    *,
    palettes: Mapping[Unit, Palette],
    figure_id: str = "travel",
    remark: str = "",
    command: str = "",
) -> Figure:
    """Draw influence over use against distance, one column a unit, horizons marked.

    Influence is relative to the nearest distance, on one logarithmic axis for all units; use is
    the share that is lost. `palettes` hold the lines of each unit; `remark` is marked-up text that
    ends the caption.
    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until it is measured")
    norms = [row.value for row in rows if row.measure == "influence"]
    lanes = len({(row.unit, row.line) for row in rows})
    decades = Decades.of(norms, height=_HEIGHT, lanes=min(lanes, 4), deepest=DEEPEST)
    conditions = [name for name in DASHES if any(row.condition == name for row in rows)]
    units = [unit for unit in UNITS if any(row.unit == unit for row in rows)]
    columns = [
        _column(
            [row for row in rows if row.unit == unit],
            [row for row in horizons if row.unit == unit],
            palettes[unit].select(row.line for row in rows if row.unit == unit),
            conditions,
            decades,
        )
        for unit in units
    ]
    return Figure(
        id=figure_id,
        spec=frame.finished_columns(
            columns, panel_px=_PANEL_PX, gap_px=_GAP_PX, within_px=_WITHIN_PX
        ),
        caption=f"{_caption(rows, decades)} {remark}".strip(),
        alt=_alt(rows, horizons),
        rows=tuple(asdict(row) for row in rows),
        command=command,
    )


def _column(
    rows: Sequence[TravelRow],
    horizons: Sequence[TravelHorizonRow],
    styles: Mapping[str, CellStyle],
    conditions: Sequence[Condition],
    decades: Decades,
) -> list[Any]:
    """Return the two panels of a unit, which share their axis of distance."""
    unit = rows[0].unit
    upper = [row for row in rows if row.measure == "influence"]
    lower = [row for row in rows if row.measure == "use"]
    panels = {
        "influence": influence_layers(upper, horizons, styles, conditions, decades, _x(rows, "")),
        "use": use_layers(lower, horizons, styles, conditions, _x(rows, f"d, {unit}")),
    }
    if not upper:
        panels["influence"].append(_not_measured())
    return [
        alt.layer(
            *layers,
            height=_HEIGHT,
            title=alt.Title(
                f"{UNITS[unit]}: {measure}", anchor="start", fontWeight="bold", offset=10
            ),
        )
        for measure, layers in panels.items()
    ]


def _not_measured() -> Any:
    """Return the words that stand in a panel of which nothing was measured."""
    words = alt.Chart(frame.data([{"words": "not measured here"}]))
    return words.mark_text(align="left", fontSize=12, color=SOFT).encode(
        x=alt.XValue(8), y=alt.YValue(_HEIGHT / 2), text=alt.Text("words:N")
    )


def _x(rows: Sequence[TravelRow], title: str) -> "alt.X":
    """Return the axis of distances, logarithmic where they span much."""
    distances = sorted({row.distance for row in rows})
    low, high = distances[0], distances[-1]
    if high <= _LINEAR_UP_TO:
        axis = alt.Axis(title=title or None, values=distances, format="d", labelOverlap="greedy")
        scale = alt.Scale(domain=[low - 0.2, high + 0.2], nice=False, zero=False)
        return alt.X("x:Q", axis=axis, scale=scale)
    tens = [10**p for p in range(6) if low <= 10**p <= 1.5 * high]
    fours = [4**p for p in range(9) if low <= 4**p <= high]
    ticks = tens if len(tens) > 3 else fours
    room = (high / low) ** 0.03
    ends = (low / room, high * room)
    return spans.log_axis(ends, title=f"{title} (logarithmic)" if title else "", ticks=ticks)


def _caption(rows: Sequence[TravelRow], decades: Decades) -> str:
    seeds: defaultdict[tuple[str, str, str, int], int] = defaultdict(int)
    for row in rows:
        seeds[row.measure, row.unit, path_of(row), row.distance] += 1
    told = [
        "**Influence**: how much gradient arrives from distance $d$, over what arrives from the "
        "nearest, on one logarithmic axis for all units. **Use**: the share of what there is to "
        "know that is lost when everything at $d$ and beyond is replaced. Mark, number and upright "
        "line: the horizon by use.",
        frame.median_line(seeds.values()),
    ]
    values = [row.value for row in rows if row.measure == "influence"]
    low = sum(decades.edge(value) in ("below", "zero") for value in values)
    if low:
        told.append(
            f"{low:,} of {len(values):,} influences lie below {power(DEEPEST)}: ticks at the foot."
        )
    if lost := sum(decades.edge(value) == "beyond" for value in values):
        told.append(f"Not finite: {lost:,}; ticks at the top.")
    told.append(_conditions_told({row.condition for row in rows if row.unit == "steps"}))
    return " ".join(filter(None, told))


def _conditions_told(conditions: set[Condition]) -> str:
    """Say which networks the lines of steps are of; empty where there are none."""
    words: dict[Condition, str] = {
        "trained": "*trained* is a network of its own at each distance (use), and the one at the "
        "horizon (influence)",
        "trained, not solved": "*not solved* is the one at the first distance that failed",
        "trained nearer": "*trained nearer* was trained at shorter distances only",
        "recurrence frozen": "of *recurrence frozen* only the readout was trained",
    }
    told = [text for condition, text in words.items() if condition in conditions]
    return f"Through time, {'; '.join(told)}." if told else ""


def _alt(rows: Sequence[TravelRow], horizons: Sequence[TravelHorizonRow]) -> str:
    """Return the chart in words: both ends of each line, and the horizons."""
    told = []
    measures: tuple[Literal["influence", "use"], ...] = ("influence", "use")
    for unit in dict.fromkeys(row.unit for row in rows):
        for measure in measures:
            found = grouped([r for r in rows if r.unit == unit and r.measure == measure])
            paths: defaultdict[str, dict[int, float]] = defaultdict(dict)
            for (path, _, _, distance), values in found.items():
                known = [value for value in values if value is not None]
                if known:
                    paths[path][distance] = statistics.median(known)
            told += [
                f"{measure}, {path}: {curve[min(curve)]:.2g} at {min(curve):,} and "
                f"{curve[max(curve)]:.2g} at {max(curve):,} {unit}"
                for path, curve in paths.items()
            ]
    for network in networks(horizons):
        mine = [row for row in horizons if row.network == network]
        found_horizon = seeds_horizon(mine)
        reached = "none" if found_horizon.median is None else f"{found_horizon.median:,}"
        more = " or more" if found_horizon.is_open else ""
        told.append(f"horizon, {network}: {reached}{more} {mine[0].unit}")
    return f"Influence and use against distance, median over seeds. {'; '.join(told)}."
