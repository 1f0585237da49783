import json
from typing import Any

import pytest

from unroll.report.bench_rows import BenchHorizonRow
from unroll.report.charts import Palette, bench_horizons
from unroll.report.page import figure_svg
from unroll.report.section import Figure

PALETTE = Palette.of(["lstm", "rnn", "Leaky"])


def row(
    task: str, cell: str, learned: int | None, retained: int | None, *, seed: int = 0, end: int = 0
) -> BenchHorizonRow:
    return BenchHorizonRow(
        task=task,
        cell=cell,
        seed=seed,
        trained_to=50,
        learned=learned,
        learned_is_open=False,
        retained=retained,
        retained_is_open=retained == end,
    )


ROWS = [
    row("palindrome", "lstm", 50, 200, end=500),
    row("palindrome", "lstm", 30, 500, seed=1, end=500),
    row("palindrome", "lstm", 30, 500, seed=2, end=500),
    row("palindrome", "Leaky", None, None),
    row("parity", "lstm", 5, 5),
    row("parity", "Leaky", None, 7),
]


def draw(rows: list[BenchHorizonRow] = ROWS) -> Figure:
    return bench_horizons(rows, palette=PALETTE, criterion="accuracy of at least 0.99")


def lanes(figure: Figure) -> dict[tuple[str, str], dict[str, Any]]:
    found = [row for rows in figure.spec["datasets"].values() for row in rows]
    return {(lane["panel"], lane["cell"]): lane for lane in found}


def test_a_lane_shows_the_median_seed_and_the_range() -> None:
    lane = lanes(draw())["palindrome", "lstm"]
    assert (lane["learned"], lane["retained"]) == (30, 500)
    assert (lane["low"], lane["high"], lane["seeds"]) == (200, 500, 3)
    assert (lane["open"], lane["none"], lane["kept"]) == (True, False, "500 or more")


def test_what_passed_nothing_is_a_cross() -> None:
    found = lanes(draw())
    assert found["palindrome", "Leaky"]["none"]
    beyond = found["parity", "Leaky"]
    assert (beyond["none"], beyond["unlearned"], beyond["retained"]) == (False, True, 7)


def test_each_task_is_a_panel_in_which_a_cell_keeps_its_place_and_colour() -> None:
    figure = draw()
    assert figure.spec["usermeta"]["panels"] == 2
    found = lanes(figure)
    assert found["palindrome", "Leaky"]["y"] == found["parity", "Leaky"]["y"]
    assert PALETTE.styles["Leaky"].light in json.dumps(figure.spec)


def test_the_caption_says_what_the_marks_mean_and_the_alt_text_every_number() -> None:
    figure = draw()
    assert figure.caption == (
        "How far each cell came on each task, by the median seed (1 to 3 seeds). A length counts "
        "from accuracy of at least 0.99 on, with every shorter one tested. Thick line and full "
        "mark: learned, among the lengths that training came to. Dotted line and hollow mark: "
        "retained, beyond what was trained. Thin line: lowest to highest seed, retained. Arrow: "
        "the longest length tested was passed, so that no end was seen. Cross: not even the "
        "shortest length was passed."
    )
    assert figure.alt.endswith(
        "palindrome, lstm: learned 30, retained 500 or more; palindrome, Leaky: learned none, "
        "retained none; parity, lstm: learned 5, retained 5; parity, Leaky: learned none, "
        "retained 7."
    )
    assert len(figure.rows) == len(ROWS)


def test_it_can_be_drawn() -> None:
    assert figure_svg(draw()).count("<svg") == 1


def test_without_rows_there_is_no_figure() -> None:
    with pytest.raises(ValueError, match="bench-horizons: no rows"):
        draw([])
