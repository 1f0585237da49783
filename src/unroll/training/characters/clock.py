"""How long a training has worked, summed over its sittings."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class WorkClock:
    """Counts process time and time by the clock, but for what is done while it is stopped."""

    def __init__(self, cpu_seconds: float = 0.0, wall_seconds: float = 0.0) -> None:
        self._cpu = cpu_seconds - time.process_time()
        self._wall = wall_seconds - time.perf_counter()

    def cpu(self) -> float:
        """Return process time in seconds, of all threads."""
        return self._cpu + time.process_time()

    def wall(self) -> float:
        """Return time by the clock in seconds."""
        return self._wall + time.perf_counter()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Do not count what is done within."""
        cpu, wall = self.cpu(), self.wall()
        try:
            yield
        finally:
            self._cpu += cpu - self.cpu()
            self._wall += wall - self.wall()
