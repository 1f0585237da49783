"""Serve the playground on this machine until Ctrl-C."""

import errno
import os
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable
from types import FrameType

import uvicorn

from unroll.app.application import make_application
from unroll.app.connection import Connection
from unroll.app.playground import Playground
from unroll.app.settings import AppSettings
from unroll.errors import ConfigError

HOST = "127.0.0.1"
MOST_CONNECTIONS = 400
"""One more is told to come later; a browser keeps about six."""
_GRACE_S = 2
"""What is computed has so long to end, once its reader is gone."""


def run_app(settings: AppSettings, told: Callable[[str], None]) -> None:
    """Serve until a termination, after which it returns.

    `told` hears where, and what is trained for the pages.

    Raises: ConfigError where the port is in use or may not be had; KeyboardInterrupt on Ctrl-C.
    """
    with _listen(settings.port) as listening:
        address = f"http://{HOST}:{listening.getsockname()[1]}"
        told(f"the playground is at {address} (Ctrl-C ends it)")
        if settings.open:
            # Beside the server: a browser in the terminal returns at its own end only.
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        # Read when torch and NumPy are imported: what pages ask for is small, and threads would
        # wait for each other.
        os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        playground = Playground(settings=settings, told=told)
        # Beside the first page, for folders are searched.
        threading.Thread(target=playground.begin, daemon=True).start()
        server = _Server(configured(playground))
        try:
            server.run(sockets=[listening])
        finally:
            # Once more, where it was interrupted before it served.
            playground.close()
    if server.ended_by == signal.SIGINT:
        raise KeyboardInterrupt


class _Server(uvicorn.Server):
    """Ends once, by the first signal, and in its own time, which is short.

    Uvicorn's raises the signal again in the middle of its own end, and a second one tears it down.
    """

    ended_by: int | None = None

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        """Take in a signal."""
        self.ended_by = self.ended_by or sig
        self.should_exit = True


def configured(playground: Playground) -> uvicorn.Config:
    """Return how the playground is served, whatever else of uvicorn's is installed here."""
    return uvicorn.Config(
        make_application(playground),
        http=Connection,
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=_GRACE_S,
    )


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        # Bound is not yet taken: another socket could be bound with the same option.
        listening.listen()
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(
                f"port {port} is in use: give another one with --port, or 0 for any that is free"
            ) from error
        raise ConfigError(f"port {port} cannot be used: {error.strerror}") from error
    return listening
