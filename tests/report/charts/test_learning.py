import math
from dataclasses import replace

import pytest

from unroll.report.charts import Palette, text_accuracy, text_loss
from unroll.report.page import figure_svg
from unroll.report.text_rows import LearningRow

PALETTE = Palette.of_series(["assignment", "quick"])
ROWS = [
    LearningRow(
        training=training,
        seed=seed,
        part=part,
        step=step,
        characters=step * (100 if training == "quick" else 400),
        loss_nats=4.0 / step + 0.1 * seed,
        accuracy=0.5 - 0.4 / step,
    )
    for training in PALETTE.styles
    for seed in (0, 1)
    for part in ("training", "held out")
    for step in (1, 2, 4)
]


def test_nats_and_bits_are_two_axes_of_one_scale() -> None:
    figure = text_loss(ROWS, palette=PALETTE)
    main, bits = figure.spec["layer"]
    left = main["encoding"]["y"]["scale"]["domain"]
    right = bits["encoding"]["y"]["scale"]["domain"]
    assert right == pytest.approx([nats / math.log(2) for nats in left])
    assert figure.spec["resolve"] == {"scale": {"y": "independent"}}
    assert figure_svg(figure).startswith("<svg")


def test_held_out_lines_are_dashed_and_stand_against_characters_read() -> None:
    figure = text_accuracy(ROWS, palette=PALETTE)
    (points,) = figure.spec["datasets"].values()
    assert {point["part"]: tuple(point["dash"]) for point in points} == {
        "training": (1, 0),
        "held out": (6, 4),
    }
    assert {p["x"] for p in points if p["line"] == "assignment"} == {400, 800, 1600}
    assert len({(p["line"], p["of"]) for p in points}) == 8


def test_caption_and_alt_text_say_what_is_drawn() -> None:
    figure = text_loss(ROWS, palette=PALETTE)
    assert "one line per seed (2 seeds)" in figure.caption
    assert "Left axis: nats; right axis: the same in bits." in figure.caption
    assert "quick, held out: 1 to 1.1" in figure.alt


def test_a_line_that_is_not_there_is_not_explained() -> None:
    dashed = "Dashed: on the held-out part that tunes."
    assert dashed in text_loss(ROWS, palette=PALETTE).caption
    once = [row for row in ROWS if row.part == "training" or row.step == 4]
    caption = text_loss(once, palette=PALETTE).caption
    assert dashed not in caption
    assert "The held-out part that tunes was looked at too seldom for a line." in caption


def test_accuracy_begins_at_0_whatever_was_reached() -> None:
    low = [replace(row, accuracy=0.18) for row in ROWS]
    axis = text_accuracy(low, palette=PALETTE).spec["encoding"]["y"]
    assert axis["scale"]["domain"] == [0, pytest.approx(1.08 * 0.18)]


def test_what_is_not_finite_is_left_out() -> None:
    figure = text_loss([replace(ROWS[0], loss_nats=None), *ROWS[1:]], palette=PALETTE)
    points = next(p for p in figure.spec["datasets"].values() if len(p) > 1)
    assert len(points) == len(ROWS) - 1


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="text-loss: no rows"):
        text_loss([], palette=PALETTE)
    with pytest.raises(ValueError, match="text-accuracy: no rows"):
        text_accuracy([replace(ROWS[0], accuracy=None)], palette=PALETTE)
