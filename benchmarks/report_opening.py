"""How long a reader waits for a report: `python -m benchmarks.report_opening REPORT`.

Each opening is that of a new browser with an empty cache, on a screen of 1280 × 900. Measured from
the start of the navigation: the first text, all of the page read, the opening figure drawn.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from tests.report.browser import Browser, find

_WATCH = """
new MutationObserver((_, observer) => {
  if (!document.querySelector(".chart svg")) return;
  window.drawn = performance.now();
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });
"""
_TIMES = """(() => {
  const [text] = performance.getEntriesByName("first-contentful-paint");
  const [page] = performance.getEntriesByType("navigation");
  return text && page.loadEventEnd && window.drawn
    ? [text.startTime, page.domContentLoadedEventEnd, window.drawn] : null;
})()"""
_MEASURED = ("first text", "page read", "opening figure drawn")


def open_report(report: Path, program: str) -> list[float]:
    """Return milliseconds until each of what is measured."""
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(program, Path(profile))
        try:
            browser.resize(1280, 900)
            browser.call("Page.addScriptToEvaluateOnNewDocument", source=_WATCH)
            browser.call("Page.navigate", url=report.resolve().as_uri())
            browser.wait_for(f"{_TIMES} !== null")
            times: list[float] = browser.value(_TIMES)
        finally:
            browser.close()
    return times


def main(report: Path, repetitions: int) -> None:
    """Print the median and the range of every time."""
    program = find()
    if program is None:
        raise SystemExit("a Chromium is needed on the PATH, as chromium or google-chrome")
    megabytes = report.stat().st_size / 1e6
    print(f"{report.name}, {megabytes:.1f} MB, opened {repetitions} times")
    openings = [open_report(report, program) for _ in range(repetitions)]
    for name, times in zip(_MEASURED, zip(*openings, strict=True), strict=True):
        print(f"{name:<22}{statistics.median(times):6.0f} ms ({min(times):.0f}–{max(times):.0f})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How long does a report take to open?")
    parser.add_argument("report", type=Path, help="a report.html")
    parser.add_argument("--repetitions", type=int, default=5, help="openings (default 5)")
    given = parser.parse_args()
    main(given.report, given.repetitions)
