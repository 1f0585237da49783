"""An executor that runs a call at once, in this process."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class InlineExecutor(Executor):
    """Runs each call when it is submitted, and counts them.

    For what takes but a moment: a worker process of its own takes seconds to begin.
    """

    def __init__(self) -> None:
        self.calls = 0

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Call, and return what came of it."""
        self.calls += 1
        future: Future[R] = Future()
        future.set_result(fn(*args, **kwargs))
        return future
