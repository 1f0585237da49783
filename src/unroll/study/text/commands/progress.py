"""How far a measurement is, on standard error, where that is a terminal."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar


class Progress:
    """A bar that goes away when all is done; `quiet`, and no terminal, show none."""

    def __init__(self, what: str, *, quiet: bool, console: Console | None = None) -> None:
        console = console or Console(stderr=True, quiet=quiet)
        self._bar: Bar | None = None
        if console.is_terminal and not quiet:
            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                TimeRemainingColumn(),
                console=console,
                transient=True,
            )
            self._task = self._bar.add_task(what, total=None)

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def told(self, done: int, total: int) -> None:
        """Take in how much is done."""
        if self._bar:
            self._bar.update(self._task, completed=done, total=total)
