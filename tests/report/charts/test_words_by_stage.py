import pytest

from unroll.report.charts import Palette, known_words_by_stage
from unroll.report.page import figure_svg
from unroll.report.text_rows import WordRow

PALETTE = Palette.of_series(["quick"])
ROWS = [
    WordRow(training="quick", seed=seed, step=step, share=share + 0.1 * seed, words=100)
    for seed in (0, 1, 2)
    for step, share in ((0, 0.0), (10, 0.2), (1000, 0.7))
]


def test_step_0_has_a_place_and_the_line_runs_along_the_median() -> None:
    figure = known_words_by_stage(ROWS, palette=PALETTE, held_out=0.95)
    points = next(p for p in figure.spec["datasets"].values() if "low" in p[0])
    assert [(p["x"], p["low"], p["y"], p["high"]) for p in points] == [
        (0, 0.0, 0.1, 0.2),
        (10, 0.2, 0.3, 0.4),
        (1000, 0.7, 0.8, 0.9),
    ]
    assert figure_svg(figure).startswith("<svg")


def test_caption_and_alt_text_say_what_is_drawn() -> None:
    figure = known_words_by_stage(ROWS, palette=PALETTE, held_out=0.95)
    assert "Dotted: the held-out text itself, 95.0%." in figure.caption
    assert "median of 3 seeds" in figure.caption
    assert figure.alt.endswith("quick: 10% at step 0, 30% at step 10, 80% at step 1,000.")
    assert "Dotted" not in known_words_by_stage(ROWS, palette=PALETTE).caption


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="text-words: no rows"):
        known_words_by_stage([], palette=PALETTE)
