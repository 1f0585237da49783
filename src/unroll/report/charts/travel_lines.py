"""What both panels of travel share: lines by seed, their colours and dashes, and horizons."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from unroll.records import Horizon, Reading
from unroll.report.charts import frame
from unroll.report.charts.palette import CellStyle
from unroll.report.charts.traces import LEGEND
from unroll.report.extra import Extra
from unroll.report.travel_rows import Condition, TravelHorizonRow, TravelRow

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

DASHES: Mapping[Condition, Sequence[float]] = {
    "trained": (1, 0),
    "trained, not solved": (5, 2),
    "trained nearer": (10, 3),
    "recurrence frozen": (7, 2, 1.5, 2),
    "before training": (1.5, 2.5),
}
"""The dash of each condition, the same in every panel."""


def path_of(row: TravelRow) -> str:
    """Return the line that a row belongs to: one network in one condition."""
    return f"{row.network}; {row.condition}"


def grouped(rows: Sequence[TravelRow]) -> dict[tuple[str, str, str, int], list[float | None]]:
    """Return the values of all seeds at each distance of each line."""
    found: defaultdict[tuple[str, str, str, int], list[float | None]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.distance):
        found[path_of(row), row.line, row.condition, row.distance].append(row.value)
    return found


def colour(styles: Mapping[str, CellStyle]) -> "alt.Color":
    """Return the colour of each line; its legend stands below the column."""
    return frame.colour(styles, "line").legend(_below())


def mark(styles: Mapping[str, CellStyle]) -> "alt.Shape":
    """Return the mark of each line, which tells lines apart in grey; it joins the colours."""
    return frame.mark(styles, "line").legend(_below())


def _below() -> "alt.Legend":
    return alt.Legend(
        symbolSize=90,
        symbolOpacity=1,
        orient="bottom",
        direction="vertical",
        columns=1,
        offset=10,
        labelLimit=230,
    )


def dash(conditions: Sequence[Condition]) -> "alt.StrokeDash":
    """Return the dash of each condition that is drawn; all panels share its legend."""
    scale = alt.Scale(domain=list(conditions), range=[list(DASHES[c]) for c in conditions])
    legend = frame.folded(conditions, **LEGEND, offset=14)
    return alt.StrokeDash("condition:N", scale=scale, title=None).legend(legend)


def tips(value: "alt.Tooltip") -> list["alt.Tooltip"]:
    """Return what is told under the pointer, with `value` between place and seeds."""
    return [
        alt.Tooltip("path:N", title="network"),
        alt.Tooltip("x:Q", title="d", format=","),
        value,
        alt.Tooltip("seeds:Q"),
    ]


def networks(horizons: Sequence[TravelHorizonRow]) -> list[str]:
    """Return the networks, in their order."""
    return list(dict.fromkeys(row.network for row in horizons))


def median_of(horizons: Sequence[TravelHorizonRow], network: str) -> int | None:
    """Return the median horizon of one network."""
    return seeds_horizon([row for row in horizons if row.network == network]).median


def seeds_horizon(rows: Sequence[TravelHorizonRow]) -> Horizon:
    """Return the horizon of the seeds of one network."""
    return Horizon(
        unit=rows[0].unit,
        criterion="",
        budget="",
        readings=tuple(
            Reading(seed=row.seed, last_passed=row.last_passed, first_failed=row.first_failed)
            for row in rows
        ),
    )
