"""Computations in threads: what comes back, and what stops them."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest
from starlette.requests import Request
from starlette.types import Message

from unroll.app.lane import Lane
from unroll.app.refusal import RefusedError


class Asking:
    """A page that waits for its answer, until it hangs up."""

    def __init__(self) -> None:
        self.hung_up = asyncio.Event()
        self.request = Request({"type": "http", "headers": []}, self._receive)

    async def _receive(self) -> Message:
        await self.hung_up.wait()
        return {"type": "http.disconnect"}


def run(scene: Callable[[Lane], Awaitable[None]]) -> list[str]:
    """Play a scene on a lane; return what the loop complained of."""
    complaints: list[str] = []

    async def played() -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, told: complaints.append(str(told["message"]))
        )
        lane = Lane()
        await scene(lane)
        lane.close()

    asyncio.run(played())
    return complaints


def wait_for(stop: threading.Event) -> str:
    return "stopped" if stop.wait(30) else "forgotten"


def test_what_is_computed_comes_back_from_another_thread() -> None:
    async def scene(lane: Lane) -> None:
        here = threading.current_thread().name
        there = await lane.run(Asking().request, lambda _: threading.current_thread().name)
        assert there.startswith("lane")
        assert there != here

    assert run(scene) == []


def test_what_is_refused_is_raised() -> None:
    def refuse(_stop: threading.Event) -> None:
        raise RefusedError("no", 404)

    async def scene(lane: Lane) -> None:
        with pytest.raises(RefusedError, match=r"^no$"):
            await lane.run(Asking().request, refuse)

    assert run(scene) == []


def test_two_are_computed_at_once() -> None:
    both = threading.Barrier(2, timeout=30)

    async def scene(lane: Lane) -> None:
        places = await asyncio.gather(
            lane.run(Asking().request, lambda _: both.wait()),
            lane.run(Asking().request, lambda _: both.wait()),
        )
        assert sorted(places) == [0, 1]

    assert run(scene) == []


def test_who_hangs_up_stops_the_computation() -> None:
    async def scene(lane: Lane) -> None:
        asking = Asking()
        answered = asyncio.ensure_future(lane.run(asking.request, wait_for))
        await asyncio.sleep(0)
        asking.hung_up.set()
        assert await answered == "stopped"

    assert run(scene) == []


def test_who_hangs_up_while_waiting_for_a_turn_is_passed_over() -> None:
    async def scene(lane: Lane) -> None:
        patient = [Asking(), Asking()]
        running = [asyncio.ensure_future(lane.run(one.request, wait_for)) for one in patient]
        gone = Asking()
        waiting = asyncio.ensure_future(lane.run(gone.request, lambda stop: stop.is_set()))
        await asyncio.sleep(0)
        gone.hung_up.set()
        await asyncio.sleep(0)
        for one in patient:
            one.hung_up.set()
        assert await asyncio.gather(*running) == ["stopped", "stopped"]
        assert await waiting

    assert run(scene) == []


def test_a_cancelled_answer_stops_its_computation_and_an_error_after_it_is_not_told() -> None:
    began, ended = threading.Event(), threading.Event()

    def fail_late(stop: threading.Event) -> None:
        began.set()
        stop.wait(30)
        ended.set()
        raise RefusedError("too late")

    async def scene(lane: Lane) -> None:
        answered = asyncio.ensure_future(lane.run(Asking().request, fail_late))
        await asyncio.to_thread(began.wait, 30)
        answered.cancel()
        with pytest.raises(asyncio.CancelledError):
            await answered
        assert await asyncio.to_thread(ended.wait, 30)
        del answered

    assert run(scene) == []


def test_a_closed_lane_may_be_closed_again() -> None:
    lane = Lane()
    lane.close()
    lane.close()
