"""Serve the playground on this machine until Ctrl-C."""

import errno
import socket
import webbrowser
from collections.abc import Callable

import uvicorn

from unroll.app.application import make_application
from unroll.app.playground import Playground
from unroll.app.settings import AppSettings
from unroll.errors import ConfigError

HOST = "127.0.0.1"
_GRACE_S = 1
"""What an answer that is under way has left at the end."""


def run_app(settings: AppSettings, told: Callable[[str], None]) -> None:
    """Serve until interrupted; `told` hears where.

    Raises: ConfigError where the port is in use or may not be had.
    """
    with _listen(settings.port) as listening:
        address = f"http://{HOST}:{listening.getsockname()[1]}"
        told(f"the playground is at {address} (Ctrl-C ends it)")
        if settings.open:
            webbrowser.open(address)
        config = uvicorn.Config(
            make_application(Playground(settings=settings)),
            log_level="error",
            access_log=False,
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
        uvicorn.Server(config).run(sockets=[listening])


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
