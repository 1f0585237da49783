"""What a reader needs who does not see the page, or has no pointer, or little contrast."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tests.report import browser as chromium
from tests.report.browser import Browser
from tests.report.samples import full_document
from tests.report.study_samples import study_figures
from unroll.report.page import render
from unroll.report.section import Column, Document, Figure, Part, Section, Table

PROGRAM = chromium.find()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium to open the page with")

WIDE = Table(
    columns=tuple(Column(title=f"a column with number {n}") for n in range(12)),
    rows=(tuple("abcdefghijkl"),),
    caption="Wider than any page.",
)
# Of every text that is shown, the ratio of luminances of WCAG 2.2 (1.4.3), worst first.
# Texts on the marks of a chart stand on the marks, not on the page, and are left to the charts.
CONTRASTS = """(() => {
  const canvas = document.createElement("canvas").getContext("2d");
  const parse = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return { rgb: [r, g, b], alpha: a / 255 };
  };
  const over = (top, alpha, below) => top.map((v, i) => alpha * v + (1 - alpha) * below[i]);
  const ground = (element) => {
    if (!element) return [255, 255, 255];
    const { rgb, alpha } = parse(getComputedStyle(element).backgroundColor);
    return alpha === 1 ? rgb : over(rgb, alpha, ground(element.parentElement));
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("script, style, noscript, .unseen")) {
      continue;
    }
    if (!element.checkVisibility() || element.closest("svg .role-mark")) continue;
    const style = getComputedStyle(element);
    let shown = 1;
    for (let e = element; e; e = e.parentElement) shown *= getComputedStyle(e).opacity;
    const { rgb, alpha } = parse(element.closest("svg") ? style.fill : style.color);
    const below = ground(element.closest("svg")?.parentElement ?? element);
    const values = [over(rgb, alpha * shown, below), below].map(luminance).sort((a, b) => b - a);
    const ratio = (values[0] + 0.05) / (values[1] + 0.05);
    found.push([ratio, `${element.tagName}.${element.className?.baseVal ?? element.className}`,
      walker.currentNode.data.trim().slice(0, 30)]);
  }
  return found.sort((a, b) => a[0] - b[0]);
})()"""
FOCUSED = """(() => {
  const e = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(e);
  e.dataset.reached = "yes";
  return [e.tagName, outlineStyle, parseFloat(outlineWidth), e.getBoundingClientRect().height];
})()"""
INTERACTIVE = (
    "[...document.querySelectorAll('a, button, summary, .chart, [tabindex]')]"
    ".filter((e) => e.checkVisibility())"
)


def _document() -> Document:
    """Every kind of block, a failed check, commands short and long, a wide table, two parts."""
    whole = full_document()
    opening, other, *_ = study_figures()
    last = Section(
        number="3.1",
        title="Wide",
        part=Part(number="3", title="Across graphs"),
        blocks=(WIDE, replace(other, command="\n".join(["unroll a", "unroll b", "unroll c"]))),
    )
    return replace(
        whole,
        about="a study",
        opening=(replace(opening, command="unroll memory --seeds 3"),),
        sections=(*whole.sections, last),
    )


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The document, opened and with every chart drawn."""
    folder = tmp_path_factory.mktemp("accessible")
    page = folder / "report.html"
    document = _document()
    page.write_text(render(document), encoding="utf-8")
    assert PROGRAM is not None
    opened = Browser(PROGRAM, folder / "profile")
    opened.resize(1200, 900)
    opened.open(page)
    sections = [block for section in document.sections for block in section.blocks]
    count = sum(isinstance(block, Figure) for block in (*document.opening, *sections))
    opened.wait_for(f"document.querySelectorAll('.chart.drawn svg').length === {count}")
    yield opened
    opened.close()


def press(tab: Browser, key: str) -> None:
    codes: dict[str, dict[str, Any]] = {
        "Tab": {"windowsVirtualKeyCode": 9},
        "Enter": {"windowsVirtualKeyCode": 13, "text": "\r"},
        " ": {"windowsVirtualKeyCode": 32, "text": " "},
    }
    more = codes.get(key, {})
    tab.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, **more)
    tab.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key)


