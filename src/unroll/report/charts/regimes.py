"""The gradient of the recurrent weights, step by step: why it vanishes or explodes."""

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
from unroll.report.rows import RegimeRow
from unroll.report.section import Figure

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")

_HEIGHT = 210
_PANEL_PX = 200
_LINES = {
    "jacobian_norm": ("‖∂h(T)/∂h(k)‖, measured", (1, 0)),
    "term_norm": ("‖term of ∂L/∂W_hh from step k‖", (2, 2)),
    "predicted": ("ρ^(T−k), predicted", (7, 4)),
}
"""By the field of a row: what its line is called, and its dash."""


@unchecked()
def gradient_regimes(
    rows: Sequence[RegimeRow],
    *,
    length: int,
    figure_id: str = "gradient-regimes",
    remark: str = "",
) -> Figure:
    """Draw what each step contributes to ∂L/∂W_hh against its distance from the end, T = `length`.

    One panel per regime; `remark` is marked-up text that ends the caption.
    Raises: ValueError without any row, or when a step lies beyond `length`.
    """
    if not rows:
        raise ValueError(f"{figure_id}: no rows: leave the figure out until a trial is in")
    if (last := max(row.step for row in rows)) > length:
        raise ValueError(f"{figure_id}: length must be the last step, T, or later: got step {last}")
    samples = _samples(rows, length)
    styles = _styles()
    panels = list(dict.fromkeys(row.regime for row in rows))
    decades = Decades.of(_values(samples), height=_HEIGHT, lanes=len(styles))
    axis = alt.Axis(title=None, tickCount=5, format="d", labelOverlap=True)
    x = alt.X("x:Q", axis=axis, scale=alt.Scale(zero=True, nice=False))
    chart = (
        alt.layer(
            *traces.layers(styles, decades, x=x, tip="steps back"),
            data=frame.data(traces.points(samples, styles, decades)),
        )
        .facet(facet=alt.Facet("panel:N", sort=panels), columns=3)
        .properties(title="norm (logarithmic) against distance back, T − k (steps)")
        .resolve_axis(x="independent")
    )
    return Figure(
        id=figure_id,
        spec=frame.finished(chart, height=_HEIGHT, panels=len(panels), panel_px=_PANEL_PX),
        caption=f"{_caption(samples, decades)} {remark}".strip(),
        alt=_alt(samples, length),
        rows=tuple(asdict(row) for row in rows),
    )


def _styles() -> dict[str, CellStyle]:
    """Return the style of each of the three lines."""
    found = Palette.of_series(name for name, _ in _LINES.values()).styles
    return {name: replace(found[name], dash=dash) for name, dash in _LINES.values()}


def _samples(rows: Sequence[RegimeRow], length: int) -> list[Sample]:
    """Return the values of all seeds at each distance of each line."""
    found: defaultdict[tuple[str, str, int], list[float]] = defaultdict(list)
    for row in rows:
        for field, (line, _) in _LINES.items():
            if (value := getattr(row, field)) is not None:
                found[row.regime, line, length - row.step].append(value)
    return [
        Sample(panel=panel, line=line, x=back, values=tuple(values))
        for (panel, line, back), values in sorted(found.items(), key=lambda item: item[0][2])
    ]


def _values(samples: Sequence[Sample]) -> list[float | None]:
    """Return all values of all lines."""
    return [value for sample in samples for value in sample.values]


def _caption(samples: Sequence[Sample], decades: Decades) -> str:
    """Return the sentences that say what each line stands for."""
    parts = [
        "What arrives $T - k$ steps back from the end. Solid: the measured norm of "
        "$∂h_T / ∂h_k$; dashed: $ρ^{T-k}$, with $ρ$ the spectral radius of $W_{hh}$; dotted: "
        "the norm of the term of $∂L / ∂W_{hh}$ that comes from step $k$; together the terms "
        "are the gradient.",
        frame.median_line(len(sample.values) for sample in samples),
    ]
    return " ".join(filter(None, [*parts, traces.said(samples, decades)]))


def _alt(samples: Sequence[Sample], length: int) -> str:
    """Return the chart in words: what arrives furthest back."""
    parts = []
    for panel in dict.fromkeys(sample.panel for sample in samples):
        here = [sample for sample in samples if sample.panel == panel]
        back = max(sample.x for sample in here)
        ends: list[Any] = [s for s in here if s.x == back]
        values = ", ".join(f"{sample.line} {sample.median:.2g}" for sample in ends)
        parts.append(f"{panel}: {values} at {back} steps back")
    return (
        f"Norms by distance from the last step, T = {length}, median over seeds. "
        f"{'; '.join(parts)}."
    )
