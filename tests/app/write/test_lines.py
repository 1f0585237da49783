"""A text over HTTP: what is sent, and what happens when the client is slow, or goes."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from starlette.types import Message

from unroll.app.turns import Turn, Turns
from unroll.app.write.lines import Lines
from unroll.errors import ConfigError

SCOPE = {"type": "http"}


@pytest.fixture
def turns() -> Iterator[Turns]:
    made = Turns(most_unread=4)
    yield made
    made.close()


class Client:
    """What a server of HTTP is to an answer: takes what is sent, and may go at any time."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.is_taking = asyncio.Event()
        self.is_taking.set()
        self.gone = asyncio.Event()

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self.is_taking.wait()
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


class Endless:
    """Lines without an end, and whether they were put away."""

    def __init__(self) -> None:
        self.count = 0
        self.is_closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        try:
            while True:
                self.count += 1
                yield b"line\n"
        finally:
            self.is_closed.set()


async def until(is_so: Callable[[], bool]) -> None:
    """Let the other tasks and threads work until something is so."""
    while not is_so():
        await asyncio.sleep(0)


def answer(turn: Turn[bytes], client: Client) -> Coroutine[Any, Any, None]:
    return Lines(turn)(SCOPE, client.receive, client.send)


def test_all_lines_are_sent_and_the_answer_ends(turns: Turns) -> None:
    async def main() -> Client:
        client = Client()
        await answer(turns.begin(iter([b"a\n", b"", b"b\n"])), client)
        return client

    client = asyncio.run(main())
    assert client.body == b"a\nb\n"
    assert client.sent[0]["status"] == 200
    assert dict(client.sent[0]["headers"]) == {
        b"cache-control": b"no-store",
        b"content-type": b"application/x-ndjson",
    }
    assert [message.get("more_body", False) for message in client.sent[1:-1]] == [True] * (
        len(client.sent) - 2
    )
    assert not client.sent[-1].get("more_body", False)


def test_a_failure_is_the_last_line(turns: Turns) -> None:
    def fails() -> Iterator[bytes]:
        yield b"a\n"
        raise ConfigError("it went wrong")

    async def main() -> Client:
        client = Client()
        await answer(turns.begin(fails()), client)
        return client

    assert asyncio.run(main()).body == b'a\n{"kind": "error", "error": "it went wrong"}\n'


def test_a_closed_page_ends_its_text(turns: Turns) -> None:
    endless = Endless()

    async def main() -> None:
        client = Client()
        sending = asyncio.ensure_future(answer(turns.begin(iter(endless)), client))
        await until(lambda: len(client.sent) > 3)
        client.gone.set()
        await sending
        await until(endless.is_closed.is_set)

    asyncio.run(main())
    assert turns.live == 0


def test_an_answer_that_is_cancelled_ends_its_text(turns: Turns) -> None:
    endless = Endless()

    async def main() -> None:
        sending = asyncio.ensure_future(answer(turns.begin(iter(endless)), Client()))
        await until(lambda: endless.count > 3)
        sending.cancel()
        await asyncio.wait([sending])
        await until(endless.is_closed.is_set)

    asyncio.run(main())


def test_a_slow_client_holds_up_its_own_text_only(turns: Turns) -> None:
    slow = Endless()

    async def main() -> None:
        client, other = Client(), Client()
        client.is_taking.clear()
        sending = asyncio.ensure_future(answer(turns.begin(iter(slow)), client))
        await answer(turns.begin(iter([b"x\n"] * 300)), other)
        assert other.body == b"x\n" * 300
        assert slow.count <= 4
        client.is_taking.set()
        await until(lambda: slow.count > 20)
        client.gone.set()
        await sending

    asyncio.run(main())
