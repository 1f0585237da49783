"""Connections that no browser would make, to the real server."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.serving import ask_raw, read_all, served, status_of
from unroll.app import connection
from unroll.app.playground import Playground
from unroll.app.settings import AppSettings

HOST = b"Host: localhost\r\n"
CLOSE = b"Connection: close\r\n"
JSON = b"Content-Type: application/json\r\n"


@pytest.fixture(scope="module")
def port(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    out = tmp_path_factory.mktemp("connection") / "app"
    playground = Playground(settings=AppSettings(runs=(trained,), out=out, port=0))
    with served(playground) as port:
        yield port


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server wait for the head of a request for a moment only."""
    monkeypatch.setattr(connection, "HEAD_S", 0.3)


def test_a_page_is_answered(port: int) -> None:
    answer = ask_raw(port, b"GET /write HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n")
    assert status_of(answer) == 200
    assert b"<h1>" in answer


@pytest.mark.parametrize(
    ("request_line", "headers", "status"),
    [
        (b"GET http://example.org/write HTTP/1.1", HOST, 400),
        (b"GET /write HTTP/1.1", b"Host: example.org\r\n", 421),
        (b"GET http://localhost/write HTTP/1.1", b"Host: example.org\r\n", 421),
        (b"OPTIONS * HTTP/1.1", HOST, 400),
        (b"OPTIONS /api/runs HTTP/1.1", HOST, 405),
        (b"TRACE /write HTTP/1.1", HOST, 405),
        (b"CONNECT localhost:1 HTTP/1.1", HOST, 400),
        (b"GET [ HTTP/1.1", HOST, 400),
        (b"GET //[ HTTP/1.1", HOST, 404),
        (b"GET /write HTTP/1.1", b"", 400),
        (b"GET /write HTTP/1.1", HOST + HOST, 400),
        (b"GET /write HTTP/1.1", HOST + b"Origin: null\r\n", 403),
        (b"GET /assets/../guard.py HTTP/1.1", HOST, 404),
        (b"GET /assets/%2e%2e/guard.py HTTP/1.1", HOST, 404),
        (b"GET /assets/..%2fguard.py HTTP/1.1", HOST, 404),
        (b"GET /assets/%2fetc%2fpasswd HTTP/1.1", HOST, 404),
        (b"GET /assets/..%5cguard.py HTTP/1.1", HOST, 404),
        (b"GET /assets/%00 HTTP/1.1", HOST, 404),
        (b"GET /assets/ HTTP/1.1", HOST, 404),
        (b"GET /write%00 HTTP/1.1", HOST, 404),
        (b"GET /write%0d%0aX:1/ HTTP/1.1", HOST, 404),
        (b"GET /%ff%fe HTTP/1.1", HOST, 404),
        (b"GET /api/runs HTTP/1.1", HOST + b"Sec-Fetch-Site: cross-site\r\n", 403),
        (b"POST /api/write HTTP/1.1", HOST + b"Content-Length: 1048577\r\n", 413),
        (b"POST /api/write HTTP/1.1", HOST + b"Content-Length: 1e3\r\n", 400),
        (
            b"POST /api/write HTTP/1.1",
            HOST + b"Content-Length: 3\r\nContent-Length: 5\r\n",
            400,
        ),
        (
            b"GET /write HTTP/1.1",
            HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n",
            200,
        ),
        (b"\x16\x03\x01\x02\x00\x01\x00", b"", 400),
    ],
)
def test_each_is_answered_by_its_status(
    request_line: bytes, headers: bytes, status: int, port: int
) -> None:
    if b"Connection:" not in headers:
        headers += CLOSE
    with socket.create_connection(("127.0.0.1", port), timeout=30) as asking:
        asking.sendall(request_line + b"\r\n" + headers + b"\r\n")
        answer = asking.recv(1 << 16)
    assert status_of(answer) == status
    assert b"Traceback" not in answer
    assert b"access-control" not in answer.lower()


@pytest.mark.parametrize("head", [b"GET /", b"GET /write HTTP/1.1\r\n" + HOST + b"X: "])
def test_a_head_has_a_limit(head: bytes, port: int) -> None:
    assert status_of(ask_raw(port, head + b"x" * 66_000)) == 400


@pytest.mark.usefixtures("_hasty")
@pytest.mark.parametrize("sent", [b"", b"GET /write HTTP/1.1\r\nHost: loc"])
def test_a_head_that_never_ends_is_not_waited_for(sent: bytes, port: int) -> None:
    assert ask_raw(port, sent) == b""


@pytest.mark.usefixtures("_hasty")
def test_a_second_head_that_never_ends_is_not_waited_for(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as asking:
        asking.sendall(b"GET /nothing HTTP/1.1\r\n" + HOST + b"\r\n")
        assert status_of(asking.recv(1 << 16)) == 404
        asking.sendall(b"GET /write HT")
        assert b"HTTP/1.1 " not in read_all(asking)


def test_two_requests_at_once_are_answered_in_order(port: int) -> None:
    asked = b"GET /nothing HTTP/1.1\r\n" + HOST + b"\r\n"
    answer = ask_raw(port, asked + asked.replace(b"\r\n\r\n", b"\r\n" + CLOSE + b"\r\n"))
    assert answer.count(b"HTTP/1.1 404 ") == 2


def test_chunks_without_end_are_read_up_to_the_limit(port: int) -> None:
    head = b"POST /api/write HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HOST + JSON + b"\r\n"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as asking:
        asking.sendall(head + chunk * 17)
        answer = asking.recv(1 << 16)
    assert status_of(answer) == 413


def test_a_chunk_that_is_none_is_refused(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    head = b"POST /api/write HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HOST + JSON + b"\r\n"
    assert status_of(ask_raw(port, head + b"zz\r\n")) == 400
    # The same after the answer has begun: it was refused by its origin before its body came.
    origin = b"Origin: null\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as asking:
        asking.sendall(head.replace(HOST, HOST + origin))
        first = asking.recv(1 << 16)
        asking.sendall(b"zz\r\n")
        read_all(asking)
    assert status_of(first) == 403
    assert capfd.readouterr().err == ""


def test_who_hangs_up_in_the_middle_disturbs_nobody(
    port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    head = b"POST /api/write HTTP/1.1\r\nContent-Length: 100\r\n" + HOST + JSON + b"\r\n"
    for sent in (head, head + b"{", head[:20], b"GET /write HTTP/1.1\r\n" + HOST + b"\r\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as asking:
            asking.sendall(sent)
    answer = ask_raw(port, b"GET /write HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n")
    assert status_of(answer) == 200
    assert capfd.readouterr().err == ""
