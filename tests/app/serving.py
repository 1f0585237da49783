"""The real server in a thread, and requests that no client of good manners would send."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from unroll.app.playground import Playground
from unroll.app.serve import configured


@contextmanager
def served(playground: Playground) -> Iterator[int]:
    """Serve on a free port, which is given, until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(configured(playground))
        serving = threading.Thread(target=server.run, args=([listening],))
        serving.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        serving.join()


def ask_raw(port: int, sent: bytes) -> bytes:
    """Send these bytes, and return all that comes until the server ends the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as asking:
        asking.sendall(sent)
        return read_all(asking)


def read_all(asking: socket.socket) -> bytes:
    """Return what comes until the other side ends; a reset is an end too."""
    came = b""
    while True:
        try:
            piece = asking.recv(65536)
        except ConnectionResetError:
            return came
        if not piece:
            return came
        came += piece


def status_of(answer: bytes) -> int:
    """Return an answer's status."""
    return int(answer.split(b" ", 2)[1])
