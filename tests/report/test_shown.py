"""Parts of a report that show themselves, and are found by name."""

import pytest

from tests.report.test_notebook import BLOCKS, FIGURE, TABLE, read
from unroll.errors import ConfigError
from unroll.report.section import Block, Section
from unroll.report.shown import Shelf, Shown


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: type(block).__name__)
def test_a_block_shows_itself_as_html_and_as_text(block: Block) -> None:
    shown = Shown(block)
    page = read(shown._repr_html_())
    assert page.found("div")[0] == {"class": "unroll-shown"}
    assert repr(shown)
    assert "\x1b" not in repr(shown)


def test_a_table_and_a_figure_are_readable_as_text() -> None:
    lines = [line.rstrip() for line in repr(Shown(TABLE)).splitlines()]
    assert lines[0] == TABLE.caption
    assert lines[-1].split() == ["none", "–"]
    assert repr(Shown(FIGURE)).startswith("[bars] Bars.")
    section = Shown(Section(number="1.2", title="A *title*", blocks=(FIGURE,)))
    assert repr(section).splitlines()[0] == "1.2 A title"


def test_a_shelf_names_what_it_has_and_the_nearest_to_what_it_has_not() -> None:
    shelf = Shelf("figure", {"bars": FIGURE, "lines": FIGURE})
    assert shelf["bars"].block is FIGURE
    assert repr(shelf) == "figures: bars, lines"
    assert len(read(shelf._repr_html_()).found("img")) == 2
    assert repr(Shelf("figure", {})) == "figures: none"
    with pytest.raises(ConfigError) as raised:
        shelf["bar"]
    assert str(raised.value) == (
        "unknown figure 'bar': expected one of bars, lines (nearest: bars)"
    )
