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
    opened.get_by_role("button", name="Measure all T").click()
    expect(opened.locator("#horizon")).to_have_text(
        "It fails at the first T measured, 5 (passed means 99% or more of the palindromes tried)."
    )
    expect(opened.locator("#curve circle")).to_have_count(11)
    expect(opened.get_by_role("button", name="Measure all T")).to_be_enabled()
