"""The line that a notebook shows while a run goes on."""

import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from unroll.live_line import LiveLine, told_in_notebook


class Cell:
    """What a notebook's cell shows, one text after the other."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def begin(self, line: str) -> Callable[[str], None]:
        self.shown.append(line)
        return self.shown.append


def in_kernel(monkeypatch: pytest.MonkeyPatch, cell: Cell) -> None:
    """Make this process look like a notebook's kernel."""
    handle = SimpleNamespace(update=lambda data, **_: cell.shown.append(data["text/plain"]))

    def display(data: dict[str, str], *, raw: bool, display_id: bool) -> SimpleNamespace:
        assert raw
        assert display_id
        cell.shown.append(data["text/plain"])
        return handle

    ipython = SimpleNamespace(
        get_ipython=lambda: SimpleNamespace(kernel=object()),
        display=SimpleNamespace(display=display),
    )
    monkeypatch.setitem(sys.modules, "IPython", ipython)


def test_the_last_whole_line_is_shown_and_taken_away() -> None:
    cell = Cell()
    line = LiveLine(cell.begin)
    for text in ("half", " a line\n\n", "two\nthree\nfo", "ur", "\n"):
        assert line.write(text) == len(text)
    line.clear()
    assert cell.shown == ["half a line", "three", "four", ""]


def test_nothing_is_taken_away_where_nothing_was_told() -> None:
    cell = Cell()
    line = LiveLine(cell.begin)
    line.write("no line yet")
    line.clear()
    assert cell.shown == []


def test_in_a_kernel_standard_error_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    cell = Cell()
    in_kernel(monkeypatch, cell)
    before = sys.stderr
    with told_in_notebook(quiet=False):
        sys.stderr.write("1 of 2\n2 of")
        sys.stderr.write(" 2\n")
    assert cell.shown == ["1 of 2", "2 of 2", ""]
    assert sys.stderr is before


def test_what_was_told_last_stays_where_a_run_is_interrupted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cell = Cell()
    in_kernel(monkeypatch, cell)
    with pytest.raises(KeyboardInterrupt):
        run_into_ctrl_c()
    assert cell.shown == ["interrupted: run the same again to go on"]


def run_into_ctrl_c() -> None:
    """Run something that is interrupted, and says so."""
    with told_in_notebook(quiet=False):
        sys.stderr.write("interrupted: run the same again to go on\n")
        raise KeyboardInterrupt


def test_elsewhere_and_where_quiet_is_asked_for_nothing_is_touched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = sys.stderr
    with told_in_notebook(quiet=False):
        assert sys.stderr is before
    in_kernel(monkeypatch, Cell())
    with told_in_notebook(quiet=True):
        assert sys.stderr is before
