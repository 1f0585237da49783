"""The page on paper: everything drawn and unfolded, on white, whatever the screen shows."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.report import browser as chromium
from tests.report.browser import Browser
from tests.report.samples import full_document
from tests.report.study_samples import study_figures
from unroll.report.page import render
from unroll.report.section import Part, Section

PROGRAM = chromium.find()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium to open the page with")

COMMANDS = "\n".join(f"unroll memory --cells rnn --lengths {n} --seeds 3" for n in range(3))
FIGURES = tuple(replace(figure, command=COMMANDS) for figure in study_figures())
PAPER_PX = 665
"""What a sheet of A4 leaves between its margins."""

# Nothing is drawn because it is near or because there is time; only because it is printed.
WITHOUT_SCROLLING = """
window.IntersectionObserver = class { observe() {} unobserve() {} };
window.requestIdleCallback = () => 0;
addEventListener("DOMContentLoaded", () => {
  matchMedia("print").addEventListener("change", (change) => {
    if (!change.matches) return;
    const images = [...document.querySelectorAll(".chart image")];
    window.printed = {
      drawn: document.querySelectorAll(".chart svg").length,
      images: images.filter((i) => i.getAttribute("href")?.startsWith("data:")).length,
      folded: document.querySelectorAll("main details:not([open])").length,
      background: getComputedStyle(document.body).backgroundColor,
    };
  });
});
"""


@pytest.fixture
def tab(tmp_path: Path) -> Iterator[Browser]:
    """A tab on dark ground, in which nothing is opened yet."""
    assert PROGRAM is not None
    opened = Browser(PROGRAM, tmp_path / "profile")
    opened.call(
        "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}]
    )
    opened.resize(1200, 900)
    yield opened
    opened.close()


def write(folder: Path) -> Path:
    """Write a page of two parts with the study's figures."""
    whole = full_document()
    part = Part(number="2", title="Text")
    last = Section(number="2.1", title="More", part=part, blocks=FIGURES)
    page = folder / "report.html"
    page.write_text(render(replace(whole, sections=(*whole.sections, last))), encoding="utf-8")
    return page


def test_all_is_drawn_and_unfolded_though_nobody_scrolled(tab: Browser, tmp_path: Path) -> None:
    page = write(tmp_path)
    tab.call("Page.addScriptToEvaluateOnNewDocument", source=WITHOUT_SCROLLING)
    tab.call("Page.navigate", url=page.as_uri())
    tab.wait_for(f"location.href === '{page.as_uri()}' && document.readyState === 'complete'")
    assert tab.value("document.querySelectorAll('.chart svg').length") == 0
    pdf = tab.call("Page.printToPDF", preferCSSPageSize=True)["data"]
    assert base64.b64decode(pdf).startswith(b"%PDF")
    tab.wait_for("window.printed !== undefined")
    assert tab.value("window.printed") == {
        "drawn": 5 + len(FIGURES),
        "images": 10,
        "folded": 0,
        "background": "rgb(255, 255, 255)",
    }
    assert tab.value("document.querySelectorAll('main details[open]').length") == 0
    assert tab.faults == []


def test_paper_shows_all_of_the_page_and_no_buttons(tab: Browser, tmp_path: Path) -> None:
    tab.open(write(tmp_path))
    tab.resize(PAPER_PX, 1000)
    tab.call("Emulation.setEmulatedMedia", media="print")
    shown = "[...document.querySelectorAll('{}')].filter((e) => e.checkVisibility()).length"
    assert tab.value(shown.format("button, summary:not(.contents *), .skip")) == 0
    assert tab.value(shown.format("details.reproduce pre")) == len(FIGURES)
    assert tab.value(shown.format(".contents a")) == len(full_document().sections) + 4
    cut = (
        "[...document.querySelectorAll('pre .line, figcaption, p')]"
        f".filter((e) => e.getBoundingClientRect().right > {PAPER_PX})"
    )
    assert tab.value(f"{cut}.length") == 0
    style = "getComputedStyle(document.querySelector('{}')).{}"
    assert tab.value(style.format(".figure", "breakInside")) == "avoid"
    assert tab.value(style.format("main .chapter .part", "breakBefore")) == "page"
    assert tab.value(style.format(".title", "breakAfter")) == "avoid"
