import pytest

from unroll.report.bench_rows import BitsRow
from unroll.report.charts import Palette
from unroll.report.charts.bits_by_cell import bits_by_cell
from unroll.report.page import figure_svg

PALETTE = Palette.of(["lstm", "Leaky"])
ROWS = [
    BitsRow(cell=cell, seed=seed, bits=bits)
    for cell, found in (("Leaky", (3.0, 2.9, 3.4)), ("lstm", (2.4, 2.5, 2.3)))
    for seed, bits in enumerate(found)
]


def test_caption_alt_text_and_rows_say_what_is_drawn() -> None:
    figure = bits_by_cell(ROWS, rules={"2-gram": 3.25}, palette=PALETTE)
    assert figure.caption == (
        "Bits per character of text that no cell was trained on. Each mark is a seed; stroke: "
        "median of 3 seeds. Dashed: what counting gives, without a network."
    )
    assert figure.alt == (
        "Bits per character, median over seeds: Leaky 3.000, lstm 2.400. Beside: 2-gram 3.250."
    )
    assert figure.rows[-1] == {"cell": "2-gram", "seed": None, "bits": 3.25}
    assert len(figure.rows) == 7


def test_who_needs_fewest_stands_on_top() -> None:
    svg = figure_svg(bits_by_cell(ROWS, rules={}, palette=PALETTE))
    assert svg.index(">lstm<") < svg.index(">Leaky<")


def test_one_seed_has_no_median_to_speak_of() -> None:
    figure = bits_by_cell(ROWS[:1], rules={}, palette=PALETTE)
    assert figure.caption == (
        "Bits per character of text that no cell was trained on; 1 seed each."
    )


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="bench-bits: no rows"):
        bits_by_cell([], rules={}, palette=PALETTE)
