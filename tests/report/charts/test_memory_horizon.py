import pytest

from tests.report.samples import CELLS, HORIZON_ROWS
from unroll.report.charts import Palette, memory_horizon
from unroll.report.page import figure_svg
from unroll.report.rows import HorizonRow

PALETTE = Palette.of(CELLS)
CRITERION = "an accuracy of *at least* 0.95"


def test_caption_explains_the_marks_that_are_there() -> None:
    assert memory_horizon(HORIZON_ROWS, palette=PALETTE, criterion=CRITERION).caption == (
        "How far each seed remembers; a length counts as passed with an accuracy of *at least* "
        "0.95. Filled mark: the longest $T$ up to which every tested length was passed; hollow "
        "mark: the first one failed; the horizon lies between them. Arrow: passed at the longest "
        "length that was tested. None passed: failed at the shortest length already."
    )


def test_caption_leaves_out_the_marks_that_are_not() -> None:
    caption = memory_horizon(HORIZON_ROWS[:1], palette=PALETTE, criterion=CRITERION).caption
    assert "Arrow" not in caption
    assert "None passed" not in caption


def test_alt_text_names_every_seed() -> None:
    assert memory_horizon(HORIZON_ROWS, palette=PALETTE, criterion=CRITERION).alt == (
        "Memory horizon in steps, an accuracy of at least 0.95. "
        "rnn seed 0: passed up to 10, failed at 20; "
        "lstm seed 0: none passed, failed at 5; "
        "lstm seed 1: none passed, none failed; "
        "gru seed 0: passed up to 20, none failed."
    )


def test_strips_stand_cell_by_cell_in_the_order_of_the_palette() -> None:
    figure = memory_horizon(HORIZON_ROWS[::-1], palette=PALETTE, criterion=CRITERION)
    domain = [name.strip() for name in figure.spec["encoding"]["y"]["scale"]["domain"]]
    assert domain == ["rnn, seed 0", "", "lstm, seed 0", "lstm, seed 1", "", "gru, seed 0"]


def test_strips_of_one_seed_each_need_no_gaps() -> None:
    figure = memory_horizon(HORIZON_ROWS[::3], palette=PALETTE, criterion=CRITERION)
    assert figure.spec["encoding"]["y"]["scale"]["domain"] == ["rnn, seed 0", "gru, seed 0"]


def test_a_run_without_any_result_is_drawn() -> None:
    row = HorizonRow(cell="rnn", seed=0, last_passed=None, first_failed=None)
    figure = memory_horizon([row], palette=PALETTE, criterion=CRITERION)
    assert ">no result<" in figure_svg(figure)


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="memory-horizon: no rows"):
        memory_horizon([], palette=PALETTE, criterion=CRITERION)
