import pytest

from unroll.report.ablation_rows import AblationRow, Place
from unroll.report.charts import Palette
from unroll.report.charts.ablation import horizons_by_change
from unroll.report.page import figure_svg

PALETTE = Palette.of(["rnn"])


def row(place: Place, change: str, last: int | None, failed: int | None, seed: int) -> AblationRow:
    return AblationRow(
        cell="rnn", place=place, change=change, seed=seed, last_passed=last, first_failed=failed
    )


ROWS = [
    row("assignment", "", 5, 10, 0),
    row("assignment", "", 10, 20, 1),
    row("alone", "encoding", 20, None, 0),
    row("alone", "encoding", 10, 20, 1),
    row("without", "encoding", None, 5, 0),
    row("without", "encoding", None, 5, 1),
    row("learned", "", 20, None, 0),
    row("learned", "", 20, None, 1),
]


def test_the_caption_explains_every_mark() -> None:
    figure = horizons_by_change(ROWS, lengths=(5, 10, 20), palette=PALETTE)
    assert figure.caption == (
        "How far each change carries: median horizon of 2 seeds; line: lowest to highest seed. "
        "Circle: `assignment` with this change alone; diamond: `learned` without it. Upright "
        "lines: `assignment` (dashed) and `learned` (solid) themselves. Arrow: the longest length "
        "tried was solved, so that no end was seen. At the left edge: not even the shortest "
        "length was solved."
    )
    assert figure.alt == (
        "Horizons in steps, median over seeds. rnn, assignment: 5 (5–10); rnn, learned: 20 or "
        "more; rnn, assignment + this change (encoding): 10 (10–20); rnn, learned − this change "
        "(encoding): none."
    )
    assert len(figure.rows) == len(ROWS)


def test_the_words_of_the_chart_are_drawn() -> None:
    drawing = figure_svg(horizons_by_change(ROWS, lengths=(5, 10, 20), palette=PALETTE))
    for word in ("RNN", "encoding", "assignment", "learned", "horizon T (steps; logarithmic)"):
        assert word in drawing


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="ablation: no rows: leave the figure out"):
        horizons_by_change([], lengths=(5,), palette=PALETTE)


@pytest.mark.parametrize(
    ("learned", "expected"),
    [
        (5, [("assignment = learned", "center"), ("", "center")]),
        (10, [("assignment", "right"), ("learned", "center")]),
        (20, [("assignment", "center"), ("learned", "center")]),
    ],
)
def test_the_names_of_the_two_recipes_do_not_lie_on_one_another(
    learned: int, expected: list[tuple[str, str]]
) -> None:
    rows = [row("assignment", "", 5, 10, 0), row("learned", "", learned, None, 0)]
    figure = horizons_by_change(rows, lengths=(5, 10, 20), palette=PALETTE)
    drawn = [r for found in figure.spec["datasets"].values() for r in found if "align" in r]
    assert [(r["words"], r["align"]) for r in drawn] == expected
