"""How an optimiser's result hangs on its learning rate: the whole U, diverged trials and all."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.decades import Decades
from unroll.report.charts.palette import PAPER, CellStyle, Palette
from unroll.report.charts.traces import Sample, bands
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.rows import RateRow
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_HEIGHT = 330
_NUDGE = 0.03
"""How far apart, in powers of ten, two optimisers stand at one rate."""


@unchecked()
def loss_by_rate(
    rows: Sequence[RateRow],
    *,
    palette: Palette,
    figure_id: str = "loss-by-rate",
    remark: str = "",
) -> Figure:
    """Draw the final training loss against the learning rate, one line per optimiser.

    `palette` is one of optimisers; `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until a trial is in")
    styles = palette.select(row.optimiser for row in rows)
    losses = [_loss(row) for row in rows]
    decades = Decades.of(losses, height=_HEIGHT, lanes=len(styles), beyond=_ending(rows))
    samples = _samples(rows)
    best = best_rates(rows)
    title = "final training loss (nats, logarithmic)"
    chart = alt.layer(*_layers(styles), data=frame.data(_points(rows, styles, decades))).encode(
        x=_x(rows), y=decades.axis(title=title)
    )
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=_HEIGHT),
        caption=f"{_caption(rows, samples)} {remark}".strip(),
        alt=_alt(samples, best),
        rows=tuple(asdict(row) for row in rows),
    )


@unchecked()
def best_rates(rows: Sequence[RateRow]) -> dict[str, float]:
    """Return each optimiser's rate of the lowest median loss; of equal ones the lower rate.

    An optimiser whose median trial diverged at every rate has none.
    """
    best: dict[str, tuple[float, float]] = {}
    for sample in _samples(rows):
        if math.isfinite(sample.median):
            found = (sample.median, sample.x)
            best[sample.line] = min(found, best.get(sample.line, found))
    return {optimiser: rate for optimiser, (_, rate) in best.items()}


def _loss(row: RateRow) -> float | None:
    """Return the final loss of `row`; None where it diverged."""
    return None if row.status.startswith("diverged") else row.final_loss_nats


def _ending(rows: Sequence[RateRow]) -> str:
    """Return what happened to the trials without a loss, in a word or two."""
    lost = [row for row in rows if _loss(row) is None]
    is_plain = all(row.status.startswith("diverged") for row in lost)
    return "diverged" if is_plain else "diverged or failed"


def _samples(rows: Sequence[RateRow]) -> list[Sample]:
    """Return the losses of all seeds at each rate of each optimiser."""
    found: defaultdict[tuple[str, float], list[float | None]] = defaultdict(list)
    for row in rows:
        found[row.optimiser, row.rate].append(_loss(row))
    return [
        Sample(line=optimiser, x=rate, values=tuple(losses))
        for (optimiser, rate), losses in sorted(found.items(), key=lambda item: item[0][1])
    ]


def _points(
    rows: Sequence[RateRow], styles: dict[str, CellStyle], decades: Decades
) -> list[dict[str, Any]]:
    """Return the points of the lines, one mark per trial, and the names of the bands."""
    lanes = {name: lane for lane, name in enumerate(styles)}
    aside = {name: 10 ** (_NUDGE * (i - (len(styles) - 1) / 2)) for i, name in enumerate(styles)}
    best = best_rates(rows)
    points: list[dict[str, Any]] = [{"kind": "band", **band} for band in decades.bands()]
    points += [
        {
            "kind": "line",
            "optimiser": sample.line,
            "dash": styles[sample.line].dash,
            "x": sample.x * aside[sample.line],
            "y": decades.place(sample.median, lanes[sample.line]),
            "best": best.get(sample.line) == sample.x,
        }
        for sample in _samples(rows)
    ]
    points += [
        {
            "kind": "trial",
            "optimiser": row.optimiser,
            "x": row.rate * aside[row.optimiser],
            "y": decades.place(_loss(row), lanes[row.optimiser]),
            "rate": row.rate,
            "seed": row.seed,
            "loss": row.final_loss_nats,
            "solved": row.steps_to_solve,
            "status": row.status,
            "lost": decades.edge(_loss(row)) == "beyond",
        }
        for row in rows
    ]
    return points


def _x(rows: Sequence[RateRow]) -> "alt.X":
    """Return the logarithmic axis of rates."""
    low, high = min(row.rate for row in rows), max(row.rate for row in rows)
    ends = [low / 10 ** (3 * _NUDGE), high * 10 ** (3 * _NUDGE)]
    axis = alt.Axis(
        title="learning rate (logarithmic)",
        values=sorted({row.rate for row in rows}),
        format="~g",
        labelOverlap="greedy",
        labelSeparation=6,
    )
    return alt.X("x:Q", scale=alt.Scale(type="log", domain=ends, nice=False), axis=axis)


def _layers(styles: dict[str, CellStyle]) -> list[Any]:
    """Return the lines, the rings of the best rates, and the marks of the trials."""
    focus = frame.focus("optimiser")
    base = alt.Chart().encode(
        color=frame.colour(styles, "optimiser").legend(frame.folded(styles)),
        opacity=frame.faded(focus),
    )
    tips = [
        alt.Tooltip("optimiser:N"),
        alt.Tooltip("rate:Q", format="~g"),
        alt.Tooltip("seed:Q"),
        alt.Tooltip("loss:Q", title="final loss (nats)", format=".3~g"),
        alt.Tooltip("solved:Q", title="steps to solve", format=","),
        alt.Tooltip("status:N"),
    ]
    line = base.transform_filter("datum.kind == 'line'")
    trial = base.transform_filter("datum.kind == 'trial'").encode(tooltip=tips)
    return [
        *bands(),
        line.mark_line(strokeWidth=2.2).encode(strokeDash=frame.dash()).add_params(focus),
        line.transform_filter("datum.best").mark_point(
            filled=False, fill=PAPER, shape="circle", size=330, strokeWidth=2.2
        ),
        trial.transform_filter("!datum.lost")
        .mark_point(filled=True, size=42)
        .encode(shape=frame.mark(styles, "optimiser")),
        trial.transform_filter("datum.lost").mark_point(
            filled=True, shape="cross", angle=45, size=60
        ),
    ]


def _caption(rows: Sequence[RateRow], samples: Sequence[Sample]) -> str:
    """Return the sentences that say what each mark stands for."""
    seeds = [len(sample.values) for sample in samples]
    number = frame.counted(seeds, "seed")
    parts = [
        "Training loss at the end against the learning rate; each mark is one trial.",
        f"Line: median of {number}; ring: the rate of the lowest median."
        if max(seeds) > 1
        else f"{number} each; ring: the rate of the lowest loss.",
    ]
    if lost := sum(_loss(row) is None for row in rows):
        trials = frame.counted([lost], "trial")
        parts.append(
            f"{trials} {_ending(rows)}: the {'cross' if lost == 1 else 'crosses'} at the top, up "
            "to which a line runs where its median trial did."
        )
    parts.append("Optimisers are set side by side at each rate.")
    return " ".join(parts)


def _alt(samples: Sequence[Sample], best: dict[str, float]) -> str:
    """Return the chart in words: every median, and the best rates."""
    lines = []
    for optimiser in dict.fromkeys(sample.line for sample in samples):
        values = [
            f"{f'{s.median:.3g}' if math.isfinite(s.median) else 'diverged'} at {s.x:g}"
            for s in samples
            if s.line == optimiser
        ]
        top = f"best {best[optimiser]:g}" if optimiser in best else "none"
        lines.append(f"{optimiser} ({top}): {', '.join(values)}")
    return f"Median final training loss in nats by learning rate. {'; '.join(lines)}."
