"""How much of what is written is copied: by the length of the span, and by stage of training."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from unroll.report.charts import frame, spans
from unroll.report.charts.palette import Palette
from unroll.report.extra import Extra
from unroll.report.section import Figure
from unroll.report.text_rows import CopyRow, StageCopyRow

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

WRITTEN = "written"
_TITLE = "characters in copied spans"
_DASHES = {WRITTEN: spans.SOLID, "held-out text": spans.DASHED, "5-gram model": spans.DOTTED}


def copies_by_span(
    rows: Sequence[CopyRow],
    *,
    palette: Palette,
    figure_id: str = "text-copies",
    remark: str = "",
) -> Figure:
    """Draw the share of characters in verbatim spans of n or more, against n.

    Baselines have the colour of their network: held-out text dashed, a 5-gram model dotted.
    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until copies are measured")
    styles = palette.select(row.training for row in rows)
    shares: defaultdict[tuple[str, int, str], list[float]] = defaultdict(list)
    for row in rows:
        shares[row.training, row.n, row.kind].append(row.share)
    spots = [
        spans.Spot(
            line=training,
            x=n,
            values=tuple(values),
            condition=kind,
            dash=_DASHES[kind],
            marked=kind == WRITTEN,
        )
        for (training, n, kind), values in sorted(shares.items(), key=lambda item: item[0][1])
    ]
    lengths = sorted({row.n for row in rows})
    room = 1.04
    lines = spans.layers(
        styles,
        x=spans.log_axis(
            (lengths[0] / room, max(lengths[-1], lengths[0] + 1) * room),
            title="n, least length of a span (logarithmic)",
            ticks=lengths,
        ),
        y=spans.share_axis([row.share for row in rows], title=_TITLE),
        tips=[
            alt.Tooltip("condition:N", title="text"),
            alt.Tooltip("x:Q", title="n"),
            alt.Tooltip("y:Q", title="share", format=".2%"),
            alt.Tooltip("seeds:Q", title="texts"),
        ],
    )
    written = [len(values) for (_, _, kind), values in shares.items() if kind == WRITTEN] or [0]
    return Figure(
        id=figure_id,
        spec=frame.finished(alt.layer(*lines, data=frame.data(spans.points(spots))), height=300),
        caption="Share of characters that lie in spans of at least $n$ characters found word for "
        "word in the text trained on. Solid: written at the end of training, median of "
        f"{frame.counted(written, 'seed')}, band from lowest to highest. Dashed: held-out text of "
        "the same book; dotted: what a 5-gram model writes; both in the colour of the first "
        "network that was trained on that text. "
        f"{remark}".strip(),
        alt=_alt(
            "Share of characters in copied spans",
            [spot for spot in spots if spot.condition == WRITTEN],
            "n =",
        ),
        rows=tuple(asdict(row) for row in rows),
    )


def copies_by_stage(
    rows: Sequence[StageCopyRow],
    *,
    palette: Palette,
    figure_id: str = "text-copies-by-stage",
    remark: str = "",
) -> Figure:
    """Draw the share of copied characters against the step, and the training accuracy dotted.

    Rows without a step are baselines: dashed and level.
    Raises: ValueError without any row of a stage.
    """
    staged = [row for row in rows if row.step is not None]
    if not staged:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until copies are measured")
    styles = palette.select(row.training for row in rows)
    ends = (0, max(row.step or 0 for row in staged))
    shares: defaultdict[tuple[str, int, str], list[float]] = defaultdict(list)
    for row in staged:
        shares[row.training, row.step or 0, "copied"].append(row.share)
        if row.training_accuracy is not None:
            shares[row.training, row.step or 0, "accuracy"].append(row.training_accuracy)
    for row in rows:
        if row.step is None:
            for end in ends:
                shares[row.training, end, "baseline"].append(row.share)
    dashes = {"copied": spans.SOLID, "accuracy": spans.DOTTED, "baseline": spans.DASHED}
    spots = [
        spans.Spot(
            line=training,
            x=step,
            values=tuple(values),
            condition=condition,
            dash=dashes[condition],
            marked=condition == "copied",
        )
        for (training, step, condition), values in sorted(shares.items())
    ]
    lines = spans.layers(
        styles,
        x=spans.step_axis(ends),
        y=spans.share_axis([v for spot in spots for v in spot.values], title="share of characters"),
        tips=[
            alt.Tooltip("condition:N", title="what"),
            alt.Tooltip("x:Q", title="step", format=","),
            alt.Tooltip("y:Q", title="share", format=".2%"),
            alt.Tooltip("seeds:Q"),
        ],
    )
    n = rows[0].n
    return Figure(
        id=figure_id,
        spec=frame.finished(alt.layer(*lines, data=frame.data(spans.points(spots))), height=300),
        caption=f"By stage of training. Solid: share of characters written that lie in copied "
        f"spans of at least {n} (median of "
        f"{frame.counted([len(s.values) for s in spots if s.condition == 'copied'], 'seed')}). "
        f"Dotted: share of training characters predicted right. Dashed: the same share "
        "of held-out text. "
        f"{remark}".strip(),
        alt=_alt(
            f"Share of characters in copied spans of at least {n}, by stage",
            [spot for spot in spots if spot.condition == "copied"],
            "step",
        ),
        rows=tuple(asdict(row) for row in rows),
    )


def _alt(words: str, spots: Sequence[spans.Spot], place: str) -> str:
    told = []
    for line in dict.fromkeys(spot.line for spot in spots):
        mine = [spot for spot in spans.points(spots) if spot["line"] == line]
        values = ", ".join(f"{s['y']:.1%} at {place} {s['x']:,}" for s in mine)
        told.append(f"{line}: {values}")
    return f"{words}, median over seeds. {'; '.join(told)}."
