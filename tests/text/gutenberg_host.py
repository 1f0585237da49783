"""A mirror of Project Gutenberg on this machine, which answers as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TALE = (
    (
        "The Project Gutenberg eBook of Tales\n\n"
        "*** START OF THE PROJECT GUTENBERG EBOOK TALES ***\n\n"
        "Äiti söi. Once upon a time.\n\n"
        "*** END OF THE PROJECT GUTENBERG EBOOK TALES ***\nLicence.\n"
    )
    .replace("\n", "\r\n")
    .encode()
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the host says once."""

    body: bytes = TALE
    status: int = 200
    promised_bytes: int | None = None
    """Content-Length, where it is to be another than the body's."""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Host:
    """Answers in turn, by path; anything else is not found."""

    answers: dict[str, list[Answer]]
    address: str = ""
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)


@contextmanager
def serving(answers: dict[str, list[Answer]]) -> Iterator[Host]:
    """Run a host on the loopback address."""
    host = Host(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.asked.append(self.path)
            host.agents.add(self.headers["User-Agent"])
            left = host.answers.get(self.path, [])
            answer = left.pop(0) if left else Answer(body=b"nothing here", status=404)
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
