"""The page Write under one's fingers: a text comes, is looked into, changed and returned to."""

import json
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

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
    # Pressed slowly, and where another character has the focus: the card waits for the finger.
    letter.click()
    expect(letter).to_be_focused()
    choices.nth(other).click(delay=250)
    chosen = opened.locator("#text .c.chosen")
    expect(chosen).to_have_count(1)
    expect(chosen).to_be_focused()
    expect(opened.locator("#said")).to_contain_text("characters at")
    after = written(opened)
    assert after[:60] == before[:60]
    assert after[60] == {"␣": " ", "↵": "\n"}.get(symbol, symbol)
    expect(opened.locator("#branches li")).to_have_count(2)
    expect(opened.locator("#branches li").last).to_contain_text("the best; temperature 0.8, seed 0")
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
    # On coming back all is as it was left: what was set, and the text with the reader's choice.
    expect(opened.locator("#said")).to_contain_text("characters at")
    kept = written(opened)
    opened.locator("#prompt").fill("A king ")
    link = opened.get_by_role("link", name="Look inside")
    run = opened.locator("#run").input_value()
    expect(link).to_have_attribute("href", re.compile(rf"/inside\?run={run}$"))
    opened.goto("/spread")
    opened.go_back()
    expect(opened.locator("#text .c.chosen")).to_have_count(1)
    assert written(opened) == kept
    expect(opened.locator("#prompt")).to_have_value("A king ")


def test_a_field_that_is_wrong_is_said_and_nothing_is_asked(opened: Page) -> None:
    before = written(opened)
    wrong = opened.locator("#wrong")
    for field, value, told in (
        ("length", "0", "“Characters to write” must be a whole number from 1 to 2,000."),
        ("length", "2.5", "“Characters to write” must be a whole number from 1 to 2,000."),
        (
            "seed",
            "9" * 23,
            "“Seed of the draws” must be a whole number from 0, of 15 figures at most.",
        ),
        (
            "top-k",
            "46",
            "“Only among the k likeliest” must be a whole number from 1 to 45, or empty for all.",
        ),
        (
            "prompt",
            "a" * 20_001,
            "“Begin with” may have 20,000 characters at most, and has 20,001: shorten it. The end "
            "is what the model goes on from.",
        ),
    ):
        box = opened.locator(f"#{field}")
        fitting = box.input_value()
        box.fill(value)
        opened.locator("#write").click()
        expect(wrong).to_have_text(told)
        expect(box).to_be_focused()
        box.fill(fitting)
        expect(wrong).to_be_hidden()
    # What fits again is written again: the same text.
    expect(opened.locator(LETTERS)).to_have_text(list(before))


def test_a_refused_text_leaves_the_one_before(opened: Page, complaints: list[str]) -> None:
    before, said = written(opened), opened.locator("#said").inner_text()
    gone = {"error": "the folder of this run is gone: choose another run"}
    opened.route("**/api/write", lambda route: route.fulfill(status=410, json=gone))
    opened.locator("#again").click()
    expect(opened.locator("#notice")).to_have_text(gone["error"])
    expect(opened.locator("#said")).to_have_text(said)
    assert written(opened) == before
    expect(opened.locator("#earlier")).to_be_hidden()
    assert len(complaints) == 1
    complaints.clear()


