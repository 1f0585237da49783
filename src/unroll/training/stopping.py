"""When training ends, and when another rule would have ended it."""

import math
from collections import deque
from collections.abc import Sequence

WINDOW = 100
"""Batches over which the loss is averaged before a rule looks at it."""
PLATEAU_NATS = 1e-6
"""The reports' rule: stop when the mean loss moved by less than this."""
DIVERGED_NATS = 1e3
"""A loss that no working classifier has: guessing costs ln 10 = 2.3 nats."""


class LossWatch:
    """Follows the training loss and knows three things about it.

    `is_solved`: the mean of the last 100 losses is below the threshold.
    `is_diverged`: the last loss is not a number, or exploded.
    `plateau_step`: the first step at which that mean had moved by less than 1e-6 since the step
    before, where one published report stopped. Recorded, never obeyed: it fires long before the
    task is solved.
    """

    def __init__(self, stop_loss_nats: float) -> None:
        self.plateau_step: int | None = None
        self._stop_loss_nats = stop_loss_nats
        self._losses: deque[float] = deque(maxlen=WINDOW)
        self._mean: float | None = None
        self._steps = 0

    def see(self, loss_nats: float) -> None:
        """Take in the loss of one more step."""
        self._steps += 1
        self._losses.append(loss_nats)
        if len(self._losses) < WINDOW:
            return
        before, self._mean = self._mean, mean(self._losses)
        moved = math.inf if before is None else abs(self._mean - before)
        if self.plateau_step is None and moved < PLATEAU_NATS:
            self.plateau_step = self._steps

    def restart(self) -> None:
        """Forget the losses so far: those that follow are of another length."""
        self._losses.clear()
        self._mean = None

    @property
    def is_solved(self) -> bool:
        """Whether the assignment's stopping rule fires."""
        return self._mean is not None and self._mean < self._stop_loss_nats

    @property
    def is_diverged(self) -> bool:
        """Whether the last loss is beyond repair."""
        return bool(self._losses) and not self._losses[-1] < DIVERGED_NATS


def mean(values: Sequence[float]) -> float:
    """Return the exactly rounded mean, so that it does not depend on the order of addition."""
    return math.fsum(values) / len(values)
