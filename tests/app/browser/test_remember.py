"""The page Remember: it opens with an answer, digits are changed, T is slid, all T are measured."""

import re

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def opened(page: Page) -> Page:
    """The page with its first answer: a palindrome of five digits, four of them read."""
    page.goto("/remember")
    expect(page.locator("#verdict .said")).to_have_text(re.compile(r"^\d$"))
    expect(page.locator("#digits input")).to_have_count(4)
    return page


def paste(page: Page, text: str) -> None:
    """Paste a text into the first box."""
    page.locator("#digits input").first.evaluate(
        """(box, text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text", text);
          const pasted = { clipboardData, bubbles: true, cancelable: true };
          box.dispatchEvent(new ClipboardEvent("paste", pasted));
        }""",
        text,
    )


def row(page: Page) -> str:
    """Return the digits that are read."""
    boxes = page.locator("#digits input")
    return "".join(boxes.evaluate_all("boxes => boxes.map((box) => box.value)"))


def test_it_opens_answered_and_a_changed_digit_keeps_the_answer_before(opened: Page) -> None:
    said = opened.locator("#verdict .said").inner_text()
    boxes = opened.locator("#digits input")
    first = boxes.nth(0).input_value()
    assert opened.locator("#asked").inner_text() == first
    other = str((int(first) + 1) % 10)
    boxes.nth(0).focus()
    opened.keyboard.press(other)
    # The first digit is the one asked for, and typing has moved on to the second.
    expect(opened.locator("#asked")).to_have_text(other)
    expect(boxes.nth(1)).to_be_focused()
    expect(opened.locator("#before")).to_contain_text(f"Before: {said} at ")
    expect(opened.locator("#before")).to_contain_text(f"(digit 1 was {first}, is {other})")


def test_without_mirroring_the_digits_are_no_palindrome_any_more(opened: Page) -> None:
    opened.get_by_label("Keep it a palindrome").uncheck()
    second = opened.get_by_label("digit 2 of 5")
    other = str((int(second.input_value()) + 5) % 10)
    second.focus()
    opened.keyboard.press(other)
    expect(opened.locator("#odd")).to_contain_text("These digits are no palindrome")
    assert opened.get_by_label("digit 4 of 5").input_value() != other


def test_sliding_draws_and_answers_and_arrow_keys_read_the_steps(opened: Page) -> None:
    expect(opened.locator("#score")).to_contain_text("palindromes it answers")
    opened.get_by_label("Digits, T").focus()
    opened.keyboard.press("ArrowRight")
    expect(opened.locator("#digits input")).to_have_count(5)
    expect(opened.locator("#score")).to_contain_text("At T = 6 it fails.")
    expect(opened.locator("#curve circle")).to_have_count(2)
    opened.locator("#influence").focus()
    opened.keyboard.press("End")
    last = opened.locator("#digits input").last.input_value()
    expect(opened.locator("#readout")).to_contain_text(f"t = 5: reads {last} · ‖∂ℓ/∂h‖ = ")


def test_all_lengths_are_measured_and_the_first_that_fails_is_named(opened: Page) -> None:
    expect(opened.locator("#about")).to_contain_text(
        "8 units, scalar digits, by no recipe's values."
    )
    measure = opened.get_by_role("button", name="Measure T = 2 to 1,000")
    measure.click()
    expect(opened.locator("#horizon")).to_have_text(
        re.compile(
            r"^It passed at none of the 13 T measured, 2 to 1,000 \(passed means 99% or more of "
            r"the palindromes tried\)\. Even at its own T = 5 it answers \d+% right"
        )
    )
    expect(opened.locator("#curve circle")).to_have_count(13)
    expect(measure).to_be_enabled()


def test_the_address_keeps_the_row_and_finds_a_network_like_the_one_it_names(opened: Page) -> None:
    paste(opened, "1234567")
    expect(opened.locator("#asked")).to_have_text("1")
    assert "digits=1234321" in opened.url
    # Another machine knows the network by another id.
    opened.goto("/remember?network=elsewhere&like=lstm-5-other&digits=12345")
    expect(opened.locator("#asked")).to_have_text("5")
    expect(opened.locator("#network option:checked")).to_contain_text("LSTM")
    expect(opened.get_by_label("Keep it a palindrome")).not_to_be_checked()
    expect(opened.locator("#odd")).to_contain_text("These digits are no palindrome")
    opened.get_by_label("Keep it a palindrome").check()
    expect(opened.locator("#odd")).to_be_empty()
    assert row(opened) == "1232"
    opened.goto("/remember?digits=1-2")
    expect(opened.locator("#typed")).to_have_text(
        "The address must have 2 to 1,000 digits: shown is a new palindrome."
    )


def test_what_is_no_digit_is_refused_in_words_and_a_paste_is_mirrored(opened: Page) -> None:
    said = opened.locator("#typed")
    before = row(opened)
    opened.get_by_label("digit 2 of 5").focus()
    opened.keyboard.press("a")
    expect(said).to_have_text("“a” is no digit: 0 to 9 can be typed.")
    opened.keyboard.press("Backspace")
    expect(said).to_contain_text("A digit is replaced, not removed")
    paste(opened, "1" * 1500)
    expect(said).to_have_text("Paste 2 to 1,000 digits: these are 1,500.")
    assert row(opened) == before
    opened.keyboard.press("x")
    expect(said).to_have_text("“x” is no digit: 0 to 9 can be typed.")
    paste(opened, "3.14159")
    expect(said).to_have_text(
        "6 digits were pasted; other characters were left out. The second half mirrors the first: "
        "without the tick a row stays as it is pasted."
    )
    expect(opened.locator("#digits input")).to_have_count(5)
    assert row(opened) == "31441"


def test_an_answer_that_did_not_come_leaves_the_one_before_dimmed(
    opened: Page, complaints: list[str]
) -> None:
    said = opened.locator("#verdict .said").inner_text()
    expect(opened.locator("#score")).to_contain_text("palindromes it answers")
    opened.route("**/api/remember", lambda route: route.abort())
    opened.get_by_role("button", name="New palindrome").click()
    expect(opened.locator("#notice")).to_have_text(
        "the playground does not answer: is unroll app still running?"
    )
    expect(opened.locator("#before")).to_have_text(
        "Still the answer before: the new one has not come."
    )
    expect(opened.locator("#verdict .said")).to_have_text(said)
    expect(opened.locator("#verdict")).to_have_css("opacity", "0.4")
    opened.unroute_all()
    opened.get_by_role("button", name="New palindrome").click()
    expect(opened.locator("#verdict")).to_have_css("opacity", "1")
    expect(opened.locator("#notice")).to_be_hidden()
    expect(opened.locator("#before")).to_contain_text("Change a digit")
    complaints.clear()
