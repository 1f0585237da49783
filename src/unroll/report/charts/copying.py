"""How much of what is written is copied: by the length of the span, and by stage of training."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from unroll.report.charts import frame, spans
from unroll.report.charts.palette import Palette
from unroll.report.charts.unchecked import unchecked
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


@unchecked()
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
    spots = spans.spots_of(
        ((row.training, row.n, row.kind, row.share) for row in rows),
        dashes=_DASHES,
        marked=WRITTEN,
    )
    written = [spot for spot in spots if spot.condition == WRITTEN]
    return Figure(
        id=figure_id,
        spec=spans.finished(
            spots,
            styles,
            x=_span_axis(sorted({row.n for row in rows})),
            y=spans.share_axis([row.share for row in rows], title=_TITLE),
            tips=_tips("text", alt.Tooltip("x:Q", title="n"), "texts"),
        ),
        caption="Share of characters that lie in spans of at least $n$ characters found word for "
        f"word in the text trained on. Solid: written at the end of training, {_median(written)}. "
        "Dashed: held-out text of the same book; dotted: what a 5-gram model writes; both in the "
        f"colour of the first network that was trained on that text. {remark}".strip(),
        alt="Share of characters in copied spans, median over seeds. "
        f"{spans.said(written, '{y:.1%} at n = {x:,}')}.",
        rows=tuple(asdict(row) for row in rows),
    )


@unchecked()
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
    spots = _spots_by_stage(rows, staged)
    copied = [spot for spot in spots if spot.condition == "copied"]
    n = rows[0].n
    return Figure(
        id=figure_id,
        spec=spans.finished(
            spots,
            palette.select(row.training for row in rows),
            x=spans.step_axis(_ends(staged)),
            y=spans.share_axis(
                [value for spot in spots for value in spot.values], title="share of characters"
            ),
            tips=_tips("what", alt.Tooltip("x:Q", title="step", format=","), "seeds"),
        ),
        caption="By stage of training. Solid: share of characters written that lie in copied "
        f"spans of at least {n} ({_median(copied)}). "
        "Dotted: share of training characters predicted right. Dashed: the same share "
        f"of held-out text{_at_foot(rows)}. {remark}".strip(),
        alt=f"Share of characters in copied spans of at least {n}, by stage, median over seeds. "
        f"{spans.said(copied, '{y:.1%} at step {x:,}')}.",
        rows=tuple(asdict(row) for row in rows),
    )


def _at_foot(rows: Sequence[StageCopyRow]) -> str:
    """Say where level lines lie that none can see: on the axis, under the others."""
    levels = [row.share for row in rows if row.step is None]
    return ", 0% and so on the axis" if levels and not any(levels) else ""


def _spots_by_stage(
    rows: Sequence[StageCopyRow], staged: Sequence[StageCopyRow]
) -> list[spans.Spot]:
    """Return what is copied and what is predicted right at each stage, and the level lines."""
    measured = [(row.training, row.step or 0, "copied", row.share) for row in staged]
    measured += [
        (row.training, row.step or 0, "accuracy", row.training_accuracy)
        for row in staged
        if row.training_accuracy is not None
    ]
    measured += [
        (row.training, end, "baseline", row.share)
        for row in rows
        if row.step is None
        for end in _ends(staged)
    ]
    dashes = {"copied": spans.SOLID, "accuracy": spans.DOTTED, "baseline": spans.DASHED}
    return spans.spots_of(measured, dashes=dashes, marked="copied")


def _ends(staged: Sequence[StageCopyRow]) -> tuple[int, int]:
    """Return the first step and the last."""
    return 0, max(row.step or 0 for row in staged)


def _span_axis(lengths: Sequence[int]) -> "alt.X":
    room = 1.04
    return spans.log_axis(
        (lengths[0] / room, max(lengths[-1], lengths[0] + 1) * room),
        title="n, least length of a span (logarithmic)",
        ticks=lengths,
    )


def _tips(condition: str, place: "alt.Tooltip", seeds: str) -> list["alt.Tooltip"]:
    return [
        alt.Tooltip("condition:N", title=condition),
        place,
        alt.Tooltip("y:Q", title="share", format=".2%"),
        alt.Tooltip("seeds:Q", title=seeds),
    ]


def _median(spots: Sequence[spans.Spot]) -> str:
    """Say what solid lines and their bands stand for."""
    seeds = [len(spot.values) for spot in spots] or [0]
    number = frame.counted(seeds, "seed")
    return number if max(seeds) <= 1 else f"median of {number}, band from lowest to highest"
