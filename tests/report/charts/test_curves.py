import math
import re
from dataclasses import replace

import pytest

from tests.report.samples import CELLS, curve_rows
from unroll.report.charts import Palette, accuracy_curves, loss_curves
from unroll.report.charts.frame import fitted
from unroll.report.page import figure_svg

PALETTE = Palette.of(CELLS)


def test_panels_stand_in_the_order_of_their_length() -> None:
    figure = loss_curves(curve_rows(lengths=[10, 100, 5]), palette=PALETTE)
    assert figure.spec["facet"]["sort"] == ["T = 5", "T = 10", "T = 100"]


def test_each_line_ends_once() -> None:
    figure = loss_curves(curve_rows(), palette=PALETTE)
    (points,) = figure.spec["datasets"].values()
    ends = [point for point in points if point["end"]]
    assert len(ends) == 27
    assert {point["step"] for point in ends} == {400}


def test_caption_and_alt_text_say_what_is_drawn() -> None:
    figure = accuracy_curves(curve_rows(["rnn"], [5], [0, 1]), palette=PALETTE)
    assert figure.caption == (
        "Accuracy on training batches, one panel per length $T$. One line per seed (2 seeds per "
        "cell and length); its mark shows where that seed stopped training."
    )
    assert figure.alt == (
        "Accuracy on training batches against the step. At the end of training, over all trials: "
        "T = 5: 0.878 to 0.984."
    )


def test_losses_that_no_axis_can_hold_are_left_out_or_put_at_its_foot() -> None:
    zero, endless, *others = curve_rows(["rnn"], [5], [0])
    rows = [replace(zero, loss_nats=0.0), replace(endless, loss_nats=math.nan), *others]
    figure = loss_curves(rows, palette=PALETTE)
    (points,) = figure.spec["datasets"].values()
    assert [point["step"] for point in points] == [100, 300, 400]
    assert points[0]["y"] == 1e-7
    assert figure_svg(figure).startswith("<svg")


@pytest.mark.parametrize(
    ("width", "panels", "columns"),
    [(756, 7, 3), (756, 4, 2), (756, 1, 1), (356, 7, 2), (200, 7, 1)],
)
def test_panels_take_the_width_that_there_is(width: int, panels: int, columns: int) -> None:
    figure = loss_curves(curve_rows(lengths=range(5, 5 + panels)), palette=PALETTE)
    spec = fitted(figure.spec, width)
    assert spec["columns"] == columns
    assert width * 0.6 < columns * spec["spec"]["width"] < width


def test_titles_of_panels_stand_at_one_height_whatever_was_reached() -> None:
    rows = [
        replace(row, accuracy=1.0 if row.length == 5 else 0.3)
        for row in curve_rows(lengths=[5, 10])
    ]
    svg = figure_svg(accuracy_curves(rows, palette=PALETTE))
    heights = re.findall(
        r'<g transform="translate\(0,(-[\d.]+)\)">(?:(?!<g transform).)*?>T = ', svg
    )
    assert len(heights) == 2
    assert len({*heights}) == 1


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="loss-curves: no rows"):
        loss_curves([], palette=PALETTE)
