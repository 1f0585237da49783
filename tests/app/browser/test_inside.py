"""Look inside in a real browser: a unit colours the text, by pointer and by keyboard."""

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Route, expect


def opened(page: Page, address: str = "/inside") -> None:
    page.goto(address)
    expect(page.locator(".units button").first).to_be_visible()
    expect(page.locator(".units button[aria-pressed=true]")).to_have_count(1)


def colours(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "#text span", "spans => spans.map((span) => getComputedStyle(span).backgroundColor)"
    )
    return found


def test_the_page_opens_with_the_strongest_follower_and_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    opened(page)
    expect(page.locator("#claim")).to_have_text(
        re.compile(
            r"^(Follows|Weakly follows|Does not follow) “.+”: r = [+−]0\.\d\d on text it was not "
            r"chosen on\. The best unit of the untrained network, chosen in the same way, has "
            r"[+−]0\.\d\d\."
        )
    )
    (run,) = parse_qs(urlsplit(page.url).query)["run"]
    found = page.request.get(f"/api/inside/units?run={run}").json()["features"]
    listed = [(one["untrained"], each) for one in found for each in one["followers"]]
    learned = [
        each
        for beside, each in listed
        if each["chosen"] * each["told"] > 0 and abs(each["told"]) > abs(beside["told"])
    ]
    strongest = max(learned, key=lambda one: abs(one["told"]))
    place = "-".join(str(strongest[name]) for name in ("layer", "part", "unit"))
    expect(page.locator(".units button[aria-pressed=true]")).to_have_attribute("data-place", place)
    assert len(set(colours(page))) > 5
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_unit_that_was_chosen_is_found_again_over_another_page(page: Page) -> None:
    opened(page)
    shown = parse_qs(urlsplit(page.url).query)["unit"]
    other = page.locator(f".units button:not([data-place='{shown[0]}'])").last
    place = other.get_attribute("data-place")
    other.click()
    page.goto("/spread")
    opened(page)
    assert parse_qs(urlsplit(page.url).query)["unit"] == [place]


def test_a_follower_and_another_unit_colour_the_text_anew(page: Page) -> None:
    opened(page)
    first = colours(page)
    shown = page.locator(".units button[aria-pressed=true]").get_attribute("data-place")
    last = page.locator(f".units button:not([data-place='{shown}'])").last
    feature, place = last.get_attribute("data-feature"), last.get_attribute("data-place")
    other = page.locator(f".units button[data-feature='{feature}'][data-place='{place}']")
    title = page.locator(".feature", has=other).locator("h3").inner_text()
    other.click()
    expect(other).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#claim")).to_contain_text(f"“{title}”")
    second = colours(page)
    assert second != first
    page.locator("#part").select_option("f")
    expect(page.locator("#what")).to_contain_text("Forget gate")
    page.locator("#unit").fill("3")
    expect(page.locator("#what")).to_contain_text("unit 3")
    third = colours(page)
    page.locator("#walk").press("ArrowRight")
    expect(page.locator("#what")).to_contain_text("unit 4")
    assert len({tuple(one) for one in (first, second, third, colours(page))}) == 4
    for wrong in ("25", "0", "1.5"):
        page.locator("#unit").fill(wrong)
        expect(page.locator("#walker-said")).to_have_text(
            re.compile(r"^Units are whole numbers from 1 to 24; shown is still \d+\.$")
        )
    page.locator("#unit").fill("4")
    expect(page.locator("#walker-said")).to_be_empty()
    kept = page.url
    page.goto("about:blank")
    page.goto(kept)
    expect(page.locator("#what")).to_contain_text("Forget gate, unit 4")


def test_pointer_and_arrow_keys_tell_a_characters_value(page: Page) -> None:
    opened(page)
    page.locator("#text span").nth(4).hover()
    said = page.locator("#said")
    expect(said).to_have_text(re.compile(r": [a-z] \d+ = −?\d+\.\d+"))
    strip = page.get_by_role("slider", name="Character of the text")
    strip.focus()
    strip.press("End")
    last = page.locator("#text span").count()
    expect(strip).to_have_attribute("aria-valuenow", str(last))
    strip.press("ArrowLeft")
    expect(strip).to_have_attribute("aria-valuenow", str(last - 1))
    expect(strip).to_have_attribute("aria-valuetext", said.inner_text())
    unit = int(page.locator("#unit").input_value())
    page.locator("#map canvas").press("ArrowDown")
    page.locator("#map canvas").press("Enter")
    expect(page.locator("#unit")).to_have_value(str(min(unit + 1, 24)))
    told, kept = page.locator(".heat-said"), page.locator(".heat-said").inner_text()
    name = kept.partition(":")[0]
    page.locator("#stage").evaluate(
        "(select) => { select.value = '0'; select.dispatchEvent(new Event('change')); }"
    )
    # The cursor stays, and tells what these weights do there.
    expect(told).not_to_have_text(kept)
    expect(told).to_have_text(re.compile(rf"^{re.escape(name)}: "))


