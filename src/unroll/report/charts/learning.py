"""How character models learn: loss and accuracy against what was read, training and held out."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.palette import CellStyle, Palette
from unroll.report.charts.spans import DASHED, SOLID, decades_between, log_axis, share_axis
from unroll.report.charts.traces import LEGEND
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.section import Figure
from unroll.report.text_rows import LearningRow

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

HELD_OUT = "held out"
BITS_PER_NAT = 1 / math.log(2)
_MARGIN = 0.04
_NO_ROWS = "no rows: leave the figure out until a training is in"


@unchecked()
def text_loss(
    rows: Sequence[LearningRow],
    *,
    palette: Palette,
    figure_id: str = "text-loss",
    remark: str = "",
) -> Figure:
    """Draw loss against characters read, in nats on the left axis and in bits on the right.

    `palette` is one of ways of training; `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row.
    """
    drawn = [(row, row.loss_nats) for row in rows if row.loss_nats is not None]
    known = [value for _, value in drawn]
    ends = _ends(known, figure_id)
    main = alt.layer(
        *_layers(palette.select(row.training for row in rows)),
        data=frame.data(_points(drawn)),
    ).encode(x=_x(rows), y=_nats(ends))
    bits = [end * BITS_PER_NAT for end in ends]
    beside = (
        alt.Chart(frame.data([{"x": _least(rows), "bits": bits[0]}]))
        .mark_point(opacity=0)
        .encode(x=alt.X("x:Q"), y=_bits(bits))
    )
    chart = alt.layer(main, beside).resolve_scale(y="independent")
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=320),
        caption=f"{_caption('Loss', rows)} Left axis: nats; right axis: the same in bits. "
        f"{remark}".strip(),
        alt=_alt("Loss in nats per character", [(row, value) for row, value in drawn]),
        rows=tuple(asdict(row) for row in rows),
    )


@unchecked()
def text_accuracy(
    rows: Sequence[LearningRow],
    *,
    palette: Palette,
    figure_id: str = "text-accuracy",
    remark: str = "",
) -> Figure:
    """Draw accuracy against characters read.

    Raises: ValueError without any row.
    """
    drawn = [(row, row.accuracy) for row in rows if row.accuracy is not None]
    if not drawn:
        raise ValueError(f"{figure_id}: {_NO_ROWS}")
    title = "accuracy (share of characters predicted right)"
    y = share_axis([value for _, value in drawn], title=title)
    chart = alt.layer(
        *_layers(palette.select(row.training for row in rows)),
        data=frame.data(_points(drawn)),
    ).encode(x=_x(rows), y=y)
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=260),
        caption=f"{_caption('Accuracy', rows)} {remark}".strip(),
        alt=_alt("Accuracy", drawn),
        rows=tuple(asdict(row) for row in rows),
    )


def _ends(values: Sequence[float], figure_id: str) -> tuple[float, float]:
    """Return the ends of an axis that holds all values."""
    if not values:
        raise ValueError(f"{figure_id}: {_NO_ROWS}")
    room = _MARGIN * (max(values) - min(values)) or 0.05
    return min(values) - room, max(values) + room


def _least(rows: Sequence[LearningRow]) -> int:
    """Return the fewest characters that any point stands for; 0 has no place on the axis."""
    return min((row.characters for row in rows if row.characters), default=1)


def _x(rows: Sequence[LearningRow]) -> "alt.X":
    low, high = _least(rows), max(2, *(row.characters for row in rows))
    title = "characters read in training (logarithmic)"
    return log_axis((low, max(high, low + 1)), title=title, ticks=decades_between(low, high))


def _nats(ends: Sequence[float]) -> "alt.Y":
    scale = alt.Scale(domain=list(ends), nice=False, zero=False)
    return alt.Y("y:Q", scale=scale, axis=alt.Axis(title="nats per character", tickCount=6))


def _bits(ends: Sequence[float]) -> "alt.Y":
    axis = alt.Axis(
        title="bits",
        orient="right",
        grid=False,
        tickCount=6,
        titleAlign="right",
        titleX=26,
    )
    return alt.Y("bits:Q", scale=alt.Scale(domain=list(ends), nice=False, zero=False), axis=axis)


def _points(drawn: Sequence[tuple[LearningRow, float]]) -> list[dict[str, Any]]:
    """Return one point a row; each line is one part of one seed."""
    return [
        {
            "line": row.training,
            "of": f"{row.seed} {row.part}",
            "part": row.part,
            "seed": row.seed,
            "dash": DASHED if row.part == HELD_OUT else SOLID,
            "step": row.step,
            "x": row.characters,
            "y": float(f"{value:.5g}"),
        }
        for row, value in drawn
        if row.characters
    ]


def _layers(styles: dict[str, CellStyle]) -> list[Any]:
    """Return the lines, and unseen marks that answer the pointer."""
    focus = frame.focus("line")
    base = alt.Chart().encode(
        color=frame.colour(styles, "line").legend(frame.folded(styles, **LEGEND)),
        opacity=frame.faded(focus),
        detail=alt.Detail("of:N"),
    )
    tips = [
        alt.Tooltip("line:N", title="training"),
        alt.Tooltip("part:N"),
        alt.Tooltip("seed:Q"),
        alt.Tooltip("step:Q", format=","),
        alt.Tooltip("x:Q", title="characters", format=","),
        alt.Tooltip("y:Q", title="value", format=".3f"),
    ]
    line = base.mark_line(strokeWidth=1.6, strokeCap="butt", strokeJoin="round")
    return [
        line.encode(strokeDash=frame.dash()).add_params(focus),
        base.mark_point(filled=True, size=70).encode(opacity=alt.OpacityValue(0), tooltip=tips),
    ]


def _caption(what: str, rows: Sequence[LearningRow]) -> str:
    seeds: defaultdict[str, set[int]] = defaultdict(set)
    for row in rows:
        seeds[row.training].add(row.seed)
    number = frame.counted([len(found) for found in seeds.values()], "seed")
    return (
        f"{what} against the characters read, one line per seed ({number}). Solid: on the batches "
        f"trained on, mean since the point before. {_held_out(rows)}"
    )


def _held_out(rows: Sequence[LearningRow]) -> str:
    """Say what is dashed; one look at the held-out part makes no line."""
    looks = Counter(
        (row.training, row.seed)
        for row in rows
        if row.part == HELD_OUT and row.characters and row.loss_nats is not None
    )
    if max(looks.values(), default=0) > 1:
        return "Dashed: on the held-out part that tunes."
    return "The held-out part that tunes was looked at too seldom for a line."


def _alt(words: str, drawn: Sequence[tuple[LearningRow, float]]) -> str:
    """Return the chart in words: where the lines of each way of training end."""
    ends: dict[tuple[str, str, int], float] = {}
    for row, value in sorted(drawn, key=lambda pair: pair[0].step):
        ends[row.training, row.part, row.seed] = value
    told = []
    for training, part in dict.fromkeys((t, p) for t, p, _ in ends):
        values = [value for (t, p, _), value in ends.items() if (t, p) == (training, part)]
        span = f"{min(values):.3g}"
        if len(values) > 1:
            span += f" to {max(values):.3g}"
        told.append(f"{training}, {part}: {span}")
    return f"{words} against characters read. At the end: {'; '.join(told)}."
