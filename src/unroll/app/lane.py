"""Short computations, away from the event loop, a few at a time."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from starlette.requests import Request

T = TypeVar("T")


class Lane:
    """Threads that compute what pages ask for; a page that is closed stops its computation.

    A computation takes a `threading.Event` as its first argument and returns as soon as it can
    once that is set.
    """

    def __init__(self, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="lane")

    async def run(self, request: Request, compute: Callable[[threading.Event], T]) -> T:
        """Return what `compute` does; the request's body must have been read before."""
        stop = threading.Event()
        computed = asyncio.get_running_loop().run_in_executor(self._pool, compute, stop)
        computed.add_done_callback(_heard)
        watching = asyncio.ensure_future(_hang_up(request))
        try:
            either: list[asyncio.Future[Any]] = [computed, watching]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not computed.done():
                stop.set()
            return await computed
        finally:
            stop.set()
            watching.cancel()

    def close(self) -> None:
        """Take nothing further; what is computed goes to its end."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _heard(computed: "asyncio.Future[Any]") -> None:
    """Take in an error that nobody is left to wait for; who waits is told all the same."""
    if not computed.cancelled():
        computed.exception()


async def _hang_up(request: Request) -> None:
    """Return when the page that asked is closed."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
