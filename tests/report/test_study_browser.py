from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.report import browser as chromium
from tests.report.browser import Browser
from tests.report.samples import document
from tests.report.study_samples import study_figures
from unroll.report.page import render

PROGRAM = chromium.find()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium to open the page with")


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A page with the study's charts, its opening on top, opened."""
    folder = tmp_path_factory.mktemp("report")
    page = folder / "report.html"
    opening, *others = study_figures()
    whole = replace(document(*others), opening=(opening,), lead="A digit, **ten** steps.")
    page.write_text(render(whole), encoding="utf-8")
    assert PROGRAM is not None
    opened = Browser(PROGRAM, folder / "profile")
    opened.resize(1200, 900)
    opened.open(page)
    opened.wait_for("document.querySelectorAll('.chart.drawn svg').length === 8")
    yield opened
    opened.close()


def test_charts_of_the_study_are_drawn_without_a_fault(tab: Browser) -> None:
    assert tab.faults == []


def test_opening_figure_is_on_the_first_screen(tab: Browser) -> None:
    box = "document.querySelector('#reach .chart').getBoundingClientRect()"
    assert tab.value(f"{box}.top") > 0
    assert tab.value(f"{box}.bottom") < 900


def test_images_of_the_gates_are_shown_pixel_by_pixel(tab: Browser) -> None:
    images = "[...document.querySelectorAll('#gate-maps image')]"
    assert tab.value(f"{images}.length") == 10
    assert tab.value(f"Math.min(...{images}.map((i) => i.getBoundingClientRect().width))") > 50
    styles = tab.value(f"[...new Set({images}.map((i) => getComputedStyle(i).imageRendering))]")
    assert styles == ["pixelated"]
    loaded = tab.value(
        f"Promise.all({images}.map((i) => {{ const image = new Image();"
        " image.src = i.href.baseVal;"
        " return image.decode().then(() => [image.naturalWidth, image.naturalHeight]); }))"
    )
    assert sorted(loaded) == [[10, 128]] * 5 + [[100, 1]] * 5


def test_saved_rows_are_those_of_the_gates(tab: Browser) -> None:
    saved = tab.value(
        """new Promise((resolve) => {
            URL.createObjectURL = (blob) => { blob.text().then(resolve); return "#"; };
            document.querySelector("#gate-maps [data-save=csv]").click();
        })"""
    )
    lines = saved.splitlines()
    assert lines[0] == "cell,gate,seed,unit,step,digit,value"
    assert len(lines) == 1 + 5 * 128 * 10


def test_a_phone_has_nothing_to_scroll_sideways(tab: Browser) -> None:
    tab.resize(390, 844)
    for figure in study_figures():
        tab.wait_for(f"document.querySelector('#{figure.id} svg').clientWidth < 390")
    root = "document.documentElement"
    assert tab.value(f"{root}.scrollWidth - {root}.clientWidth") == 0
    tab.resize(1200, 900)
