"""The address of a Dask scheduler, and whether one answers there."""

import re
import socket
import struct

from unroll.errors import ConfigError, UnrollError

PATIENCE_SECONDS = 4.0
"""For an answer: a scheduler gives one at once, and two such waits are less than ten seconds."""
_FORM = re.compile(r"tcp://(?P<host>\[[0-9A-Fa-f:.%]+\]|[^\s/:\[\]]+):(?P<port>\d{1,5})/?")
_LONGEST_GREETING = 100_000
"""Bytes; a scheduler begins with a few hundred, after their number in eight bytes."""


class ClusterError(UnrollError):
    """A cluster cannot run what it is asked to, or not as this machine would."""


def as_refusal(told: str, worker: str) -> ClusterError:
    """Return the error for what a worker said when it refused, with its name where it lacks it."""
    return ClusterError(
        told if worker in told else f"executor: the worker {worker} refused: {told}"
    )


def read_address(text: str) -> tuple[str, int]:
    """Return host and port of `tcp://HOST:PORT`.

    >>> read_address("tcp://10.0.0.5:8786")
    ('10.0.0.5', 8786)

    Raises: ConfigError, in one line, for anything else.
    """
    found = _FORM.fullmatch(text)
    if found is None or not 0 < int(found["port"]) < 65536:
        why = " (an encrypted connection is not supported)" if text.startswith("tls://") else ""
        raise ConfigError(
            "executor: expected the address of a Dask scheduler, tcp://HOST:PORT as in "
            f"tcp://127.0.0.1:8786, got '{text}'{why}"
        )
    return found["host"].strip("[]"), int(found["port"])


def check_answers(address: str) -> None:
    """Return when what listens at an address greets as Dask does.

    A server that waits to be spoken to, a web server say, never would.

    Raises: ClusterError, in one line, within a few seconds.
    """
    try:
        connection = socket.create_connection(read_address(address), PATIENCE_SECONDS)
    except OSError as error:
        raise ClusterError(
            f"executor: expected a Dask scheduler at {address}, and nobody answered "
            f"({error.strerror or error}): 'dask scheduler' starts one and prints its address"
        ) from error
    with connection:
        if not _greets(connection):
            raise not_a_scheduler(address)


def not_a_scheduler(address: str) -> ClusterError:
    """Return the error for an address where something else listens."""
    return ClusterError(
        f"executor: what listens at {address} is no Dask scheduler: 'dask scheduler' starts one "
        "and prints its address"
    )


def _greets(connection: socket.socket) -> bool:
    """Whether what comes first is the length of a short message."""
    connection.settimeout(PATIENCE_SECONDS)
    data = b""
    try:
        while len(data) < 8 and (more := connection.recv(8 - len(data))):
            data += more
    except OSError:
        return False
    return len(data) == 8 and struct.unpack("<Q", data)[0] <= _LONGEST_GREETING
