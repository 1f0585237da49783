"""How far a measurement is, on standard error: a bar in a terminal, lines elsewhere."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from unroll.report.terminal import standard_error
from unroll.study.running.display import format_duration

LINE_SECONDS = 15.0
"""Where there is no terminal, lines come no more often than this: a short measurement has none."""


class Progress:
    """A bar that goes away when all is done, or lines of a long measurement; `quiet` shows none."""

    def __init__(
        self,
        what: str,
        *,
        quiet: bool,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console or standard_error(quiet=quiet)
        self._what, self._clock = what, clock
        self._begun = self._told = clock()
        self._bar: Bar | None = None
        if self._console.is_terminal and not quiet:
            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                TimeRemainingColumn(),
                console=self._console,
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
            return
        now = self._clock()
        if 0 < done < total and now - self._told >= LINE_SECONDS:
            self._told = now
            left = format_duration((now - self._begun) / done * (total - done))
            line = f"{self._what}: {done / total:.0%}, about {left} left"
            self._console.print(line, markup=False, soft_wrap=True)
