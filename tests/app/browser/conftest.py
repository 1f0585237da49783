"""A page of the playground in a real browser: Debian's chromium, without a window."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.app.serving import served
from unroll.app.playground import Playground
from unroll.app.settings import AppSettings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE_MS = 20_000
"""What an action, or an expectation, waits at most, on a machine that does much else."""


@pytest.fixture(scope="package")
def address(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the playground on the trained networks is served, for all tests with a browser."""
    out = tmp_path_factory.mktemp("browser") / "app"
    playground = Playground(settings=AppSettings(runs=(trained,), out=out, port=0))
    with served(playground) as port:
        yield f"http://127.0.0.1:{port}"


# Not for the whole session: while it is there, no other test could run a loop of its own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, for all tests with a browser."""
    if CHROMIUM is None:
        pytest.skip("chromium is not on this machine (Debian: apt-get install chromium)")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of; a test that provokes a refusal clears it at its end."""
    return []


@pytest.fixture
def page(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    """A page 1,200 pixels wide, at `page.goto("/write")`; other widths by `set_viewport_size`.

    After the test nothing may have been complained of, nor asked of another host.
    """
    context = browser.new_context(
        base_url=address, viewport={"width": 1200, "height": 900}, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    shown = context.new_page()
    asked: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{message.text} ({message.location.get('url')})")

    def requested(request: Request) -> None:
        asked.append(request.url)

    shown.on("console", heard)
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.on("request", requested)
    yield shown
    context.close()
    assert complaints == []
    strangers = [url for url in asked if not _is_ours(url, address)]
    assert strangers == []


def _is_ours(url: str, address: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob") or f"{parts.scheme}://{parts.netloc}" == address
