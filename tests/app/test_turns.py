"""Computations that take turns: fair, apart from each other, and ended when nobody listens."""

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from unroll.app.refusal import RefusedError
from unroll.app.turns import Turn, Turns
from unroll.errors import ConfigError


@pytest.fixture
def turns() -> Iterator[Turns]:
    made = Turns(most_unread=10**6)
    yield made
    made.close()


def counting(stop: int) -> Iterator[int]:
    yield from range(stop)


def logged(turns: Turns, rounds: list[int], stop: int) -> Iterator[int]:
    """Count, and log in which round each number was asked for."""
    for n in range(stop):
        rounds.append(turns.rounds)
        yield n


class Watched:
    """Numbers without an end, and whether they were put away."""

    def __init__(self) -> None:
        self.count = 0
        self.is_closed = threading.Event()

    def __iter__(self) -> Iterator[int]:
        try:
            while True:
                self.count += 1
                yield self.count
        finally:
            self.is_closed.set()


async def read_all(turn: Turn[int]) -> list[int]:
    read = []
    while pieces := await turn.take():
        read += pieces
    return read


async def until(is_so: Callable[[], bool]) -> None:
    """Let the other tasks and threads work until something is so."""
    while not is_so():
        await asyncio.sleep(0)


def test_all_pieces_arrive_in_order_and_then_none(turns: Turns) -> None:
    async def main() -> tuple[list[int], list[int]]:
        turn = turns.begin(counting(1000))
        return await read_all(turn), await turn.take()

    assert asyncio.run(main()) == (list(range(1000)), [])


def test_a_short_text_ends_after_as_many_rounds_as_it_is_long(turns: Turns) -> None:
    rounds: list[int] = []

    async def main() -> None:
        long = [turns.begin(iter(Watched())) for _ in range(20)]
        await until(lambda: turns.rounds > 10)
        await read_all(turns.begin(logged(turns, rounds, 5)))
        for turn in long:
            turn.cancel()

    asyncio.run(main())
    assert rounds == list(range(rounds[0], rounds[0] + 5))


def test_all_that_are_live_get_one_piece_a_round(turns: Turns) -> None:
    logs: list[list[int]] = [[] for _ in range(8)]
    is_busy, gate = threading.Event(), threading.Event()

    def waits() -> Iterator[int]:
        is_busy.set()
        gate.wait()
        yield 0

    async def main() -> None:
        first = turns.begin(waits())
        await until(is_busy.is_set)
        others = [turns.begin(logged(turns, log, 50)) for log in logs]
        gate.set()
        await asyncio.gather(read_all(first), *map(read_all, others))

    asyncio.run(main())
    # All began in the same round, for the thread was busy until all had.
    assert all(log == list(range(logs[0][0], logs[0][0] + 50)) for log in logs)


def test_one_that_is_cancelled_is_put_away_and_tells_no_more(turns: Turns) -> None:
    watched = Watched()

    async def main() -> tuple[list[int], int]:
        turn = turns.begin(iter(watched))
        assert await turn.take()
        turn.cancel()
        left = await turn.take()
        rounds = turns.rounds
        await until(watched.is_closed.is_set)
        return left, turns.rounds - rounds

    left, rounds = asyncio.run(main())
    assert left == []
    assert rounds <= 2
    assert turns.live == 0


def test_a_slow_reader_stops_his_own_text_and_no_other() -> None:
    turns = Turns(most_unread=8)
    slow = Watched()

    async def main() -> None:
        unread = turns.begin(iter(slow))
        assert await read_all(turns.begin(counting(500))) == list(range(500))
        assert slow.count == 8
        assert await unread.take() == list(range(1, 9))
        await until(lambda: slow.count == 16)
        unread.cancel()

    asyncio.run(main())
    turns.close()
    assert slow.is_closed.is_set()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConfigError("top-k is wrong"), "top-k is wrong"),
        (ZeroDivisionError("by\nzero"), "ZeroDivisionError: by zero"),
    ],
)
def test_an_error_ends_its_own_text_in_one_line(turns: Turns, error: Exception, told: str) -> None:
    def fails() -> Iterator[int]:
        yield 1
        raise error

    async def main() -> tuple[Turn[int], list[int], list[int]]:
        failing, other = turns.begin(fails()), turns.begin(counting(100))
        return failing, *await asyncio.gather(read_all(failing), read_all(other))

    failing, read, others = asyncio.run(main())
    assert (read, failing.failure) == ([1], told)
    assert others == list(range(100))


def test_one_more_than_may_be_live_is_refused() -> None:
    turns = Turns(most_live=2)

    async def main() -> None:
        kept = [turns.begin(iter(Watched())) for _ in range(2)]
        with pytest.raises(RefusedError) as refused:
            turns.begin(counting(1))
        assert refused.value.status == 503
        assert str(refused.value) == (
            "2 texts are being written at once, and no more can be: stop one, or wait for an end"
        )
        kept[0].cancel()
        await until(lambda: turns.live == 1)
        assert await read_all(turns.begin(counting(3))) == [0, 1, 2]

    asyncio.run(main())
    turns.close()


def test_closing_ends_all_and_takes_no_more(turns: Turns) -> None:
    watched = Watched()

    async def main() -> None:
        turn = turns.begin(iter(watched))
        await turn.take()
        turns.close()
        assert watched.is_closed.is_set()
        await read_all(turn)
        with pytest.raises(RefusedError, match="the playground is being closed"):
            turns.begin(counting(1))

    asyncio.run(main())


def test_a_closed_event_loop_holds_nothing_up(turns: Turns) -> None:
    watched = Watched()

    async def leave() -> None:
        turns.begin(iter(watched))

    asyncio.run(leave())

    async def main() -> None:
        assert await read_all(turns.begin(counting(50))) == list(range(50))
        await until(watched.is_closed.is_set)

    asyncio.run(main())


def test_where_no_thread_can_be_started_that_is_said_and_the_next_is_tried(
    turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def main() -> list[int]:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", fail)
            with pytest.raises(RefusedError) as refused:
                turns.begin(counting(3))
        assert refused.value.status == 503
        assert str(refused.value) == "this machine has no thread left to write with: try again"
        assert turns.live == 0
        return await read_all(turns.begin(counting(3)))

    assert asyncio.run(main()) == [0, 1, 2]


def test_no_thread_before_the_first_text() -> None:
    turns = Turns()
    turns.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "turns"]
