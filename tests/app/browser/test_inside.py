"""Look inside in a real browser: a unit colours the text, by pointer and by keyboard."""

import re

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


def test_the_page_opens_with_the_best_follower_and_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    opened(page)
    expect(page.locator("#claim")).to_have_text(
        re.compile(
            r"^Follows “.+” with r = [+−]0\.\d\d on text it was not chosen on; the best unit of "
            r"the untrained network, chosen in the same way, with [+−]0\.\d\d\."
        )
    )
    assert len(set(colours(page))) > 5
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


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


def test_a_text_of_ones_own_stays_text(page: Page) -> None:
    opened(page)
    passage = page.locator("#text").inner_text()
    page.get_by_text("Read a text of your own").click()
    page.locator("#own-text").fill("“so” </script><b>☃</b>")
    page.get_by_role("button", name="Read it").click()
    expect(page.locator("#notes")).to_contain_text("the model does not know '☃'")
    expect(page.locator("#text")).to_have_text("“so” </script><b>\ufffd</b>")
    assert page.locator("#text b").count() == 0
    page.get_by_role("button", name="Back to the held-out passage").click()
    expect(page.locator("#notes")).to_contain_text("not trained on")
    assert page.locator("#text").inner_text() == passage


def test_a_part_that_comes_late_is_not_shown_under_another_units_name(page: Page) -> None:
    opened(page)
    shown, claim = page.locator("#what").inner_text(), page.locator("#claim").inner_text()
    # It is on its way for ever, until the page breaks it off.
    page.route("**/api/inside/activity", lambda _route: None)
    with page.expect_request("**/api/inside/activity") as asked:
        other = "g" if page.locator("#part").input_value() != "g" else "f"
        page.locator("#part").select_option(other)
    with page.expect_event("requestfailed", lambda request: request == asked.value):
        page.locator(".units button").first.click()
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
