from dataclasses import replace

import pytest

from tests.report.study_samples import OPTIMISERS, descent_rows
from unroll.report.charts import Palette, loss_by_optimiser
from unroll.report.page import figure_svg

PALETTE = Palette.of_optimisers(OPTIMISERS)
ADAM = [row for row in descent_rows() if row.optimiser == "adam" and row.step == 50]


def test_line_is_the_median_over_seeds() -> None:
    rows = [replace(row, loss_nats=loss) for row, loss in zip(ADAM, (0.01, 1.0, 0.1), strict=True)]
    (points,) = loss_by_optimiser(rows, palette=PALETTE).spec["datasets"].values()
    assert (points[0]["y"], points[0]["low"], points[0]["high"]) == (-1, -2, 0)


def test_a_loss_that_is_not_finite_is_told_and_marked() -> None:
    rows = [*descent_rows(), replace(ADAM[0], step=60, loss_nats=None)]
    figure = loss_by_optimiser(rows, palette=PALETTE)
    assert "Off the axis, of 481 values: 1 not finite" in figure.caption
    assert ">not finite (diverged)<" in figure_svg(figure)


def test_caption_and_alt_text_say_what_is_drawn() -> None:
    rows = [replace(row, loss_nats=0.5) for row in ADAM]
    figure = loss_by_optimiser(rows, palette=PALETTE)
    assert figure.caption == (
        "Training loss against the step, at these learning rates: adam 0.002. Line: median of 3 "
        "seeds; band: lowest to highest seed."
    )
    assert figure.alt == (
        "Training loss in nats against the step, median over seeds. adam at rate 0.002: 0.5 at "
        "step 50, 0.5 at step 50."
    )


def test_seeds_that_stopped_are_told() -> None:
    rows = [*ADAM, replace(ADAM[0], step=100)]
    caption = loss_by_optimiser(rows, palette=PALETTE).caption
    assert "Where some seeds have stopped, median and band are of those that go on." in caption


def test_two_rates_of_one_optimiser_are_refused() -> None:
    with pytest.raises(ValueError, match="one rate") as error:
        loss_by_optimiser([*ADAM, replace(ADAM[0], rate=0.1)], palette=PALETTE)
    assert str(error.value) == (
        "loss-by-optimiser: rows must have one rate per optimiser, got 0.002, 0.1 for adam: "
        "choose one"
    )


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="loss-by-optimiser: no rows"):
        loss_by_optimiser([], palette=PALETTE)
