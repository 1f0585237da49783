"""Many long computations in turn: each gets its next piece in every round, none waits for another.

One thread steps all that are live, one `next()` of a generator each a round. Fifty texts so get
their next character every few milliseconds, where one after the other the fiftieth would wait for
the end of forty-nine. Each computes for itself: a text is the same, to the last bit, whatever
others do meanwhile. Stepping them as one batch would take less time, and would round otherwise by
who else is there.
"""

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from unroll.app.refusal import RefusedError, not_ready
from unroll.errors import UnrollError, in_one_line

T = TypeVar("T")

MOST_LIVE = 200
"""Live computations; one more is refused."""
MOST_UNREAD = 64
"""Pieces that wait for a slow reader, who holds up nobody but himself."""

_LOG = logging.getLogger("unroll.app")


class Turn(Generic[T]):
    """One computation: what the event loop sees of it. It is made by `Turns.begin`."""

    def __init__(self, pieces: Iterator[T], wake: Callable[[], None]) -> None:
        self.loop = asyncio.get_running_loop()
        self.failure: str | None = None
        """What ended it early, in one line, once that is known."""
        self._pieces = pieces
        self._wake = wake
        self._arrived: list[T] = []
        self._news = asyncio.Event()
        self._is_over = False
        self._is_cancelled = False
        # Each is counted up by one thread only, so that their difference needs no lock.
        self._made = 0
        self._taken = 0

    async def take(self) -> list[T]:
        """Return the pieces that have come since the last call, one at least; none at the end."""
        while not self._arrived and not self._is_over:
            self._news.clear()
            await self._news.wait()
        taken, self._arrived = self._arrived, []
        self._taken += len(taken)
        self._wake()
        return taken

    def cancel(self) -> None:
        """Let it end within a round, and take nothing more of it."""
        self._is_cancelled = True
        self._arrive([], None, is_over=True)
        self._wake()

    def wants_a_turn(self, most_unread: int) -> bool:
        """Whether its reader can take one more piece, or it is to be put away."""
        return self._is_cancelled or self._made - self._taken < most_unread

    def step(self) -> "Told[T]":
        """Take one piece, in the thread of all: what is to be told to the event loop."""
        try:
            if not self._is_cancelled:
                piece = next(self._pieces)
                self._made += 1
                return Told(self, [piece], None, False)
            close = getattr(self._pieces, "close", None)
            if close is not None:
                close()
        except StopIteration:
            pass
        except Exception as error:
            if not isinstance(error, UnrollError):
                _LOG.exception("a text failed")
            return Told(self, [], in_one_line(error), True)
        return Told(self, [], None, True)

    def _arrive(self, pieces: list[T], failure: str | None, *, is_over: bool) -> None:
        if not self._is_over:
            self._arrived += pieces
            self.failure, self._is_over = failure, is_over
        if self._is_cancelled:
            self._arrived = []
        self._news.set()


class Told(Generic[T]):
    """What a round tells of one computation."""

    def __init__(self, turn: Turn[T], pieces: list[T], failure: str | None, is_over: bool) -> None:
        self.turn, self.is_over = turn, is_over
        self._pieces, self._failure = pieces, failure

    def arrive(self) -> None:
        """Hand it over, in the event loop."""
        self.turn._arrive(self._pieces, self._failure, is_over=self.is_over)


class Turns:
    """The thread in which all live computations take turns. It begins with the first of them."""

    def __init__(self, *, most_live: int = MOST_LIVE, most_unread: int = MOST_UNREAD) -> None:
        self.rounds = 0
        """How many rounds there were."""
        self._most_live, self._most_unread = most_live, most_unread
        self._live: list[Turn[Any]] = []
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def begin(self, pieces: Iterator[T]) -> Turn[T]:
        """Let a computation take part from the next round on; called in an event loop.

        An error that it raises ends it alone: `Turn.failure` tells it in one line.
        Raises: RefusedError, 503, when as many are live as may be, all is closed, or no thread can
        be started.
        """
        turn: Turn[T] = Turn(pieces, self._wake)
        with self._change:
            if self._is_closed:
                raise not_ready("the playground is being closed")
            if len(self._live) >= self._most_live:
                raise RefusedError(
                    f"{self._most_live} texts are being written at once, and no more can be: "
                    "stop one, or wait for an end",
                    503,
                )
            if self._thread is None:
                self._thread = _started(self._work)
            self._live.append(turn)
            self._change.notify()
        return turn

    @property
    def live(self) -> int:
        """How many take turns."""
        with self._change:
            return len(self._live)

    def close(self) -> None:
        """End all, and take no more."""
        with self._change:
            self._is_closed = True
            self._change.notify()
        if self._thread is not None:
            self._thread.join()

    def _wake(self) -> None:
        with self._change:
            self._change.notify()

    def _work(self) -> None:
        while ready := self._wait():
            self._round(ready)
        with self._change:
            left, self._live = self._live, []
        for turn in left:
            turn._is_cancelled = True
        self._tell([turn.step() for turn in left])

    def _wait(self) -> list[Turn[Any]]:
        """Return those whose turn it is, as soon as there are any; none when all is closed."""
        with self._change:
            while not self._is_closed:
                ready = [turn for turn in self._live if turn.wants_a_turn(self._most_unread)]
                if ready:
                    return ready
                self._change.wait()
        return []

    def _round(self, ready: list[Turn[Any]]) -> None:
        self.rounds += 1
        told = [turn.step() for turn in ready]
        over = {id(one.turn) for one in told if one.is_over}
        if over:
            with self._change:
                self._live = [turn for turn in self._live if id(turn) not in over]
        self._tell(told)

    def _tell(self, told: list[Told[Any]]) -> None:
        """Wake each event loop once, with all that came for it."""
        by_loop: dict[asyncio.AbstractEventLoop, list[Told[Any]]] = defaultdict(list)
        for one in told:
            by_loop[one.turn.loop].append(one)
        for loop, ones in by_loop.items():
            try:
                loop.call_soon_threadsafe(_arrive, ones)
            except RuntimeError:  # the loop is closed: nobody waits
                for one in ones:
                    one.turn._is_cancelled = True


def _started(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, name="turns", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:  # the system has no thread left
        raise not_ready("this machine has no thread left to write with: try again") from error
    return thread


def _arrive(told: list[Told[Any]]) -> None:
    for one in told:
        one.arrive()
