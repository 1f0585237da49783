"""How the loss falls under each optimiser, each at the rate that suits it best."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from unroll.report.charts import frame, traces
from unroll.report.charts.decades import Decades
from unroll.report.charts.palette import Palette
from unroll.report.charts.traces import Sample
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.rows import DescentRow
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_HEIGHT = 330


@unchecked()
def loss_by_optimiser(
    rows: Sequence[DescentRow],
    *,
    palette: Palette,
    figure_id: str = "loss-by-optimiser",
    remark: str = "",
) -> Figure:
    """Draw the training loss against the step: each optimiser's median and range over seeds.

    `palette` is one of optimisers; `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row, or when an optimiser comes at two rates.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until a trial is in")
    rates = _rates(rows, figure_id)
    styles = palette.select(rates)
    samples = _samples(rows)
    losses = [row.loss_nats for row in rows]
    decades = Decades.of(losses, height=_HEIGHT, lanes=len(styles), beyond="not finite (diverged)")
    label = "datum.value ? format(datum.value, '~s') : '0'"
    axis = alt.Axis(title="step", labelExpr=label, tickCount=6, labelFlush=False)
    x = alt.X("x:Q", axis=axis, scale=alt.Scale(zero=True, nice=False))
    title = "training loss (nats, logarithmic)"
    chart = alt.layer(
        *traces.layers(styles, decades, x=x, tip="step", y=title),
        data=frame.data(traces.points(samples, styles, decades)),
    )
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=_HEIGHT),
        caption=f"{_caption(rows, samples, rates, decades)} {remark}".strip(),
        alt=_alt(samples, rates),
        rows=tuple(asdict(row) for row in rows),
    )


def _rates(rows: Sequence[DescentRow], figure_id: str) -> dict[str, float]:
    """Return the rate of each optimiser."""
    found: defaultdict[str, set[float]] = defaultdict(set)
    for row in rows:
        found[row.optimiser].add(row.rate)
    for optimiser, rates in found.items():
        if len(rates) > 1:
            several = ", ".join(f"{rate:g}" for rate in sorted(rates))
            raise ValueError(
                f"{figure_id}: rows must have one rate per optimiser, got {several} for "
                f"{optimiser}: choose one"
            )
    return {optimiser: rate for optimiser, (rate,) in found.items()}


def _samples(rows: Sequence[DescentRow]) -> list[Sample]:
    """Return the losses of all seeds at each step of each optimiser."""
    found: defaultdict[tuple[str, int], list[float | None]] = defaultdict(list)
    for row in rows:
        found[row.optimiser, row.step].append(row.loss_nats)
    return [
        Sample(line=optimiser, x=step, values=tuple(losses))
        for (optimiser, step), losses in sorted(found.items(), key=lambda item: item[0][1])
    ]


def _caption(
    rows: Sequence[DescentRow],
    samples: Sequence[Sample],
    rates: dict[str, float],
    decades: Decades,
) -> str:
    """Return the sentences that say what each line stands for."""
    seeds = [len({r.seed for r in rows if r.optimiser == name}) for name in rates]
    used = ", ".join(f"{name} {rate:g}" for name, rate in rates.items())
    parts = [
        f"Training loss against the step, at these learning rates: {used}.",
        frame.median_line(seeds),
    ]
    if len({(sample.line, len(sample.values)) for sample in samples}) > len(rates):
        parts.append("Where some seeds have stopped, median and band are of those that go on.")
    return " ".join(filter(None, [*parts, traces.said(samples, decades)]))


def _alt(samples: Sequence[Sample], rates: dict[str, float]) -> str:
    """Return the chart in words: where each line begins and ends."""
    lines = []
    for name, rate in rates.items():
        path = [sample for sample in samples if sample.line == name]
        first, last = path[0], path[-1]
        lines.append(
            f"{name} at rate {rate:g}: {first.median:.3g} at step {first.x:,}, "
            f"{last.median:.3g} at step {last.x:,}"
        )
    return f"Training loss in nats against the step, median over seeds. {'; '.join(lines)}."