def test_a_text_of_ones_own_stays_text(page: Page) -> None:
    opened(page)
    passage = page.locator("#text").inner_text()
    page.get_by_text("Read a text of your own").click()
    for text, said in (
        ("", "There is no text: write at least one character."),
        ("é" * 5001, "It has 5,001 characters and was not read: shorten it to 5,000."),
    ):
        page.locator("#own-text").fill(text)
        page.get_by_role("button", name="Read it").click()
        expect(page.locator("#own-said")).to_have_text(said)
        assert page.locator("#text").inner_text() == passage
    page.locator("#own-text").fill("“so” </script><b>☃</b>")
    page.get_by_role("button", name="Read it").click()
    expect(page.locator("#notes")).to_contain_text("the model does not know '☃'")
    expect(page.locator("#text")).to_have_text("“so” </script><b>\ufffd</b>")
    assert page.locator("#text b").count() == 0
    page.get_by_role("button", name="Back to the held-out passage").click()
    expect(page.locator("#notes")).to_contain_text("not trained on")
    assert page.locator("#text").inner_text() == passage


def test_what_an_address_asks_for_and_is_not_there_is_said(page: Page) -> None:
    opened(page, "/inside?unit=1-c-500&stage=77")
    expect(page.locator("#notice")).to_have_text(
        "Unit 500 of this address is not there: the network has 24. Weights of step 77 are not "
        "there: shown are the best."
    )
    shown = page.locator(".units button[aria-pressed=true]").get_attribute("data-place")
    expect(page).to_have_url(re.compile(rf"unit={shown}$"))


def test_a_unit_that_is_not_there_leaves_the_address_before_another_is_found(page: Page) -> None:
    page.route("**/api/inside/units*", lambda _route: None)
    page.goto("/inside?unit=1-c-500")
    expect(page.locator("#notice")).to_contain_text("Unit 500 of this address is not there")
    expect(page.locator("#claim")).to_have_text("Unit 1, while all units are being measured.")
    assert parse_qs(urlsplit(page.url).query).keys() == {"run"}


def test_the_menu_leads_back_to_the_unit_that_was_shown(page: Page) -> None:
    opened(page)
    page.locator("#part").select_option("f")
    expect(page.locator("#what")).to_contain_text("Forget gate")
    page.locator("#unit").fill("23")
    expect(page.locator("#what")).to_contain_text("Forget gate, unit 23")
    menu = page.get_by_role("navigation")
    menu.get_by_role("link", name="Spread").click()
    expect(page).to_have_url(re.compile("/spread"))
    menu.get_by_role("link", name="Look inside").click()
    expect(page.locator("#what")).to_contain_text("Forget gate, unit 23")
    expect(page).to_have_url(re.compile(r"unit=\d-f-23$"))
    # An address goes before what was left.
    page.goto("/inside?unit=1-g-2")
    expect(page.locator("#what")).to_contain_text("unit 2,")
    expect(page.locator("#part")).to_have_value("g")


def test_a_part_that_comes_late_is_not_shown_under_another_units_name(page: Page) -> None:
    opened(page)
    shown, claim = page.locator("#what").inner_text(), page.locator("#claim").inner_text()
    pressed = page.locator(".units button[aria-pressed=true]")
    place, feature = (pressed.get_attribute(name) for name in ("data-place", "data-feature"))
    # It is on its way for ever, until the page breaks it off.
    page.route("**/api/inside/activity", lambda _route: None)
    with page.expect_request("**/api/inside/activity") as asked:
        other = "g" if page.locator("#part").input_value() != "g" else "f"
        page.locator("#part").select_option(other)
    with page.expect_event("requestfailed", lambda request: request == asked.value):
        page.locator(f".units button[data-place='{place}'][data-feature='{feature}']").click()
    expect(page.locator("#what")).to_have_text(shown)
    expect(page.locator("#claim")).to_have_text(claim)
    expect(page.locator("#part")).not_to_have_value(other)


def test_a_network_that_cannot_be_read_is_not_asked_again_and_again(
    page: Page, complaints: list[str]
) -> None:
    asked = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=409, json={"error": "its training has diverged"})

    page.route("**/api/inside/activity", refuse)
    page.goto("/inside?unit=7-c-9")
    expect(page.locator(".units button").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#notice")).to_have_text("its training has diverged")
    # As the address says, and once more for the best follower.
    assert len(asked) == 2
    complaints.clear()
