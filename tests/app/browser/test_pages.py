"""Every page, before anything is done on it: it opens, fits a phone, and asks nobody else."""

import pytest
from playwright.sync_api import Page

from unroll.app.application import PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_and_fits_a_phone(name: str, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"/{name}")
    assert page.locator("h1").inner_text() == PAGES[name]
    page.wait_for_load_state("networkidle")
    width, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= seen
