"""A pause between requests to a host that others need as well."""

import os
from collections.abc import Callable
from pathlib import Path


class Pace:
    """Requests at least `pause_seconds` apart, from whichever process they come.

    The time of the last request is that of an empty file in `folder`, which outlives a process;
    who asks holds the folder's lock.
    """

    def __init__(
        self,
        folder: Path,
        pause_seconds: float,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._stamp = folder / ".last-request"
        self.pause_seconds = pause_seconds
        """Between two requests."""
        self._clock = clock
        self._sleep = sleep

    def wait(self, at_least_seconds: float = 0.0) -> None:
        """Wait until the next request may go out, and note that it does."""
        wait_seconds = at_least_seconds
        if self._stamp.exists():
            since_seconds = self._clock() - self._stamp.stat().st_mtime
            # A clock that was set back must not hold anybody up for hours.
            left_seconds = min(self.pause_seconds, self.pause_seconds - since_seconds)
            wait_seconds = max(wait_seconds, left_seconds)
        if wait_seconds > 0:
            self._sleep(wait_seconds)
        self._stamp.touch()
        now = self._clock()
        os.utime(self._stamp, (now, now))
