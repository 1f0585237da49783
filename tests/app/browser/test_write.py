"""The page Write under one's fingers: a text comes, is looked into, changed and returned to."""

import json
import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.app.trained import fable

LETTERS = "#text .c"
WRITTEN = "#text .c.written"


@pytest.fixture
def opened(page: Page) -> Page:
    """The page with the text that it writes by itself."""
    page.goto("/write")
    expect(page.locator(WRITTEN)).to_have_count(400)
    expect(page.locator("#said")).to_contain_text("400 characters at")
    return page


def written(page: Page) -> str:
    return "".join(page.locator(LETTERS).all_text_contents())


def tip(page: Page) -> Locator:
    return page.locator("#tip")


def test_it_writes_by_itself_and_underlines_what_is_copied(opened: Page) -> None:
    # A cold model says by heart what it has read.
    opened.locator("#temperature").press("Home")
    copied = opened.locator("#text .copied")
    expect(opened.locator("#copied")).to_have_text(
        re.compile(r"longest copy of the book: \d+ characters; \d+% in spans of 20 or more")
    )
    expect(copied).not_to_have_count(0)
    copied.first.hover()
    expect(tip(opened)).to_contain_text("In fable, character ")
    assert tip(opened).locator("mark").inner_text() in fable().text()
    # The book holds markup, and so do texts of a model that has read it: they are only ever text.
    assert opened.locator("#text script, #text b").count() == 0


def test_a_clicked_alternative_is_gone_on_from_and_back_leads_back(opened: Page) -> None:
    before = written(opened)
    letter = opened.locator(LETTERS).nth(60)
    letter.hover()
    choices = tip(opened).locator("ol button")
    expect(choices).to_have_count(8)
    other = next(n for n in range(8) if choices.nth(n).locator("b").inner_text() != before[60])
    symbol = choices.nth(other).locator("b").inner_text()
    choices.nth(other).click()
    chosen = opened.locator("#text .c.chosen")
    expect(chosen).to_have_count(1)
    expect(opened.locator("#said")).to_contain_text("characters at")
    after = written(opened)
    assert after[:60] == before[:60]
    assert after[60] == {"␣": " ", "↵": "\n"}.get(symbol, symbol)
    expect(opened.locator("#branches li")).to_have_count(2)
    own = opened.locator(WRITTEN).count()
    expect(opened.locator("#said")).to_contain_text(f"{own} characters at ")
    opened.locator("#back").click()
    assert written(opened) == before


def test_keys_lead_along_the_text_and_choose(opened: Page) -> None:
    letters = opened.locator(LETTERS)
    letters.first.focus()
    for _ in range(30):
        opened.keyboard.press("ArrowRight")
    expect(letters.nth(30)).to_be_focused()
    expect(tip(opened)).to_be_visible()
    line = letters.nth(30).evaluate("here => here.getBoundingClientRect().top")
    opened.keyboard.press("ArrowDown")
    assert opened.locator(":focus").evaluate("here => here.getBoundingClientRect().top") > line
    assert opened.locator(f"{LETTERS}[tabindex='0']").count() == 1
    opened.keyboard.press("2")
    expect(opened.locator("#text .c.chosen")).to_be_focused()
    expect(opened.locator("#branches li")).to_have_count(2)


def test_settings_weights_and_beams_write_again(opened: Page) -> None:
    before = written(opened)
    opened.locator("#weights").press("Home")
    expect(opened.locator("#weights-shown")).to_have_text("after step 0")
    expect(opened.locator("#text")).not_to_have_text(before)
    expect(opened).to_have_url(re.compile("stage=0"))
    opened.locator("#weights").press("End")
    opened.locator("#prompt").fill("Once ")
    opened.locator("#length").fill("30")
    opened.get_by_role("radio", name="beams").check()
    found = opened.locator("#found button")
    expect(found).to_have_count(5)
    expect(opened.locator("#said")).to_contain_text("5 texts; the likeliest at")
    text = found.first.locator(".writing").inner_text()
    found.first.click()
    expect(opened.locator(WRITTEN)).to_have_count(60)
    assert written(opened).startswith(text)


def test_a_run_that_grows_while_it_is_made_ready_still_writes(page: Page) -> None:
    growing = {"trainings": [{"name": "text", "title": "", "state": "training", "done": 0.5}]}
    held: list[Route] = []
    looks = 0

    def look(route: Route) -> None:
        nonlocal looks
        looks += 1
        answer = route.fetch().json()
        for run in answer["runs"]:
            run["stages"] = run["stages"][:looks]
        route.fulfill(json=answer)
        if looks == 3:
            held.pop().continue_()

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/training", lambda route: route.fulfill(json=growing))
    page.route("**/api/write/ready*", hold)
    page.route("**/api/runs", look)
    page.goto("/write")
    expect(page.locator("#write")).to_be_enabled()
    expect(page.locator("#prompt")).not_to_have_value("")
    page.unroute_all(behavior="ignoreErrors")


def test_a_text_that_breaks_off_is_said_to(page: Page) -> None:
    told: tuple[dict[str, object], ...] = (
        {"kind": "begin", "prompt": "A", "told": 1, "notes": []},
        {"kind": "read", "text": "A", "probability": None, "alternatives": []},
    )
    body = "".join(json.dumps(event) + "\n" for event in told)
    page.route("**/api/write", lambda route: route.fulfill(body=body))
    page.goto("/write")
    expect(page.locator("#notice")).to_have_text(
        "the playground ended this text early: is unroll app still running?"
    )
    expect(page.locator("#stop")).to_be_disabled()
    assert written(page) == "A"


def test_bits_are_the_mean_over_all_that_the_model_wrote(page: Page) -> None:
    page.goto("/spread")
    letters = [("prompt", None), ("written", 0.5), ("chosen", 0.001), ("written", 0.125)]
    text = {"letters": [{"part": part, "probability": p} for part, p in letters]}
    told = page.evaluate(
        "async (text) => (await import('/assets/write-text.js')).sumOf(text)", text
    )
    assert told == {"count": 2, "bits": 2}
