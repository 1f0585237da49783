"""Bits per character of each cell, beside what counting alone gives."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from unroll.report.bench_rows import BitsRow
from unroll.report.charts import frame
from unroll.report.charts.palette import SOFT, CellStyle, Palette
from unroll.report.charts.unchecked import unchecked
from unroll.report.extra import Extra
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_ROW_PX = 34
_NAMES_PX = 44
"""Room above the first cell for the names of the rules."""


@unchecked()
def bits_by_cell(
    rows: Sequence[BitsRow],
    *,
    rules: Mapping[str, float],
    palette: Palette,
    figure_id: str = "bench-bits",
    remark: str = "",
) -> Figure:
    """Draw a mark for each seed of each cell, and a dashed rule for each of `rules`.

    `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until it is measured")
    medians = _medians(rows)
    styles = palette.select(medians)
    order = sorted(medians, key=medians.__getitem__)
    data: list[dict[str, Any]] = [{"kind": "seed", **asdict(row)} for row in rows]
    data += [{"kind": "median", "cell": cell, "bits": bits} for cell, bits in medians.items()]
    ends = _ends(rows, rules)
    data += [
        {
            "kind": "rule",
            "rule": name,
            "bits": bits,
            "lane": 12 + 14 * (place % 2),
            "right": bits > sum(ends) / 2,
        }
        for place, (name, bits) in enumerate(sorted(rules.items(), key=lambda item: item[1]))
    ]
    height = _NAMES_PX + _ROW_PX * len(order)
    chart = alt.layer(*_layers(styles, order, ends), data=frame.data(data))
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=height),
        caption=f"{_caption(rows, rules)} {remark}".strip(),
        alt=_alt(medians, rules),
        rows=(
            *(asdict(row) for row in rows),
            *({"cell": name, "seed": None, "bits": bits} for name, bits in rules.items()),
        ),
    )


def _medians(rows: Sequence[BitsRow]) -> dict[str, float]:
    cells = dict.fromkeys(row.cell for row in rows)
    return {cell: statistics.median(row.bits for row in rows if row.cell == cell) for cell in cells}


def _ends(rows: Sequence[BitsRow], rules: Mapping[str, float]) -> list[float]:
    """Return the ends of the axis: all that is drawn, with a margin."""
    values = [*(row.bits for row in rows), *rules.values()]
    margin = max(0.05, 0.06 * (max(values) - min(values)))
    return [min(values) - margin, max(values) + margin]


def _layers(styles: dict[str, CellStyle], order: Sequence[str], ends: list[float]) -> list[Any]:
    x = alt.X(
        "bits:Q",
        scale=alt.Scale(domain=ends, nice=False, zero=False),
        axis=alt.Axis(title="bits per character of held-out text; fewer is better", tickCount=6),
    )
    # In px, so that a place above the first cell is left for the names of the rules.
    y = alt.Y(
        "cell:N",
        sort=list(order),
        scale=alt.Scale(domain=list(order), range=[_NAMES_PX, _NAMES_PX + _ROW_PX * len(order)]),
        axis=alt.Axis(title=None),
    )
    base = alt.Chart().encode(x=x)
    rule = base.transform_filter("datum.kind == 'rule'")
    shown = base.encode(y=y, color=frame.colour(styles).legend(None))
    tips = [
        alt.Tooltip("cell:N"),
        alt.Tooltip("seed:Q"),
        alt.Tooltip("bits:Q", title="bits per character", format=".3f"),
    ]
    seeds = shown.transform_filter("datum.kind == 'seed'")
    middle = shown.transform_filter("datum.kind == 'median'")
    return [
        rule.mark_rule(color=SOFT, strokeDash=[4, 3], strokeWidth=1.1),
        *(_named(rule, is_right=is_right) for is_right in (False, True)),
        middle.mark_tick(orient="vertical", thickness=2.4, size=22),
        seeds.mark_point(filled=True, size=46, fillOpacity=0.75).encode(
            tooltip=tips,
            shape=frame.mark(styles).legend(None),
        ),
    ]


def _named(rule: Any, *, is_right: bool) -> Any:
    """Return the names of the rules of one half, on the side where there is room for them."""
    half = rule.transform_filter(f"datum.right == {str(is_right).lower()}")
    align, dx = ("right", -4) if is_right else ("left", 4)
    return half.mark_text(align=align, dx=dx, fontSize=11, color=SOFT).encode(
        y=alt.Y("lane:Q", scale=None, axis=None), text=alt.Text("rule:N")
    )


def _caption(rows: Sequence[BitsRow], rules: Mapping[str, float]) -> str:
    cells = dict.fromkeys(row.cell for row in rows)
    seeds = [sum(row.cell == cell for row in rows) for cell in cells]
    told = [
        "Bits per character of text that no cell was trained on. Each mark is a seed; stroke: "
        f"median of {frame.counted(seeds, 'seed')}."
        if max(seeds) > 1
        else "Bits per character of text that no cell was trained on; 1 seed each."
    ]
    if rules:
        told.append("Dashed: what counting gives, without a network.")
    return " ".join(told)


def _alt(medians: Mapping[str, float], rules: Mapping[str, float]) -> str:
    cells = ", ".join(f"{cell} {bits:.3f}" for cell, bits in medians.items())
    beside = ", ".join(f"{name} {bits:.3f}" for name, bits in rules.items())
    return (
        f"Bits per character, median over seeds: {cells}.{f' Beside: {beside}.' if rules else ''}"
    )
