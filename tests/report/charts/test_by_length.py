import math
from dataclasses import replace
from typing import Any

import pytest

from tests.report.samples import CELLS, trial_rows
from unroll.report.charts import Palette, accuracy_by_length, loss_by_length
from unroll.report.page import figure_svg
from unroll.report.rows import TrialRow
from unroll.report.section import Figure

PALETTE = Palette.of(CELLS)


def values(figure: Figure, layer: int) -> list[dict[str, Any]]:
    """The data of one layer, which Altair keeps by name."""
    name = figure.spec["layer"][layer]["data"]["name"]
    found: list[dict[str, Any]] = figure.spec["datasets"][name]
    return found


def test_caption_says_what_is_drawn_and_over_how_many_seeds() -> None:
    figure = accuracy_by_length(trial_rows(), palette=PALETTE, remark="Trained at *each* $T$.")
    assert figure.caption == (
        "Accuracy on the evaluation set against $T$; each mark is one trained network. Line: "
        "median of 3 seeds; bar: lowest to highest seed. Dotted: chance, 0.10. Hollow marks "
        "($T$ = 5): not held out, these networks may have trained on sequences that they are "
        "tested on. Cells that share a $T$ are set side by side. Trained at *each* $T$."
    )


def test_alt_text_names_every_median() -> None:
    figure = accuracy_by_length(trial_rows(["lstm"]), palette=PALETTE)
    assert figure.alt == (
        "Accuracy against sequence length T, median over seeds. "
        "lstm: 0.991 at T = 5, 0.121 at T = 10, 0.121 at T = 20."
    )


def test_chance_is_drawn_and_named() -> None:
    accuracy = figure_svg(accuracy_by_length(trial_rows(), palette=PALETTE))
    assert ">chance, 0.10<" in accuracy
    figure = loss_by_length(trial_rows(), palette=PALETTE)
    assert values(figure, 0)[0]["y"] == pytest.approx(math.log(10))
    assert ">chance, 2.30 nats<" in figure_svg(figure)


def test_axes_have_their_units() -> None:
    drawing = figure_svg(loss_by_length(trial_rows(), palette=PALETTE))
    assert ">cross-entropy (nats, logarithmic)<" in drawing
    assert ">T, length of the sequence (steps)<" in drawing


def test_every_trial_is_a_mark_and_the_line_is_the_median() -> None:
    rows = [
        replace(row, accuracy=accuracy)
        for row, accuracy in zip(trial_rows(["rnn"], [10]), (0.2, 0.9, 1.0), strict=True)
    ]
    figure = accuracy_by_length(rows, palette=PALETTE)
    assert [mark["accuracy"] for mark in values(figure, 4)] == [0.2, 0.9, 1.0]
    (median,) = values(figure, 3)
    assert (median["y"], median["low"], median["high"], median["seeds"]) == (0.9, 0.2, 1.0, 3)


def test_marks_are_hollow_exactly_where_nothing_is_held_out() -> None:
    figure = accuracy_by_length(trial_rows(), palette=PALETTE)
    tests = {mark["T"]: mark["test"] for mark in values(figure, 4)}
    assert tests == {5: "not held out", 10: "held out", 20: "held out"}
    hollow, filled = figure.spec["layer"][4:6]
    assert (hollow["mark"]["filled"], filled["mark"]["filled"]) == (False, True)


def test_marks_of_many_cells_stay_within_the_axis() -> None:
    cells = [f"cell{index}" for index in range(9)]
    figure = accuracy_by_length(trial_rows(cells), palette=Palette.of(cells))
    low, high = figure.spec["encoding"]["x"]["scale"]["domain"]
    places = [mark["x"] for mark in values(figure, 4)]
    assert low < min(places)
    assert max(places) < high


def test_cells_stand_in_order_around_the_true_length() -> None:
    figure = accuracy_by_length(trial_rows(seeds=[0]), palette=PALETTE)
    places = [mark["x"] for mark in values(figure, 4) if mark["T"] == 10]
    assert places == sorted(places)
    assert sum(places) / 3 == pytest.approx(10)
    assert max(places) - min(places) < 5  # no nearer to another length than to its own


@pytest.mark.parametrize("draw", [accuracy_by_length, loss_by_length])
@pytest.mark.parametrize(
    "rows",
    [
        trial_rows(["rnn"], [10], [0]),
        trial_rows(["rnn"]),
        trial_rows()[:-4],
        [replace(row, accuracy=None, loss_nats=None) for row in trial_rows(["gru"], [5, 10])],
        [replace(row, accuracy=1.0, loss_nats=0.0) for row in trial_rows(["gru"], [5, 10])],
        [replace(row, loss_nats=math.inf) for row in trial_rows(["gru"], [5, 10])],
    ],
    ids=["one trial", "one cell", "missing trials", "no values", "no loss", "endless loss"],
)
def test_sparse_and_broken_rows_are_drawn(draw: Any, rows: list[TrialRow]) -> None:
    assert figure_svg(draw(rows, palette=PALETTE)).startswith("<svg")


def test_trials_without_a_value_are_told_and_drawn() -> None:
    rows = [replace(row, accuracy=None, status="diverged") for row in trial_rows(["rnn"], [20])]
    figure = accuracy_by_length([*trial_rows(["rnn"], [10]), *rows], palette=PALETTE)
    assert "3 trials ended without a value: the crosses." in figure.caption
    assert [mark["T"] for mark in values(figure, 4) if mark["lost"]] == [20, 20, 20]


def test_one_seed_has_no_median() -> None:
    caption = accuracy_by_length(trial_rows(["rnn"], seeds=[0]), palette=PALETTE).caption
    assert "1 seed each." in caption
    assert "median" not in caption


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="no rows") as error:
        accuracy_by_length([], palette=PALETTE)
    assert str(error.value) == (
        "accuracy-by-length: no rows: leave the figure out until a trial is in"
    )
