"""How much gradient arrives at each step: what the loss can still say to the past."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame, traces
from unroll.report.charts.decades import Decades
from unroll.report.charts.palette import CellStyle, Palette
from unroll.report.charts.traces import Sample
from unroll.report.extra import Extra
from unroll.report.rows import MessageRow
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_HEIGHT = 200
_PANEL_PX = 200


def gradient_over_time(
    rows: Sequence[MessageRow],
    *,
    palette: Palette,
    figure_id: str = "gradient-over-time",
    remark: str = "",
) -> Figure:
    """Draw ‖∂L/∂h(t)‖ and ‖∂L/∂c(t)‖ against the step t, one panel per condition.

    `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until a trial is in")
    samples = _samples(rows)
    styles = _styles(rows, palette)
    panels = list(dict.fromkeys(row.condition for row in rows))
    decades = Decades.of((row.norm for row in rows), height=_HEIGHT, lanes=len(styles))
    chart = (
        alt.layer(
            *traces.layers(styles, decades, x=_x(rows), tip="step t"),
            data=frame.data(traces.points(samples, styles, decades)),
        )
        .facet(facet=alt.Facet("panel:N", sort=panels), columns=3)
        .properties(title="norm of the arriving gradient (logarithmic) against step t")
        .resolve_axis(x="independent")
    )
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=_HEIGHT, panels=len(panels), panel_px=_PANEL_PX),
        caption=f"{_caption(samples, styles, decades)} {remark}".strip(),
        alt=_alt(samples),
        rows=tuple(asdict(row) for row in rows),
    )


def _line(row: MessageRow) -> str:
    """Return the name of the line that `row` belongs to."""
    return f"{row.cell}, {row.part}"


def _styles(rows: Sequence[MessageRow], palette: Palette) -> dict[str, CellStyle]:
    """Return the style of each line: the cell's colour, dashed for the cell state."""
    drawn = {_line(row) for row in rows}
    cells = palette.select(row.cell for row in rows)
    return {
        name: replace(style, dash=dash)
        for cell, style in cells.items()
        for part, dash in (("h", (1, 0)), ("c", (5, 3)))
        if (name := f"{cell}, {part}") in drawn
    }


def _samples(rows: Sequence[MessageRow]) -> list[Sample]:
    """Return the norms of all seeds at each step of each line."""
    found: defaultdict[tuple[str, str, int], list[float]] = defaultdict(list)
    for row in rows:
        found[row.condition, _line(row), row.step].append(row.norm)
    return [
        Sample(panel=panel, line=line, x=step, values=tuple(norms))
        for (panel, line, step), norms in sorted(found.items(), key=lambda item: item[0][2])
    ]


def _x(rows: Sequence[MessageRow]) -> Any:
    """Return the axis of steps."""
    ends = [min(row.step for row in rows), max(row.step for row in rows)]
    axis = alt.Axis(title=None, tickCount=5, format="d", labelOverlap=True)
    return alt.X("x:Q", axis=axis, scale=alt.Scale(domain=ends, nice=False, padding=3))


def _caption(samples: Sequence[Sample], styles: dict[str, CellStyle], decades: Decades) -> str:
    """Return the sentences that say what each line stands for."""
    seeds = frame.counted([len(sample.values) for sample in samples], "seed")
    several = any(len(sample.values) > 1 for sample in samples)
    parts = [
        "How much of the loss's gradient arrives at step $t$; the loss is read after the last "
        "step, at the right.",
        f"Line: median of {seeds}; band: lowest to highest seed." if several else f"{seeds} each.",
    ]
    if any(name.endswith(", c") for name in styles):
        parts.append("Solid: the hidden state $h_t$; dashed: the cell state $c_t$.")
    return " ".join(filter(None, [*parts, traces.said(samples, decades)]))


def _alt(samples: Sequence[Sample]) -> str:
    """Return the chart in words: the ends of each line."""
    parts = []
    for panel in dict.fromkeys(sample.panel for sample in samples):
        here = [sample for sample in samples if sample.panel == panel]
        lines = []
        for line in dict.fromkeys(sample.line for sample in here):
            path = [sample for sample in here if sample.line == line]
            first, last = path[0], path[-1]
            lines.append(
                f"{line} {first.median:.2g} at step {first.x}, {last.median:.2g} at step {last.x}"
            )
        parts.append(f"{panel}: {', '.join(lines)}")
    return f"Norm of the gradient that arrives at a step, median over seeds. {'; '.join(parts)}."
