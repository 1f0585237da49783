"""The sections of part 2 as a browser shows them."""

from collections.abc import Iterator

import pytest

from tests.report import browser as chromium
from tests.report.browser import Browser
from tests.study.text.made_up import view
from unroll.report.page import render
from unroll.report.section import Document
from unroll.study.text.sections import text_sections

PROGRAM = chromium.find()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium to open the page with")
CHARTS = 7


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A page of all sections, opened."""
    folder = tmp_path_factory.mktemp("report")
    page = folder / "report.html"
    sections = text_sections([view()])
    page.write_text(render(Document(title="text", question="?", sections=sections)))
    assert PROGRAM is not None
    opened = Browser(PROGRAM, folder / "profile")
    opened.resize(1200, 900)
    opened.open(page)
    yield opened
    opened.close()


def test_every_chart_is_drawn_without_a_fault(tab: Browser) -> None:
    tab.wait_for(f"document.querySelectorAll('.chart.drawn svg').length === {CHARTS}")
    assert tab.faults == []


def test_texts_keep_their_line_breaks(tab: Browser) -> None:
    cell = "getComputedStyle(document.querySelector('td.verbatim'))"
    assert tab.value(f"{cell}.whiteSpace") in ("pre-wrap", "preserve")


def test_a_phone_has_nothing_to_scroll_sideways(tab: Browser) -> None:
    tab.resize(390, 844)
    tab.wait_for("document.querySelector('#text-influence svg').clientWidth < 390")
    root = "document.documentElement"
    assert tab.value(f"{root}.scrollWidth - {root}.clientWidth") == 0
    tab.resize(1200, 900)
