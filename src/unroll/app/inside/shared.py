"""One computation for all pages that ask the same at once, and its result for those who come later.

It stops when the last page that waits for it is closed: as long as one is left, it goes on.
"""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, Generic, TypeVar

from starlette.requests import Request

from unroll.app.lane import Lane
from unroll.app.refusal import closed

T = TypeVar("T")
Compute = Callable[[threading.Event], T]


class Shared(Generic[T]):
    """Results by what was asked; the `most` that were wanted last are kept."""

    def __init__(self, lane: Lane, most: int) -> None:
        self._lane, self._most = lane, most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._going: dict[Hashable, _Going[T]] = {}

    async def get(self, request: Request, key: Hashable, compute: Compute[T]) -> T:
        """Return what `compute` does, did, or is doing for others who gave the same key."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        going = self._going.get(key)
        if going is None:
            going = self._going[key] = _Going(self._lane, compute)
            going.task.add_done_callback(partial(self._end, key, going))
        return await going.wait(request, partial(self._forget, key, going))

    def _end(self, key: Hashable, going: "_Going[T]", task: asyncio.Future[T]) -> None:
        self._forget(key, going)
        # Asking for the exception also tells asyncio that it was heard.
        if task.cancelled() or task.exception() is not None:
            return
        self._kept[key] = task.result()
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def _forget(self, key: Hashable, going: "_Going[T]") -> None:
        if self._going.get(key) is going:
            del self._going[key]


class _Going(Generic[T]):
    """A computation under way, and how many pages wait for it."""

    def __init__(self, lane: Lane, compute: Compute[T]) -> None:
        self._waiting = 0
        self._all_left = asyncio.Event()
        # The lane stops what it computes when its request hangs up: here, when everyone has.
        everyone = Request({"type": "http"}, self._hang_up)
        self.task = asyncio.ensure_future(lane.run(everyone, compute))

    async def wait(self, request: Request, abandoned: Callable[[], None]) -> T:
        """Return the result; `abandoned` is called when the last page has left before it."""
        self._waiting += 1
        leaving = asyncio.ensure_future(_left(request))
        try:
            either: list[asyncio.Future[Any]] = [self.task, leaving]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not self.task.done():
                raise closed()
            return self.task.result()
        finally:
            leaving.cancel()
            self._waiting -= 1
            if self._waiting == 0 and not self.task.done():
                abandoned()
                self._all_left.set()

    async def _hang_up(self) -> dict[str, str]:
        await self._all_left.wait()
        return {"type": "http.disconnect"}


async def _left(request: Request) -> None:
    """Return when the page that asked is closed."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
