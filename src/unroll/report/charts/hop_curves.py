"""How far a network on a graph recalls: accuracy and influence against hops, shape by shape."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame, spans
from unroll.report.charts.dashes import dashed
from unroll.report.charts.decades import Decades
from unroll.report.charts.palette import INK, CellStyle, Palette
from unroll.report.charts.spans import DASHED, SOLID
from unroll.report.charts.traces import Sample, layers, points, said
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.graph_rows import HopRow
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_HEIGHT = 210
_PANEL_PX = 200


@unchecked()
def accuracy_by_hops(
    rows: Sequence[HopRow], *, figure_id: str = "hop-accuracy", remark: str = ""
) -> Figure:
    """Draw accuracy against distance, one panel a shape, dashed where layers are residual.

    `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row.
    """
    _refuse_none(rows, figure_id)
    styles = _styles(rows)
    found = _grouped(rows, lambda row: row.accuracy)
    drawn = [
        {**point, "panel": shape}
        for (shape, line, distance), values in found.items()
        for point in spans.points(
            [spans.Spot(line=line, x=distance, values=values, dash=styles[line].dash)]
        )
    ]
    chances = {row.shape: row.chance for row in rows}
    drawn += [{"panel": shape, "chance": chance} for shape, chance in chances.items()]
    samples = _samples(found)
    return _figure(
        _accuracy_layers(rows, styles),
        drawn,
        rows,
        title="accuracy (share of right answers) against hops d",
        figure_id=figure_id,
        caption=f"Accuracy where the marked node is d hops from the reader and the network has at "
        f"least d layers. Dotted: chance, {_told(chances.values())}. {_seeds(samples)}"
        f"{_dashes(rows)} {remark}",
        words=_alt("Accuracy", samples),
    )


def _accuracy_layers(rows: Sequence[HopRow], styles: dict[str, CellStyle]) -> list[Any]:
    """Return the level of guessing, and the lines."""
    scale = alt.Scale(domain=[0, 1.02], nice=False)
    y = alt.Y("y:Q", scale=scale, axis=alt.Axis(title=None, format=".1f", tickCount=5))
    tips = [
        alt.Tooltip("x:Q", title="hops"),
        alt.Tooltip("y:Q", title="median accuracy", format=".3f"),
        alt.Tooltip("seeds:Q"),
    ]
    chance = alt.Chart().transform_filter("isValid(datum.chance)")
    level = chance.mark_rule(color=INK, strokeDash=[1, 3], strokeWidth=1.2).encode(
        y=alt.Y("chance:Q", scale=scale)
    )
    lines = dashed(spans.layers(styles, x=_x(rows), y=y, tips=tips), styles)
    return [level, *(layer.transform_filter("isValid(datum.line)") for layer in lines)]


@unchecked()
def influence_by_hops(
    rows: Sequence[HopRow], *, figure_id: str = "hop-influence", remark: str = ""
) -> Figure:
    """Draw ‖∂h(reader) / ∂x(source)‖ of the trained networks against distance, logarithmic.

    Raises: ValueError without any row.
    """
    _refuse_none(rows, figure_id)
    styles = _styles(rows)
    samples = _samples(_grouped(rows, lambda row: row.trained))
    decades = Decades.of((row.trained for row in rows), height=_HEIGHT, lanes=len(styles))
    return _figure(
        layers(styles, decades, x=_x(rows), tip="hops"),
        points(samples, styles, decades),
        rows,
        title="‖∂h(reader) / ∂x(source)‖ (logarithmic) against hops d",
        figure_id=figure_id,
        caption="How much the reader's state depends on the source's features after training. "
        f"{_seeds(samples)}{_dashes(rows)} {said(samples, decades)} {remark}",
        words=_alt("Influence of the source on the reader", samples),
    )


def _figure(
    chart_layers: Sequence[Any],
    drawn: Sequence[dict[str, Any]],
    rows: Sequence[HopRow],
    *,
    title: str,
    figure_id: str,
    caption: str,
    words: str,
) -> Figure:
    """Return one panel a shape."""
    shapes = list(dict.fromkeys(row.shape for row in rows))
    chart = (
        alt.layer(*chart_layers, data=frame.data(drawn))
        .facet(facet=alt.Facet("panel:N", sort=shapes), columns=3)
        .properties(title=title)
        .resolve_axis(x="independent")
    )
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=_HEIGHT, panels=len(shapes), panel_px=_PANEL_PX),
        caption=caption.strip(),
        alt=words,
        rows=tuple(asdict(row) for row in rows),
    )


def _refuse_none(rows: Sequence[HopRow], figure_id: str) -> None:
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until it is measured")


def line_name(row: HopRow) -> str:
    """Return the line that a row belongs to."""
    return f"{'residual' if row.is_residual else 'plain'} {row.model}"


def _styles(rows: Sequence[HopRow]) -> dict[str, CellStyle]:
    """Return each line's style: its model's colour, dashed where layers are residual."""
    models = Palette.of_networks(row.model for row in rows).styles
    lines = dict.fromkeys((row.model, row.is_residual, line_name(row)) for row in rows)
    return {
        name: replace(models[model], dash=DASHED if is_residual else SOLID)
        for model, is_residual, name in lines
    }


def _grouped(
    rows: Sequence[HopRow], value: Callable[[HopRow], float]
) -> dict[tuple[str, str, int], tuple[float, ...]]:
    """Return the values of all seeds at each distance of each line in each panel."""
    found: defaultdict[tuple[str, str, int], list[float]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.distance):
        found[row.shape, line_name(row), row.distance].append(value(row))
    return {place: tuple(values) for place, values in found.items()}


def _samples(found: dict[tuple[str, str, int], tuple[float, ...]]) -> list[Sample]:
    return [
        Sample(panel=shape, line=line, x=distance, values=values)
        for (shape, line, distance), values in found.items()
    ]


def _x(rows: Sequence[HopRow]) -> "alt.X":
    distances = sorted({row.distance for row in rows})
    axis = alt.Axis(title=None, values=distances, format="d", labelOverlap="greedy")
    ends = [distances[0] - 0.2, distances[-1] + 0.2]
    return alt.X("x:Q", axis=axis, scale=alt.Scale(domain=ends, nice=False, zero=False))


def _seeds(samples: Sequence[Sample]) -> str:
    return frame.median_line(len(sample.values) for sample in samples)


def _dashes(rows: Sequence[HopRow]) -> str:
    return " Dashed: residual layers." if any(row.is_residual for row in rows) else ""


def _told(chances: Iterable[float]) -> str:
    return " and ".join(dict.fromkeys(f"{chance:.2f}" for chance in chances))


def _alt(words: str, samples: Sequence[Sample]) -> str:
    told = []
    for panel, line in dict.fromkeys((sample.panel, sample.line) for sample in samples):
        mine = [sample for sample in samples if (sample.panel, sample.line) == (panel, line)]
        values = ", ".join(f"{sample.median:.3g} at {sample.x:g}" for sample in mine)
        told.append(f"{panel}, {line}: {values}")
    return f"{words} against hops, median over seeds. {'; '.join(told)}."
