"""One computation for all who ask the same: shared, kept, and stopped when the last has left."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from starlette.requests import Request

from unroll.app.inside.shared import Shared
from unroll.app.lane import Lane
from unroll.app.refusal import RefusedError

PATIENCE_S = 20.0


class Asker:
    """A page that asks, until it is closed."""

    def __init__(self) -> None:
        self._closed = asyncio.Event()
        self.request = Request({"type": "http"}, self._receive)

    def close(self) -> None:
        self._closed.set()

    async def _receive(self) -> dict[str, str]:
        await self._closed.wait()
        return {"type": "http.disconnect"}


class Work:
    """A computation that goes on until it is let go or stopped, and counts how often it began."""

    def __init__(self) -> None:
        self.began = 0
        self.stopped = threading.Event()
        self.let_go = threading.Event()
        self.is_going = threading.Event()

    def __call__(self, stop: threading.Event) -> int:
        self.began += 1
        self.is_going.set()
        while not self.let_go.wait(0.005):
            if stop.is_set():
                self.stopped.set()
                raise RefusedError("stopped", 499)
        return self.began


def run(story: Callable[[Shared[int], Work], Coroutine[Any, Any, None]], most: int = 2) -> None:
    lane = Lane()
    try:
        asyncio.run(story(Shared(lane, most), Work()))
    finally:
        lane.close()


async def until(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, PATIENCE_S)


def test_two_who_ask_the_same_share_one_computation() -> None:
    async def story(shared: Shared[int], work: Work) -> None:
        asked = [asyncio.ensure_future(shared.get(Asker().request, "key", work)) for _ in range(2)]
        await until(work.is_going)
        work.let_go.set()
        assert await asyncio.gather(*asked) == [1, 1]
        assert await shared.get(Asker().request, "key", work) == 1
        assert work.began == 1

    run(story)


def test_another_key_is_another_computation_and_the_oldest_is_forgotten() -> None:
    async def story(shared: Shared[int], work: Work) -> None:
        work.let_go.set()
        for key, wanted in (("a", 1), ("b", 2), ("a", 1), ("c", 3), ("a", 1), ("b", 4)):
            assert await shared.get(Asker().request, key, work) == wanted

    run(story)


def test_as_long_as_one_page_is_left_it_goes_on() -> None:
    async def story(shared: Shared[int], work: Work) -> None:
        first, second = Asker(), Asker()
        gone = asyncio.ensure_future(shared.get(first.request, "key", work))
        stays = asyncio.ensure_future(shared.get(second.request, "key", work))
        await until(work.is_going)
        first.close()
        with pytest.raises(RefusedError) as caught:
            await gone
        assert (str(caught.value), caught.value.status) == ("the page that asked was closed", 499)
        assert not work.stopped.is_set()
        work.let_go.set()
        assert await stays == 1

    run(story)


def test_when_the_last_has_left_it_stops_and_who_comes_then_begins_anew() -> None:
    async def story(shared: Shared[int], work: Work) -> None:
        askers = [Asker(), Asker()]
        asked = [asyncio.ensure_future(shared.get(asker.request, "key", work)) for asker in askers]
        await until(work.is_going)
        for asker in askers:
            asker.close()
        refused = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(one) for one in refused] == [RefusedError] * 2
        await until(work.stopped)
        work.let_go.set()
        assert await shared.get(Asker().request, "key", work) == 2

    run(story)


def test_a_failure_reaches_all_who_wait_and_is_not_kept() -> None:
    async def story(shared: Shared[int], work: Work) -> None:
        def fail(stop: threading.Event) -> int:
            work(stop)
            raise RefusedError("damaged", 409)

        asked = [asyncio.ensure_future(shared.get(Asker().request, "key", fail)) for _ in range(2)]
        await until(work.is_going)
        work.let_go.set()
        failed = await asyncio.gather(*asked, return_exceptions=True)
        assert [str(one) for one in failed] == ["damaged"] * 2
        assert await shared.get(Asker().request, "key", work) == 2

    run(story)
