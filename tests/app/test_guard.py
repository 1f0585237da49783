"""Who is let through, and what of a request is read at all."""

import asyncio
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from unroll.app.guard import MOST_BYTES, Guard

OTHER_HOST = "this playground answers to localhost, 127.0.0.1 and [::1] only"
OTHER_SITE = "a page of another site may not ask this playground"
LINK = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    """Tell how long the body is."""
    message = await receive()
    told = str(len(message["body"])).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": told})


@pytest.fixture
def guarded() -> TestClient:
    return TestClient(Guard(echo), base_url="http://localhost:8765")


def refusal(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["connection"] == "close"
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:1", "LocalHost:8765", "127.0.0.1:65535", "[::1]:8765", "[::1]"]
)
def test_this_machines_own_names_are_let_through(host: str, guarded: TestClient) -> None:
    assert guarded.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "example.org",
        "localhost.",
        "localhost.example.org",
        "example.org@localhost",
        "localhost@example.org",
        "localhost:",
        "localhost:8765:1",
        "localhost:٣",
        "localhost/..",
        "localhost, example.org",
        "127.0.0.2",
        "127.1",
        "0.0.0.0:8765",
        "2130706433",
        "::1",
        "[::1",
        "[::ffff:127.0.0.1]",
        "locaⅼhost",
    ],
)
def test_another_name_of_this_machine_is_refused(host: str, guarded: TestClient) -> None:
    answer = guarded.get("/", headers={b"host": host.encode()})
    assert refusal(answer) == (421, OTHER_HOST)


@pytest.mark.parametrize("hosts", [[], [b"localhost", b"localhost"], [b"localhost", b"a.org"]])
def test_one_host_is_named(hosts: list[bytes]) -> None:
    assert statuses_of(hosts=hosts) == [421]


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://example.org",
        "http://localhost:8766",
        "https://localhost:8765",
        "http://127.0.0.1:8765",
        "http://localhost:8765.example.org",
        "file://",
    ],
)
def test_another_origin_is_refused(origin: str, guarded: TestClient) -> None:
    for ask in (guarded.get, guarded.post):
        assert refusal(ask("/api/write", headers={"origin": origin})) == (403, OTHER_SITE)


def test_a_page_of_our_own_may_ask(guarded: TestClient) -> None:
    headers = {"origin": "http://localhost:8765", "sec-fetch-site": "same-origin"}
    assert guarded.post("/api/write", headers=headers).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "other", ""])
def test_what_another_site_asks_for_is_refused(site: str, guarded: TestClient) -> None:
    for fetched in ({}, {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"}):
        headers = {"sec-fetch-site": site, **fetched}
        for path in ("/write", "/assets/dom.js", "/api/runs"):
            assert refusal(guarded.get(path, headers=headers)) == (403, OTHER_SITE)


def test_a_link_on_another_site_leads_to_a_page_and_to_nothing_else(guarded: TestClient) -> None:
    link = {"sec-fetch-site": "cross-site", **LINK}
    assert guarded.get("/write", headers=link).status_code == 200
    assert guarded.head("/write", headers=link).status_code == 200
    assert refusal(guarded.get("/api/runs", headers=link)) == (403, OTHER_SITE)
    assert refusal(guarded.post("/write", headers=link)) == (403, OTHER_SITE)
    framed = link | {"sec-fetch-dest": "iframe"}
    assert refusal(guarded.get("/write", headers=framed)) == (403, OTHER_SITE)


@pytest.mark.parametrize("path", ["http://localhost/write", "*", "", "["])
def test_what_is_asked_for_is_a_path(path: str) -> None:
    assert statuses_of(path=path) == [400]


def test_a_body_may_have_its_limit_and_no_more(guarded: TestClient) -> None:
    assert guarded.post("/", content=b"x" * MOST_BYTES).text == "1048576"
    answer = guarded.post("/", content=b"x" * (MOST_BYTES + 1))
    assert refusal(answer) == (413, "a request may have at most 1,048,576 bytes")


def test_a_body_that_says_it_is_too_long_is_not_read() -> None:
    for length in (b"1048577", b"9" * 5000):
        assert statuses_of(headers=[(b"content-length", length)]) == [413]


def test_a_body_without_a_length_is_read_up_to_the_limit() -> None:
    pieces = [b"x" * 65536] * 40
    read: list[int] = []
    assert statuses_of(pieces=pieces, read=read) == [413]
    # Sixteen are the limit, the seventeenth is beyond.
    assert len(read) == 17


def test_a_body_that_never_comes_is_not_waited_for() -> None:
    assert statuses_of(pieces=None) == [408]


def test_who_hangs_up_before_the_end_of_a_body_is_not_answered() -> None:
    assert statuses_of(pieces=[]) == []


def test_a_websocket_is_refused() -> None:
    told = messages_of({"type": "websocket", "path": "/api/write", "headers": []}, None, [])
    assert told == [{"type": "websocket.close", "code": 1008}]


def test_every_answer_has_the_headers(guarded: TestClient) -> None:
    for path, kept in (("/write", "no-cache"), ("/api/runs", "no-store")):
        for host in ("localhost", "example.org"):
            headers = guarded.get(path, headers={"host": host}).headers
            assert headers["content-security-policy"] == (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            )
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cross-origin-resource-policy"] == "same-origin"
            assert headers["cache-control"] == kept


def statuses_of(
    *,
    path: str = "/api/write",
    hosts: tuple[bytes, ...] | list[bytes] = (b"localhost",),
    headers: list[tuple[bytes, bytes]] | None = None,
    pieces: list[bytes] | None = None,
    read: list[int] | None = None,
) -> list[int]:
    """Return the statuses that a request is answered with; `pieces` None never come."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "headers": [*((b"host", host) for host in hosts), *(headers or [])],
    }
    told = messages_of(scope, pieces, [] if read is None else read)
    return [message["status"] for message in told if message["type"] == "http.response.start"]


def messages_of(scope: Scope, pieces: list[bytes] | None, read: list[int]) -> list[Message]:
    told: list[Message] = []

    async def receive() -> Message:
        if pieces is None:
            await asyncio.Event().wait()
        if not pieces:
            return {"type": "http.disconnect"}
        read.append(len(pieces[0]))
        return {"type": "http.request", "body": pieces.pop(0), "more_body": True}

    async def send(message: Message) -> None:
        told.append(message)

    asyncio.run(Guard(echo, body_s=0.05)(scope, receive, send))
    return told
