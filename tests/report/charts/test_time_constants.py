import math
from collections.abc import Sequence

import pytest

from tests.report.study_samples import time_constant_rows
from unroll.report.charts import Palette, time_constants
from unroll.report.page import figure_svg
from unroll.report.rows import TimeConstantRow

PALETTE = Palette.of(["lstm"])


def rows_of(constants: Sequence[float | None]) -> list[TimeConstantRow]:
    return [
        TimeConstantRow(cell="lstm", condition="before", seed=0, unit=unit, keep=0.5, steps=steps)
        for unit, steps in enumerate(constants)
    ]


def share_at(constants: Sequence[float | None], tau: float) -> float:
    """Height of the strong line at `tau`, as steps that fall after each corner draw it."""
    figure = time_constants(rows_of(constants), palette=PALETTE, distance=8)
    corners = [
        (corner["x"], corner["y"])
        for rows in figure.spec["datasets"].values()
        for corner in rows
        if corner.get("seed") == "all seeds"
    ]
    share: float = next(y for x, y in corners if x >= tau)
    return share


def test_line_is_the_share_of_units_that_keep_at_least_as_long() -> None:
    constants = [1.0, 2.0, 2.0, 50.0]
    for tau in (0.9, 1.0, 1.5, 2.0, 3.0, 50.0, 60.0):
        assert share_at(constants, tau) == sum(c >= tau for c in constants) / 4


def test_units_that_never_forget_are_never_left_out() -> None:
    constants = [1.0, None, math.inf, 1e9]
    assert share_at(constants, 1000.0) == 0.75
    caption = time_constants(rows_of(constants), palette=PALETTE, distance=8).caption
    assert "Never forgetting, and counted at every $τ$: 2 units." in caption
    assert "Off the axis to the right: 1 unit." in caption


def test_units_that_keep_nothing_are_counted() -> None:
    caption = time_constants(rows_of([0.0, 1.0]), palette=PALETTE, distance=8).caption
    assert "Off the axis to the left: 1 unit." in caption


def test_caption_and_alt_text_say_what_is_drawn() -> None:
    figure = time_constants(rows_of([1.0, 2.0, 50.0]), palette=PALETTE, distance=8)
    assert figure.caption == (
        "Share of units whose time constant $τ$ is at least as long as the axis says. Strong "
        "line: the units of all seeds (1 seed, 3 units each); thin lines: each seed. Dotted: "
        "$T - 2$ = 8, the steps that the digit has to be carried."
    )
    assert figure.alt == (
        "Time constants of the units, in steps. lstm, before: median 2, 33% of units at 8 or "
        "longer."
    )


def test_conditions_differ_in_dash_and_the_task_is_marked() -> None:
    figure = time_constants(time_constant_rows(), palette=PALETTE, distance=28)
    scale = figure.spec["layer"][3]["encoding"]["strokeDash"]["scale"]
    assert scale["domain"] == ["lstm, untrained", "lstm, trained at T = 30"]
    assert scale["range"][0] != scale["range"][1]
    assert "T − 2 = 28" in figure_svg(figure)


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="time-constants: no rows"):
        time_constants([], palette=PALETTE, distance=8)
