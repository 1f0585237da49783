"""How a run goes on, in a notebook: one line that is replaced, and gone when the run is done."""

import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from typing import Any, TextIO


@contextlib.contextmanager
def told_in_notebook(*, quiet: bool) -> Iterator[None]:
    """Within a notebook's kernel, show what is told on standard error as one line.

    It stays where an error ends the run, as it may say how to go on. Elsewhere, or where nothing
    is told, this does nothing.
    """
    begin = None if quiet else _find_display()
    if begin is None:
        yield
        return
    line = LiveLine(begin)
    with contextlib.redirect_stderr(line):
        yield
    line.clear()


class LiveLine(io.TextIOBase, TextIO):
    """A stream that shows its last line alone.

    `begin` is shown the first line and returns what replaces it, as IPython's `display` does.
    """

    def __init__(self, begin: Callable[[str], Callable[[str], None]]) -> None:
        self._begin = begin
        self._replace: Callable[[str], None] | None = None
        self._open = ""

    def write(self, text: str) -> int:
        """Show the last line that is not blank."""
        *ended, self._open = (self._open + text).split("\n")
        if known := [line for line in ended if line.strip()]:
            self._show(known[-1].strip())
        return len(text)

    def clear(self) -> None:
        """Take the line away."""
        if self._replace is not None:
            self._replace("")

    def _show(self, line: str) -> None:
        if self._replace is None:
            self._replace = self._begin(line)
        else:
            self._replace(line)


def _find_display() -> Callable[[str], Callable[[str], None]] | None:
    """Return what shows a line in this notebook; None outside of one."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if getattr(shell, "kernel", None) is None:
        return None

    def begin(line: str) -> Callable[[str], None]:
        handle = ipython.display.display(_plain(line), raw=True, display_id=True)
        return lambda later: handle.update(_plain(later), raw=True)

    return begin


def _plain(line: str) -> dict[str, str]:
    return {"text/plain": line}
