"""How much gradient arrives at each step: what the loss can still say to the past."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame, traces
from unroll.report.charts.decades import Decades
from unroll.report.charts.palette import CellStyle, Palette
from unroll.report.charts.traces import Sample
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.rows import MessageRow
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_HEIGHT = 200
_PANEL_PX = 200
_DASHES = {"Solid": (1, 0), "dashed": (5, 3), "dotted": (2, 2), "long-dashed": (10, 4)}
"""How the first part of a state is drawn, the second, and so on."""
_WORDS = {"h": "the hidden state $h_t$", "c": "the cell state $c_t$"}
"""What a reader calls a part of the state; others go by their names."""


@unchecked()
def gradient_over_time(
    rows: Sequence[MessageRow],
    *,
    palette: Palette,
    figure_id: str = "gradient-over-time",
    remark: str = "",
) -> Figure:
    """Draw ‖∂L/∂s(t)‖ of each part s of the state against the step t, one panel per condition.

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
        caption=f"{_caption(samples, _parts(rows), decades)} {remark}".strip(),
        alt=_alt(samples),
        rows=tuple(asdict(row) for row in rows),
    )


def _line(row: MessageRow) -> str:
    """Return the name of the line that `row` belongs to."""
    return f"{row.cell}, {row.part}"


def _styles(rows: Sequence[MessageRow], palette: Palette) -> dict[str, CellStyle]:
    """Return the style of each line: the cell's colour, dashed by the part of the state."""
    parts = _parts(rows)
    dashes = list(_DASHES.values())
    return {
        f"{cell}, {part}": replace(style, dash=dashes[place % len(dashes)])
        for cell, style in palette.select(parts).items()
        for place, part in enumerate(parts[cell])
    }


def _parts(rows: Sequence[MessageRow]) -> dict[str, list[str]]:
    """Return the parts of each cell's state, in their order."""
    found: dict[str, list[str]] = {}
    for cell, part in dict.fromkeys((row.cell, row.part) for row in rows):
        found.setdefault(cell, []).append(part)
    return found


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


def _caption(samples: Sequence[Sample], parts: dict[str, list[str]], decades: Decades) -> str:
    """Return the sentences that say what each line stands for."""
    told = [
        "How much of the loss's gradient arrives at step $t$; the loss is read after the last "
        "step, at the right.",
        frame.median_line(len(sample.values) for sample in samples),
    ]
    if any(len(of_cell) > 1 for of_cell in parts.values()):
        told.append(_dashes_told(parts))
    return " ".join(filter(None, [*told, traces.said(samples, decades)]))


def _dashes_told(parts: dict[str, list[str]]) -> str:
    """Say which part of a state each kind of line stands for."""
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for of_cell in parts.values():
        for look, part in zip(_DASHES, of_cell, strict=False):
            kinds[look].append(_WORDS.get(part, f"`{part}`"))
    told = (f"{look}: {' or '.join(dict.fromkeys(names))}" for look, names in kinds.items())
    return f"{'; '.join(told)}."


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
