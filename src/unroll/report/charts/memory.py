"""The memory horizon: the longest sequence that each seed of each cell got right."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from unroll.report.charts import frame
from unroll.report.charts.palette import PAPER, SOFT, CellStyle, Palette
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.markup import plain
from unroll.report.rows import HorizonRow
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")


@unchecked()
def memory_horizon(
    rows: Sequence[HorizonRow],
    *,
    palette: Palette,
    criterion: str,
    figure_id: str = "memory-horizon",
    remark: str = "",
) -> Figure:
    """Draw the last length passed and the first one failed, one line per seed.

    `criterion` is marked-up text that says when a length counts as passed, such as
    "accuracy of at least 0.95"; `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until a trial is in")
    styles = palette.select(row.cell for row in rows)
    cells = list(styles)
    strips = _strips(rows, cells)
    lengths = {n for row in rows for n in (row.last_passed, row.first_failed) if n is not None}
    chart = alt.layer(*_layers(strips, styles)).encode(x=_x(lengths), y=_y(strips, cells))
    spec = frame.finished(chart, height=22 * len(_domain(strips, cells)))
    return Figure(
        id=figure_id,
        spec=spec,
        caption=f"{_caption(rows, criterion)} {remark}".strip(),
        alt=_alt(rows, criterion),
        rows=tuple(asdict(row) for row in rows),
    )


def _strips(rows: Sequence[HorizonRow], cells: list[str]) -> list[dict[str, Any]]:
    """Return one strip per seed, cell by cell, each with the words it needs."""
    ordered = sorted(rows, key=lambda row: (cells.index(row.cell), row.seed))
    return [
        {
            "cell": row.cell,
            "seed": row.seed,
            "strip": f"{row.cell}, seed {row.seed}",
            "passed": row.last_passed,
            "failed": row.first_failed,
            "foot": 0,
            "known": row.last_passed or 0,
            "words": _words(row),
        }
        for row in ordered
    ]


def _words(row: HorizonRow) -> str:
    """Return what stands at the end of a strip whose marks do not say everything."""
    if row.last_passed is None:
        return "no result" if row.first_failed is None else "none passed"
    return "→" if row.first_failed is None else ""


def _domain(strips: list[dict[str, Any]], cells: list[str]) -> list[str]:
    """Return the strips from top to bottom, with an empty one between two groups of seeds."""
    if len(strips) == len(cells):
        return [strip["strip"] for strip in strips]
    domain: list[str] = []
    for index, cell in enumerate(cells):
        domain += [strip["strip"] for strip in strips if strip["cell"] == cell]
        domain.append("\N{NO-BREAK SPACE}" * (index + 1))
    return domain[:-1]


def _layers(strips: list[dict[str, Any]], styles: dict[str, CellStyle]) -> list[Any]:
    """Return the known stretch, the open one, their end marks and the words."""
    tips = [
        alt.Tooltip("cell:N"),
        alt.Tooltip("seed:Q"),
        alt.Tooltip("passed:Q", title="last T passed"),
        alt.Tooltip("failed:Q", title="first T failed"),
    ]
    colour = frame.colour(styles).legend(None)
    shape = frame.mark(styles).legend(None)
    base = alt.Chart(frame.data(strips)).encode(color=colour, tooltip=tips)
    passed = base.transform_filter("datum.passed != null")
    failed = base.transform_filter("datum.failed != null")
    look: dict[str, Any] = {"size": 75, "strokeWidth": 1.6, "opacity": 1}
    return [
        passed.mark_rule(strokeWidth=2.5).encode(x=alt.X("foot:Q"), x2=alt.X2("known:Q")),
        failed.mark_rule(strokeWidth=1.2, strokeDash=[2, 3]).encode(
            x=alt.X("known:Q"), x2=alt.X2("failed:Q")
        ),
        passed.mark_point(filled=True, **look).encode(x=alt.X("passed:Q"), shape=shape),
        failed.mark_point(filled=False, fill=PAPER, **look).encode(
            x=alt.X("failed:Q"), shape=shape
        ),
        base.transform_filter("datum.words == '→'")
        .mark_text(align="left", dx=8, fontSize=16)
        .encode(x=alt.X("known:Q"), text=alt.Text("words:N")),
        base.transform_filter("datum.passed == null")
        .transform_calculate(at="isValid(datum.failed) ? datum.failed : 0")
        .mark_text(align="left", dx=10, fontSize=12, color=SOFT)
        .encode(x=alt.X("at:Q"), text=alt.Text("words:N"), color=alt.ColorValue(SOFT)),
    ]


def _x(lengths: set[int]) -> "alt.X":
    """Return the axis of lengths, with room for an arrow at its end."""
    high = max(lengths, default=1)
    scale = alt.Scale(domain=[0, high * 1.06], nice=False)
    axis = frame.length_axis(lengths).copy()
    axis.grid = True
    return alt.X(scale=scale, axis=axis)


def _y(strips: list[dict[str, Any]], cells: list[str]) -> "alt.Y":
    """Return the axis of strips."""
    scale = alt.Scale(domain=_domain(strips, cells))
    return alt.Y("strip:N", scale=scale, axis=alt.Axis(title=None, labelLimit=260))


def _caption(rows: Sequence[HorizonRow], criterion: str) -> str:
    """Return the sentences that say what each mark stands for."""
    parts = [
        f"How far each seed remembers; a length counts as passed with {criterion}.",
        "Filled mark: the longest $T$ up to which every tested length was passed; "
        "hollow mark: the first one failed; the horizon lies between them.",
    ]
    if any(row.last_passed is not None and row.first_failed is None for row in rows):
        parts.append("Arrow: passed at the longest length that was tested.")
    if any(row.last_passed is None and row.first_failed is not None for row in rows):
        parts.append("None passed: failed at the shortest length already.")
    return " ".join(parts)


def _alt(rows: Sequence[HorizonRow], criterion: str) -> str:
    """Return the chart in words: every seed."""
    parts = []
    for row in rows:
        passed = "none passed" if row.last_passed is None else f"passed up to {row.last_passed}"
        failed = "none failed" if row.first_failed is None else f"failed at {row.first_failed}"
        parts.append(f"{row.cell} seed {row.seed}: {passed}, {failed}")
    return f"Memory horizon in steps, {plain(criterion)}. {'; '.join(parts)}."