def test_headings_lead_from_the_question_to_the_parts_of_a_section(tab: Browser) -> None:
    headings = tab.value(
        "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]"
        ".map((h) => [Number(h.tagName[1]), h.innerText])"
    )
    levels = [level for level, _ in headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    assert [text for level, text in headings if level == 2] == [
        "1 Through time",
        "3 Across graphs",
        "Settings",
    ]
    assert set(levels) == {1, 2, 3, 4}


def test_landmarks_and_language_are_named(tab: Browser) -> None:
    assert tab.value("document.documentElement.lang") == "en"
    for landmark in ("main", "nav[aria-label]", "body header", "footer"):
        assert tab.value(f"document.querySelectorAll('{landmark}').length") == 1
    unnamed = "[...document.querySelectorAll('section')].filter((s) => !s.ariaLabelledByElements)"
    assert tab.value(f"{unnamed}.length") == 0


def test_every_chart_is_an_image_with_words(tab: Browser) -> None:
    told = tab.value(
        "[...document.querySelectorAll('.chart')].map((c) => [c.getAttribute('role'), c.ariaLabel])"
    )
    assert {role for role, _ in told} == {"img"}
    assert [words for _, words in told if len(words) < 20] == []


def test_heads_of_tables_say_what_they_are_the_head_of(tab: Browser) -> None:
    scopes = tab.value("[...new Set([...document.querySelectorAll('th')].map((h) => h.scope))]")
    assert sorted(scopes) == ["col", "row"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(tab: Browser, scheme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    tab.call("Emulation.setEmulatedMedia", features=features)
    tab.value("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    found = tab.value(CONTRASTS)
    assert len(found) > 200
    assert [text for text in found if text[0] < 4.5] == []
    tab.value("document.querySelectorAll('main details').forEach((d) => { d.open = false; })")
    tab.call("Emulation.setEmulatedMedia", features=[])


def test_a_failed_check_is_red_where_it_stands_in_the_contents_and_at_a_glance(
    tab: Browser,
) -> None:
    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        tab.call("Emulation.setEmulatedMedia", features=features)
        for place in (".check.failed .mark", ".check .verdict", ".fault", ".facts .failed dd"):
            element = f"document.querySelector('{place}')"
            red, green, blue = tab.value(
                f"getComputedStyle({element}).color.match(/\\d+/g).map(Number)"
            )
            assert red > 1.5 * max(green, blue) or (red == 255 and red > green + 80), place
            if place != ".check .verdict":
                assert "✗" in tab.value(f"{element}.textContent")
    tab.call("Emulation.setEmulatedMedia", features=[])


def test_tab_reaches_everything_that_can_be_used_and_shows_where_it_is(tab: Browser) -> None:
    tab.value("document.activeElement.blur(); scrollTo(0, 0)")
    tab.value("getSelection().removeAllRanges()")
    count = tab.value(f"{INTERACTIVE}.length")
    for _ in range(count):
        press(tab, "Tab")
        tag, style, width, height = tab.value(FOCUSED)
        assert (style != "none", width > 0, height > 0) == (True, True, True), tag
    missed = tab.value(
        f"{INTERACTIVE}.filter((e) => !e.dataset.reached).map((e) => e.outerHTML.slice(0, 120))"
    )
    assert missed == []


def test_what_is_too_wide_is_scrolled_with_the_keyboard(tab: Browser) -> None:
    scrollers = "[...document.querySelectorAll('main .scroll')]"
    wide = f"{scrollers}.filter((s) => s.scrollWidth > s.clientWidth)"
    assert tab.value(f"{wide}.length") == 1
    assert tab.value(f"{wide}.every((s) => s.tabIndex === 0 && s.ariaLabel !== null)")
    assert tab.value(f"{scrollers}.filter((s) => s.tabIndex === 0).length") == 1


def test_the_first_tab_skips_to_the_text(tab: Browser) -> None:
    tab.value("document.activeElement.blur(); scrollTo(0, 0)")
    skip = "document.querySelector('.skip')"
    tab.value(f"{skip}.focus()")
    assert tab.value(f"{skip}.getBoundingClientRect().left") >= 0
    press(tab, "Enter")
    tab.wait_for("location.hash === '#text'")


def test_keys_unfold_the_commands_and_copy_them(tab: Browser) -> None:
    tab.value("document.querySelector('details.reproduce summary').focus()")
    press(tab, "Enter")
    tab.wait_for("document.querySelector('details.reproduce').open")
    tab.value("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    tab.value("document.querySelector('details.reproduce button').focus()")
    press(tab, " ")
    tab.wait_for("window.copied !== undefined")
    assert tab.value("window.copied") == "unroll a\nunroll b\nunroll c"
    tab.wait_for("document.getElementById('spoken').textContent === 'Copied'")


def test_arrow_keys_tell_the_marks_of_a_chart(tab: Browser) -> None:
    chart = "document.querySelector('#accuracy-by-length .chart')"
    tab.value(f"{chart}.focus()")
    press(tab, "ArrowRight")
    tab.wait_for("!document.getElementById('tip').hidden")
    assert tab.value("document.getElementById('tip').innerText").split("\n")[:2] == ["cell", "rnn"]
    first = tab.value("document.getElementById('spoken').textContent")
    press(tab, "ArrowRight")
    tab.wait_for(f"document.getElementById('spoken').textContent !== {first!r}")
    press(tab, "Escape")
    assert tab.value("document.getElementById('tip').hidden") is True


def test_arrow_keys_pick_a_series_as_a_click_on_the_legend_does(tab: Browser) -> None:
    chart = "document.querySelector('#accuracy-by-length .chart')"
    faded = (
        f"[...{chart}.querySelectorAll('.role-mark path')]"
        ".filter((p) => Number(getComputedStyle(p).opacity) < 0.5).length"
    )
    tab.value(f"{chart}.focus()")
    before = tab.value(faded)
    press(tab, "ArrowDown")
    tab.wait_for("document.getElementById('spoken').textContent === 'rnn'")
    tab.wait_for(f"{faded} > {before}")
    press(tab, "ArrowUp")
    tab.wait_for("document.getElementById('spoken').textContent === 'all series'")
    tab.wait_for(f"{faded} === {before}")


def test_no_motion_for_those_who_ask_for_none(tab: Browser) -> None:
    behaviour = "getComputedStyle(document.documentElement).scrollBehavior"
    assert tab.value(behaviour) == "smooth"
    features = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    tab.call("Emulation.setEmulatedMedia", features=features)
    assert tab.value(behaviour) == "auto"
    tab.call("Emulation.setEmulatedMedia", features=[])


@pytest.mark.parametrize("width", [390, 320])
def test_narrow_screens_scroll_in_one_direction(tab: Browser, width: int) -> None:
    tab.resize(width, 800)
    tab.wait_for(
        f"[...document.querySelectorAll('.chart svg')].every((s) => s.clientWidth < {width})"
    )
    root = "document.documentElement"
    assert tab.value(f"{root}.scrollWidth - {root}.clientWidth") == 0
    tab.resize(1200, 900)
