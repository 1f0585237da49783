"""How long each unit keeps what it holds, over all units."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.palette import INK, SOFT, CellStyle, Palette
from unroll.report.charts.traces import LEGEND
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.rows import TimeConstantRow
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_LEAST, _MOST = 0.1, 1e6
"""The ends of the longest axis, in steps."""
_DASHES = ((3, 2), (1, 0), (9, 3), (1, 3), (6, 2))
"""By condition, in the order in which they come."""


@unchecked()
def time_constants(
    rows: Sequence[TimeConstantRow],
    *,
    palette: Palette,
    distance: int,
    figure_id: str = "time-constants",
    remark: str = "",
) -> Figure:
    """Draw the share of units that keep for at least τ steps; `distance` is how long the task is.

    One line per cell and condition; `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until a trial is in")
    styles = _styles(rows, palette)
    low, high = ends = _ends(rows, distance)
    axis = alt.Axis(
        title="τ, time constant of a unit (steps, logarithmic)",
        values=_ticks(low, high),
        format=",~g",
    )
    scale = alt.Scale(type="log", domain=list(ends), nice=False)
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(title="share of units that keep for τ or longer", format=".0%", tickCount=5),
    )
    chart = alt.layer(*_rule(distance), *_lines(_steps(rows, ends), styles)).encode(
        x=alt.X("x:Q", scale=scale, axis=axis), y=y
    )
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=300),
        caption=f"{_caption(rows, distance, ends)} {remark}".strip(),
        alt=_alt(rows, styles, distance),
        rows=tuple(asdict(row) for row in rows),
    )


def _line(row: TimeConstantRow) -> str:
    """Return the name of the line that `row` belongs to."""
    return f"{row.cell}, {row.condition}"


def _styles(rows: Sequence[TimeConstantRow], palette: Palette) -> dict[str, CellStyle]:
    """Return the style of each line: the cell's colour, the condition's dash."""
    drawn = {_line(row) for row in rows}
    conditions = dict.fromkeys(row.condition for row in rows)
    return {
        name: replace(style, dash=_DASHES[index % len(_DASHES)])
        for cell, style in palette.select(row.cell for row in rows).items()
        for index, condition in enumerate(conditions)
        if (name := f"{cell}, {condition}") in drawn
    }


def _constant(row: TimeConstantRow) -> float:
    """Return the time constant of `row` in steps; endless where it never forgets."""
    return math.inf if row.steps is None else row.steps


def _ends(rows: Sequence[TimeConstantRow], distance: int) -> tuple[float, float]:
    """Return the ends of the axis: what lies outside counts at its ends."""
    found = [v for row in rows if math.isfinite(v := _constant(row)) and v > 0] + [distance]
    low, high = max(min(found), _LEAST), min(max(found), _MOST)
    return low / 1.5, high * 2.5


def _ticks(low: float, high: float) -> list[float]:
    """Return the powers of ten between two ends; on a short axis, twice and five times them too."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)))
    factors = (1, 2, 5) if high / low < 50 else (1,)
    return [tick for p in powers for n in factors if low <= (tick := n * 10.0**p) <= high]


def _steps(rows: Sequence[TimeConstantRow], ends: tuple[float, float]) -> list[dict[str, Any]]:
    """Return the corners of the falling curves: all seeds together, and each on its own."""
    found: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        found[_line(row), "all seeds"].append(_constant(row))
        found[_line(row), str(row.seed)].append(_constant(row))
    corners = []
    for (line, seed), values in found.items():
        inside = Counter(float(f"{v:.3g}") for v in values if ends[0] < v < ends[1])
        left = sum(v > ends[0] for v in values)
        path = [(ends[0], left)]
        for at, count in sorted(inside.items()):
            path.append((at, left))
            left -= count
        path.append((ends[1], left))
        corners += [
            {"line": line, "seed": seed, "x": x, "y": round(y / len(values), 4)} for x, y in path
        ]
    return corners


def _lines(corners: list[dict[str, Any]], styles: dict[str, CellStyle]) -> list[Any]:
    """Return thin lines for the seeds and a strong one for all together."""
    focus = frame.focus("line")
    legend = frame.folded(styles, **LEGEND)
    base = alt.Chart(frame.data(corners)).encode(
        color=frame.colour(styles, "line").legend(legend),
        opacity=frame.faded(focus),
        tooltip=[
            alt.Tooltip("line:N"),
            alt.Tooltip("seed:N"),
            alt.Tooltip("x:Q", title="τ (steps)", format=",.3~g"),
            alt.Tooltip("y:Q", title="share of units", format=".0%"),
        ],
    )
    # A corner stands at the last share before the fall.
    look: dict[str, Any] = {"interpolate": "step-before", "strokeCap": "butt"}
    seeds = base.transform_filter("datum.seed != 'all seeds'").encode(detail=alt.Detail("seed:N"))
    together = base.transform_filter("datum.seed == 'all seeds'")
    dash = frame.stroke(styles, "line").legend(legend)
    return [
        seeds.mark_line(strokeWidth=0.8, strokeOpacity=0.45, **look).add_params(focus),
        together.mark_line(strokeWidth=2.4, **look).encode(strokeDash=dash),
    ]


def _rule(distance: int) -> list[Any]:
    """Return the line at the distance that the task asks for, and its name."""
    words = [f"T − 2 = {distance}", "to be carried"]
    base = alt.Chart(frame.data([{"x": distance, "y": 1, "foot": 0, "words": words}]))
    return [
        base.mark_rule(color=INK, strokeDash=[1, 3], strokeWidth=1.2).encode(y2=alt.Y2("foot:Q")),
        base.mark_text(
            align="left", baseline="top", dx=6, dy=4, fontSize=11.5, color=SOFT, lineHeight=14
        ).encode(text=alt.Text("words:N")),
    ]


def _caption(rows: Sequence[TimeConstantRow], distance: int, ends: tuple[float, float]) -> str:
    """Return the sentences that say what each line stands for."""
    units = Counter((_line(row), row.seed) for row in rows)
    seeds = frame.counted(Counter(line for line, _ in units).values(), "seed")
    parts = [
        "Share of units whose time constant $τ$ is at least as long as the axis says. Strong "
        f"line: the units of all seeds ({seeds}, {frame.counted(units.values(), 'unit')} each); "
        f"thin lines: each seed. Dotted: $T - 2$ = {distance}, the steps that the digit has to be "
        "carried.",
    ]
    if endless := sum(math.isinf(_constant(row)) for row in rows):
        parts.append(
            f"Never forgetting, and counted at every $τ$: {frame.counted([endless], 'unit')}."
        )
    if outside := sum(ends[1] <= _constant(row) < math.inf for row in rows):
        parts.append(f"Off the axis to the right: {frame.counted([outside], 'unit')}.")
    if short := sum(_constant(row) <= ends[0] for row in rows):
        parts.append(f"Off the axis to the left: {frame.counted([short], 'unit')}.")
    return " ".join(parts)


def _alt(rows: Sequence[TimeConstantRow], styles: dict[str, CellStyle], distance: int) -> str:
    """Return the chart in words: median and share beyond the task's distance."""
    lines = []
    for line in styles:
        found = sorted(_constant(row) for row in rows if _line(row) == line)
        far = sum(value >= distance for value in found) / len(found)
        middle = found[len(found) // 2]
        median = f"{middle:.3g}" if math.isfinite(middle) else "endless"
        lines.append(f"{line}: median {median}, {far:.0%} of units at {distance} or longer")
    return f"Time constants of the units, in steps. {'; '.join(lines)}."
