"""How far a measurement is: lines where there is no terminal, and only of a long one."""

import io

import pytest
from rich.console import Console

from tests.study.text.commands.test_display import Clock
from unroll.study.text.commands.progress import LINE_SECONDS, Progress


def follow(console: Console, *, seconds: float, quiet: bool = False) -> str:
    """Tell of five parts that take so long each, and return all that was printed."""
    with Progress("reading", quiet=quiet, console=console, clock=Clock(seconds)) as progress:
        for done in range(6):
            progress.told(done, 5)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_long_measurement_says_how_long_it_will_be() -> None:
    console = Console(file=io.StringIO(), width=80)
    # The clock is asked once more before the first part: 0 of 5 takes a part's time too.
    assert follow(console, seconds=LINE_SECONDS).splitlines() == [
        "reading: 20%, about 2 min 0 s left",
        "reading: 40%, about 1 min 8 s left",
        "reading: 60%, about 40 s left",
        "reading: 80%, about 19 s left",
    ]


@pytest.mark.parametrize(("seconds", "quiet"), [(1.0, False), (LINE_SECONDS, True)])
def test_a_short_one_and_a_quiet_one_say_nothing(seconds: float, quiet: bool) -> None:
    console = Console(file=io.StringIO(), width=80, quiet=quiet)
    assert follow(console, seconds=seconds, quiet=quiet) == ""


def test_a_terminal_shows_a_bar_and_no_lines() -> None:
    told = follow(Console(file=io.StringIO(), force_terminal=True, width=80), seconds=LINE_SECONDS)
    assert "reading" in told
    assert "about" not in told