def test_on_a_phone_a_finger_reads_the_card_below_the_text(browser: Browser, address: str) -> None:
    context = browser.new_context(
        base_url=address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto("/write")
    expect(page.locator(WRITTEN)).to_have_count(400)
    page.locator("#write").tap()
    expect(page.locator("#said")).to_contain_text("400 characters at")
    letter = page.locator(LETTERS).nth(300)
    letter.tap()
    expect(tip(page)).to_contain_text("Tap one to go on from there.")
    text, card = letter.bounding_box(), tip(page).bounding_box()
    assert text is not None
    assert card is not None
    assert text["y"] + text["height"] <= card["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_settings_weights_and_beams_write_again(opened: Page) -> None:
    before = written(opened)
    opened.locator("#weights").press("Home")
    expect(opened.locator("#weights-shown")).to_have_text("after step 0")
    expect(opened.locator("#text")).not_to_have_text(before)
    expect(opened).to_have_url(re.compile("stage=0"))
    opened.locator("#weights").press("End")
    opened.locator("#prompt").fill("Once ")
    opened.locator("#length").fill("30")
    opened.locator("#length").fill("400")
    opened.get_by_role("radio", name="beams").check()
    expect(opened.locator("#length")).to_have_value("200")
    opened.locator("#length").fill("30")
    opened.locator("#write").click()
    found = opened.locator("#found button")
    expect(found).to_have_count(5)
    expect(opened.locator("#said")).to_contain_text("5 texts; the likeliest at")
    expect(found.first).to_contain_text(re.compile(r"bits a character, \d+\.\d in all$"))
    text = found.first.locator(".writing").inner_text()
    found.first.click()
    # The field has its own number again.
    expect(opened.locator(WRITTEN)).to_have_count(430)
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
            run["state"] = "training"
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
    # What is being read is not written over: the newer weights are offered.
    expect(page.locator(WRITTEN)).to_have_count(400)
    page.locator(LETTERS).nth(9).hover()
    page.mouse.move(5, 5)
    expect(page.locator("#newer")).to_be_visible()
    weights = page.locator("#weights-shown")
    before = weights.inner_text()
    page.locator("#newer button").click()
    expect(weights).not_to_have_text(before)
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
    expect(page.locator("#said")).to_have_text("cut off: nothing written")


def test_a_sent_address_shows_the_same_text(page: Page, browser: Browser, address: str) -> None:
    page.goto("/write")
    expect(page.locator("#said")).to_contain_text("400 characters at")
    page.locator("#prompt").fill("A king & a\ncrow ")
    for field, value in (("length", "70"), ("seed", "4"), ("top-k", "9")):
        page.locator(f"#{field}").fill(value)
    page.locator("#temperature").press("End")
    page.locator("#write").click()
    expect(page.locator("#said")).to_contain_text("70 characters at")
    expect(page).to_have_url(
        re.compile(r"run=[^&]+&prompt=A\+king\+%26\+a%0Acrow\+&temperature=2&k=9&seed=4&length=70$")
    )
    shown = len("A king & a\ncrow ") + 70
    expect(page.locator(LETTERS)).to_have_count(shown)
    sent, text = page.url, written(page)
    context = browser.new_context(base_url=address, reduced_motion="reduce")
    other = context.new_page()
    other.goto(sent)
    expect(other.locator("#said")).to_contain_text("70 characters at")
    expect(other.locator(LETTERS)).to_have_count(shown)
    assert written(other) == text
    # What the address says wins over what this tab had set; what it cannot say is told.
    other.goto(re.sub("seed=4", "seed=x&way=up", sent))
    expect(other.locator("#lasting")).to_have_text(
        "Not all of this address can be read (way, seed): what it cannot say is as at first."
    )
    expect(other.locator("#seed")).to_have_value("0")
    expect(other.locator("#top-k")).to_have_value("9")
    other.locator("#prompt").fill("a" * 501)
    other.locator("#write").click()
    expect(other.locator("#travels")).to_have_text(
        "The address of this page keeps only the settings: what the text begins with has more "
        "than 500 characters."
    )
    expect(other).not_to_have_url(re.compile("prompt="))
    context.close()


def test_marks_are_dotted_and_said_not_to_count(page: Page) -> None:
    stars = "*" * 12
    span = {"start": 0, "length": 12, "book_start": 3, "before": "", "text": stars, "after": ""}
    found = {
        "characters": 12,
        "longest": 12,
        "share": 0.0,
        "shared": 20,
        "shortest": 10,
        "prose": {"longest": 0, "share": 0.0},
        "spans": [{**span, "is_prose": False}],
    }
    page.route("**/api/copies", lambda route: route.fulfill(json=found))
    page.goto("/write")
    expect(page.locator("#copied")).to_have_text(
        "no 10 characters in a row from the book, not counting what is mostly not letters"
    )
    line = "line => getComputedStyle(line).textDecorationStyle"
    for place in ("#text", ".key"):
        assert page.locator(f"{place} .signs").first.evaluate(line) == "dotted"


def test_a_refused_field_tells_that_the_text_before_goes_on(page: Page) -> None:
    held: list[Route] = []
    page.goto("/write")
    expect(page.locator("#said")).to_contain_text("400 characters at")

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/write", hold)
    page.locator("#again").click()
    expect(page.locator("#said")).to_have_text("writing…")
    page.locator("#seed").fill("")
    page.locator("#write").click()
    expect(page.locator("#wrong")).to_be_visible()
    expect(page.locator("#said")).to_have_text("still writing the text before…")
    held.pop().continue_()
    expect(page.locator("#said")).to_contain_text("400 characters at")


def test_bits_are_the_mean_over_all_that_the_model_wrote(page: Page) -> None:
    page.goto("/spread")
    letters = [("prompt", None), ("written", 0.5), ("chosen", 0.001), ("written", 0.125)]
    text = {"letters": [{"part": part, "probability": p} for part, p in letters]}
    told = page.evaluate(
        "async (text) => (await import('/assets/write-text.js')).sumOf(text)", text
    )
    assert told == {"count": 2, "bits": 2}
