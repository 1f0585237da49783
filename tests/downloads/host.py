"""A host on this machine, which has files and answers as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the host says once."""

    body: bytes = b""
    status: int = 200
    promised_bytes: int | None = None
    """Content-Length, where it is to be another than the body's."""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Host:
    """Gives by path what it is told to answer, in turn, then the file; anything else is not found.

    A path begins with a slash.
    """

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    address: str = ""
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)

    def answer(self, path: str) -> Answer:
        first = self.answers.get(path, [])
        if first:
            return first.pop(0)
        if path in self.files:
            return Answer(body=self.files[path])
        return Answer(body=b"nothing here", status=404)


@contextmanager
def running(host: Host) -> Iterator[Host]:
    """Run a host on the loopback address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.asked.append(self.path)
            host.agents.add(self.headers["User-Agent"])
            answer = host.answer(self.path)
            self.send_response(answer.status)
            promised = len(answer.body) if answer.promised_bytes is None else answer.promised_bytes
            self.send_header("Content-Length", str(promised))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
