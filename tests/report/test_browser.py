from collections.abc import Iterator

import pytest

from tests.report import browser as chromium
from tests.report.browser import Browser
from tests.report.samples import full_document, trial_rows
from unroll.report.charts.palette import NIGHT, Palette
from unroll.report.page import render

PROGRAM = chromium.find()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium to open the page with")


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The full document, opened."""
    folder = tmp_path_factory.mktemp("report")
    page = folder / "report.html"
    page.write_text(render(full_document()), encoding="utf-8")
    assert PROGRAM is not None
    opened = Browser(PROGRAM, folder / "profile")
    opened.resize(1280, 900)
    opened.open(page)
    yield opened
    opened.close()


def test_all_charts_are_drawn_without_a_fault(tab: Browser) -> None:
    tab.wait_for("document.querySelectorAll('.chart.drawn svg').length === 5")
    assert tab.faults == []


def test_a_mark_tells_its_trial_under_the_pointer(tab: Browser) -> None:
    tab.value("document.getElementById('accuracy-by-length').scrollIntoView({behavior: 'instant'})")
    marks = "#accuracy-by-length .mark-symbol:not([class*=legend]) path"
    tab.wait_for(f"document.querySelector('{marks}') !== null")
    x, y = tab.value(
        f"(() => {{ const b = document.querySelector('{marks}').getBoundingClientRect();"
        " return [b.x + b.width / 2, b.y + b.height / 2] })()"
    )
    tab.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    tab.wait_for("!document.getElementById('tip').hidden")
    told = tab.value("document.getElementById('tip').innerText").split("\n")
    assert told[:6] == ["cell", "rnn", "T (steps)", "5", "seed", told[5]]
    assert told[-4:] == ["evaluation", "not held out", "training", "solved"]


def test_saved_rows_are_those_behind_the_figure(tab: Browser) -> None:
    saved = tab.value(
        """new Promise((resolve) => {
            URL.createObjectURL = (blob) => { blob.text().then(resolve); return "#"; };
            document.querySelector("#accuracy-by-length [data-save=csv]").click();
        })"""
    )
    rows = trial_rows()
    lines = saved.splitlines()
    assert lines[0] == "cell,length,seed,accuracy,loss_nats,held_out,status"
    assert lines[1] == "rnn,5,0,0.99,0.002,false,solved"
    assert lines[-1] == "gru,20,2,0.992,0.004,true,solved"
    assert len(lines) == 1 + len(rows)


def test_saved_drawing_is_an_svg(tab: Browser) -> None:
    saved = tab.value(
        """new Promise((resolve) => {
            URL.createObjectURL = (blob) => { blob.text().then(resolve); return "#"; };
            document.querySelector("#memory-horizon [data-save=svg]").click();
        })"""
    )
    assert saved.startswith("<svg")
    assert "lstm, seed 0" in saved


def test_charts_take_dark_colours_with_the_page(tab: Browser) -> None:
    colour = Palette.of(["rnn"]).styles["rnn"]
    dark = NIGHT[colour.light]
    paint = f"getComputedStyle(document.querySelector('.chart [stroke=\"{colour.light}\"]')).stroke"
    for scheme, expected in (("light", colour.light), ("dark", dark), ("light", colour.light)):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        tab.call("Emulation.setEmulatedMedia", features=features)
        red, green, blue = (int(expected[i : i + 2], 16) for i in (1, 3, 5))
        assert tab.value(paint) == f"rgb({red}, {green}, {blue})"


def test_a_phone_has_nothing_to_scroll_sideways(tab: Browser) -> None:
    tab.resize(390, 844)
    tab.wait_for("document.querySelector('#accuracy-by-length svg').clientWidth < 390")
    root = "document.documentElement"
    assert tab.value(f"{root}.scrollWidth - {root}.clientWidth") == 0
    assert tab.value("document.querySelector('.contents details').open") is False
    tab.resize(1280, 900)
