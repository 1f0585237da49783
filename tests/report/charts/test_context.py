import pytest

from unroll.report.charts import Palette, influence_by_distance, loss_by_context
from unroll.report.page import figure_svg
from unroll.report.text_rows import ContextRow, InfluenceRow

PALETTE = Palette.of_series(["quick"])
LOSSES = [
    ContextRow(
        training="quick",
        seed=seed,
        start=start,
        distance=k,
        loss_nats=(4.0 if start == "foreign text" else 3.0) / k + 0.1 * seed,
        standard_error=0.1 if start == "foreign text" else None,
    )
    for seed in (0, 1, 2)
    for start in ("foreign text", "zero state")
    for k in (1, 2, 4)
]


def test_a_zero_state_is_dashed_beside_foreign_text() -> None:
    figure = loss_by_context(LOSSES, palette=PALETTE)
    (points,) = figure.spec["datasets"].values()
    solid = [(p["x"], p["y"]) for p in points if tuple(p["dash"]) == (1, 0)]
    assert solid == [(1, 4.1), (2, 2.1), (4, 1.1)]
    dashed = [(p["x"], p["y"]) for p in points if tuple(p["dash"]) != (1, 0)]
    assert dashed == [(1, 3.1), (2, 1.6), (4, 0.85)]
    assert figure.alt.endswith("quick: 4.10 at k = 1, 2.10 at k = 2, 1.10 at k = 4.")
    assert figure_svg(figure).startswith("<svg")


def test_influence_that_underflowed_stands_in_a_band_and_is_told() -> None:
    rows = [
        InfluenceRow(training="quick", seed=seed, distance=k, norm=norm)
        for seed in (0, 1)
        for k, norm in ((1, 0.1), (2, 1e-3), (4, 1e-9), (8, 0.0))
    ]
    figure = influence_by_distance(rows, palette=PALETTE)
    assert "Off the axis, of 8 values: 2 exactly 0 (underflow)" in figure.caption
    assert "quick: 0.1 at k = 1, 0 at k = 8" in figure.alt
    assert figure_svg(figure).startswith("<svg")


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="text-context: no rows"):
        loss_by_context([], palette=PALETTE)
    with pytest.raises(ValueError, match="text-influence: no rows"):
        influence_by_distance([], palette=PALETTE)
