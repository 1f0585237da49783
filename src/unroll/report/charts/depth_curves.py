"""What depth does to the nodes of a graph: accuracy, and how alike their states become."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from unroll.report.charts import frame, spans
from unroll.report.charts.dashes import dashed
from unroll.report.charts.decades import Decades
from unroll.report.charts.palette import CellStyle, Palette
from unroll.report.charts.traces import Sample, layers, points, said
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.graph_rows import DepthRow
from unroll.report.section import Figure, Scalar

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_HEIGHT = 230
_DEPTH = "L, layers, or powers of Â (logarithmic)"


@unchecked()
def accuracy_by_depth(
    rows: Sequence[DepthRow],
    *,
    figure_id: str = "depth-accuracy",
    remark: str = "",
) -> Figure:
    """Draw accuracy against depth, one line a variant.

    `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row.
    """
    return _lines(
        rows,
        lambda row: row.accuracy,
        title="accuracy (share of test nodes)",
        caption="Accuracy on the test nodes against depth.",
        words="Accuracy on the test nodes",
        figure_id=figure_id,
        remark=remark,
    )


@unchecked()
def cosine_by_depth(
    rows: Sequence[DepthRow], *, figure_id: str = "depth-cosine", remark: str = ""
) -> Figure:
    """Draw the mean cosine of two nodes' states against depth, one line a variant.

    Raises: ValueError without any row.
    """
    return _lines(
        rows,
        lambda row: row.mean_cosine,
        title="mean cosine of two nodes' states",
        caption="How alike the directions of two nodes' states are after the last layer; 1: all "
        "the same.",
        words="Mean cosine of two nodes' states",
        figure_id=figure_id,
        remark=remark,
    )


@unchecked()
def energy_by_depth(
    rows: Sequence[DepthRow], *, figure_id: str = "depth-energy", remark: str = ""
) -> Figure:
    """Draw the share of the Dirichlet energy that is left against depth, logarithmic.

    Raises: ValueError without any row.
    """
    _refuse_none(rows, figure_id)
    samples = [
        Sample(line=variant, x=depth, values=values)
        for (variant, depth), values in _grouped(rows, lambda row: row.energy_left).items()
    ]
    styles = _styles(rows)
    values = [row.energy_left for row in rows]
    decades = Decades.of(values, height=_HEIGHT, lanes=len(styles))
    chart = layers(
        styles,
        decades,
        x=_x(rows),
        tip="L",
        y="share of the Dirichlet energy (logarithmic)",
    )
    return Figure(
        id=figure_id,
        spec=frame.finished(
            alt.layer(*chart, data=frame.data(points(samples, styles, decades))), height=_HEIGHT
        ),
        caption="Dirichlet energy after the last layer, as a share of that of the features that "
        f"went in; 0: neighbours are all the same. {_seeds(samples)} {said(samples, decades)} "
        f"{remark}".strip(),
        alt=_alt("Share of the Dirichlet energy left", samples),
        rows=_table(rows),
    )


def _lines(
    rows: Sequence[DepthRow],
    value: Callable[[DepthRow], float],
    *,
    title: str,
    caption: str,
    words: str,
    figure_id: str,
    remark: str,
) -> Figure:
    """Draw one value on a linear axis."""
    _refuse_none(rows, figure_id)
    found = _grouped(rows, value)
    styles = _styles(rows)
    spots = [
        spans.Spot(line=variant, x=depth, values=values, dash=styles[variant].dash)
        for (variant, depth), values in found.items()
    ]
    y = spans.value_axis([value(row) for row in rows], title=title)
    tips = [
        alt.Tooltip("x:Q", title="L"),
        alt.Tooltip("y:Q", title="median", format=".3f"),
        alt.Tooltip("seeds:Q"),
    ]
    lines = dashed(spans.layers(styles, x=_x(rows), y=y, tips=tips), styles)
    samples = [Sample(line=spot.line, x=spot.x, values=spot.values) for spot in spots]
    return Figure(
        id=figure_id,
        spec=frame.finished(
            alt.layer(*lines, data=frame.data(spans.points(spots))), height=_HEIGHT
        ),
        caption=f"{caption} {_seeds(samples)} {remark}".strip(),
        alt=_alt(words, samples),
        rows=_table(rows),
    )


def _refuse_none(rows: Sequence[DepthRow], figure_id: str) -> None:
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until it is measured")


def _grouped(
    rows: Sequence[DepthRow], value: Callable[[DepthRow], float]
) -> dict[tuple[str, int], tuple[float, ...]]:
    """Return the values of all seeds at each depth of each variant."""
    found: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.depth):
        found[row.variant, row.depth].append(value(row))
    return {place: tuple(values) for place, values in found.items()}


def _styles(rows: Sequence[DepthRow]) -> dict[str, CellStyle]:
    names = sorted({row.variant for row in rows})
    return Palette.of_networks(names).select(names)


def _x(rows: Sequence[DepthRow]) -> "alt.X":
    depths = sorted({row.depth for row in rows})
    ends = (depths[0] / 1.04, max(depths[-1], depths[0] + 1) * 1.04)
    return spans.log_axis(ends, title=_DEPTH, ticks=depths)


def _seeds(samples: Sequence[Sample]) -> str:
    return frame.median_line(len(sample.values) for sample in samples)


def _alt(words: str, samples: Sequence[Sample]) -> str:
    told = []
    for line in dict.fromkeys(sample.line for sample in samples):
        mine = [sample for sample in samples if sample.line == line]
        told.append(f"{line}: {', '.join(f'{s.median:.3g} at {s.x:g}' for s in mine)}")
    return f"{words} against depth L, median over seeds. {'; '.join(told)}."


def _table(rows: Sequence[DepthRow]) -> tuple[dict[str, Scalar], ...]:
    return tuple({**asdict(row), "energy_left": row.energy_left} for row in rows)
