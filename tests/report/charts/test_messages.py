from dataclasses import replace

import pytest

from tests.report.study_samples import message_rows
from unroll.report.charts import Palette, gradient_over_time
from unroll.report.page import figure_svg

PALETTE = Palette.of(["rnn", "lstm"])
TWO = [
    row
    for row in message_rows([0])
    if row.condition.endswith("bias:5") and row.part == "h" and row.step in (1, 99)
]


def test_zeros_stand_on_their_base_line() -> None:
    rows = message_rows()
    figure = gradient_over_time(rows, palette=PALETTE)
    (points,) = figure.spec["datasets"].values()
    seeds = [int(point["said"].split()[0]) for point in points if point["kind"] == "edge"]
    assert sum(seeds) == sum(row.norm < 1e-40 for row in rows)
    assert "327 exactly 0 (underflow)" in figure.caption
    assert ">0 (underflow)<" in figure_svg(figure)


def test_there_is_no_base_line_where_nothing_underflowed() -> None:
    figure = gradient_over_time(TWO, palette=PALETTE)
    assert "underflow" not in figure.caption
    assert "underflow" not in figure_svg(figure)


def test_caption_and_alt_text_say_what_is_drawn() -> None:
    rows = [replace(row, norm=0.25 * row.step) for row in TWO]
    figure = gradient_over_time(rows, palette=PALETTE, remark="At $T$ = 100.")
    assert figure.caption == (
        "How much of the loss's gradient arrives at step $t$; the loss is read after the last "
        "step, at the right. 1 seed each. At $T$ = 100."
    )
    assert figure.alt == (
        "Norm of the gradient that arrives at a step, median over seeds. "
        "untrained, forget-bias:5: lstm, h 0.25 at step 1, 25 at step 99."
    )


def test_panels_stand_in_the_order_given_and_lines_in_that_of_the_palette() -> None:
    figure = gradient_over_time(message_rows(), palette=PALETTE)
    assert figure.spec["facet"]["sort"] == [
        "untrained, uniform",
        "untrained, forget-bias:5",
        "trained at T = 10: solved",
    ]
    scale = figure.spec["spec"]["layer"][2]["encoding"]["color"]["scale"]
    assert scale["domain"] == ["rnn, h", "lstm, h", "lstm, c"]
    lstm = PALETTE.styles["lstm"].light
    assert scale["range"] == [PALETTE.styles["rnn"].light, lstm, lstm]


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="gradient-over-time: no rows"):
        gradient_over_time([], palette=PALETTE)
