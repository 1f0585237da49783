"""A host on this machine that has the files of a graph, and says what it is told to say first."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Host:
    """Gives each file by its name, after what it is told to answer before, if anything."""

    files: dict[str, bytes]
    before: dict[str, list[int]] = field(default_factory=dict)
    """By name: codes of refusals, one a request; 0: the file cut in half behind a full length."""
    address: str = ""
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)


@contextmanager
def serving(host: Host) -> Iterator[Host]:
    """Run the host on the loopback address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.removeprefix("/data/")
            host.asked.append(name)
            host.agents.add(self.headers["User-Agent"])
            first = host.before.get(name, [])
            status = first.pop(0) if first else 200 if name in host.files else 404
            body = host.files.get(name, b"nothing here") if status in (0, 200) else b"no"
            self.send_response(status or 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if status else body[: len(body) // 2])

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host.address = f"http://127.0.0.1:{server.server_port}/data"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
