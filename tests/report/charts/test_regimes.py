from dataclasses import replace

import pytest

from tests.report.study_samples import regime_rows
from unroll.report.charts import gradient_regimes
from unroll.report.page import figure_svg

END = [row for row in regime_rows([0]) if row.regime.startswith("orthogonal") and row.step == 60]


def test_distance_is_counted_back_from_the_end() -> None:
    (points,) = gradient_regimes(regime_rows(), length=60).spec["datasets"].values()
    back = {point["x"] for point in points if point["kind"] == "line"}
    assert back == set(range(60))


def test_the_three_lines_are_named() -> None:
    drawing = figure_svg(gradient_regimes(regime_rows(), length=60))
    for name in (
        "‖∂h(T)/∂h(k)‖, measured",
        "‖term of ∂L/∂W_hh from step k‖",
        "ρ^(T−k), predicted",
        "expanding, ρ = 1.5",
    ):
        assert f">{name}<" in drawing


def test_caption_and_alt_text_say_what_is_drawn() -> None:
    figure = gradient_regimes(END, length=60)
    assert figure.caption == (
        "What arrives $T - k$ steps back from the end. Solid: the measured norm of "
        "$∂h_T / ∂h_k$; dashed: $ρ^{T-k}$, with $ρ$ the spectral radius of $W_{hh}$; dotted: the "
        "norm of the term of $∂L / ∂W_{hh}$ that comes from step $k$; together the terms are the "
        "gradient. 1 seed each."
    )
    assert figure.alt == (
        "Norms by distance from the last step, T = 60, median over seeds. orthogonal, ρ = 1: "
        "‖∂h(T)/∂h(k)‖, measured 1, ‖term of ∂L/∂W_hh from step k‖ 0.03, ρ^(T−k), predicted 1 at "
        "0 steps back."
    )


def test_underflow_is_told() -> None:
    rows = [*regime_rows([0]), replace(END[0], step=1, seed=1, term_norm=0.0)]
    assert "1 exactly 0 (underflow)" in gradient_regimes(rows, length=60).caption


def test_a_step_after_the_last_is_refused() -> None:
    with pytest.raises(ValueError, match="step 60") as error:
        gradient_regimes(END, length=50)
    assert str(error.value) == (
        "gradient-regimes: length must be the last step, T, or later: got step 60"
    )


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="gradient-regimes: no rows"):
        gradient_regimes([], length=60)
