"""A training in a process of its own: `python -m unroll.app.trainings.worker text OUT`.

It tells how far it is on standard output, a JSON object a line, and ends when its standard input
does: then whoever started it has ended, however that came.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Protocol, TextIO

from filelock import FileLock, Timeout

from unroll.app.search import without_paths
from unroll.app.trainings.wanted import NETWORKS, TEXT
from unroll.errors import in_one_line
from unroll.records.atomic import describe_os_error

_NICE = 10
"""Pages come first."""
_TELL_SECONDS = 0.2
_POLL_SECONDS = 0.5
_LEAST_SHARE = 0.02
"""Of the work, after which the rest can be guessed."""
_AGAIN = {
    TEXT: "start unroll app again to try once more, or train a model of your own: "
    "unroll text train BOOK",
    NETWORKS: "start unroll app again to try once more",
}


class Told(Protocol):
    """Hears how far a training is."""

    def __call__(self, done: float, said: str) -> None:
        """Take in the share of the work that is done, and how it stands in one line."""
        ...


class Teller:
    """Tells the server how a training stands, a few times a second."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._begun: tuple[float, float] | None = None
        self._told_at = 0.0

    def training(self, done: float, said: str) -> None:
        """Tell how much is done; what comes too soon after the last is not told."""
        now = time.monotonic()
        if self._begun is None and done > 0:
            self._begun = now, done
        if now - self._told_at >= _TELL_SECONDS:
            self._told_at = now
            self.tell("training", said, done, self._left(now, done))

    def tell(
        self, state: str, said: str, done: float = 0.0, seconds_left: float | None = None
    ) -> None:
        """Tell it now."""
        told = {"state": state, "said": said, "done": done, "seconds_left": seconds_left}
        self._stream.write(json.dumps(told) + "\n")
        self._stream.flush()

    def _left(self, now: float, done: float) -> float | None:
        begun, before = self._begun or (now, done)
        if done - before < _LEAST_SHARE:
            return None
        return (now - begun) * (1 - done) / (done - before)


def main(arguments: Sequence[str]) -> None:
    """Train what is asked for, and tell of it."""
    kind, out = arguments[0], Path(arguments[1])
    threading.Thread(target=_end_with_server, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_NICE)
    teller = Teller(sys.stdout)
    try:
        # Standard output is for what is told here alone.
        with redirect_stdout(sys.stderr), _alone(out / f".{kind}.lock", teller):
            said = _train(kind, out, teller.training)
    except Exception as error:  # whatever it is, the page says it
        reason = without_paths(in_one_line(error), out)
        teller.tell("failed", f"{reason}; {_AGAIN[kind]}")
    else:
        teller.tell("finished", said, 1.0)


def _train(kind: str, out: Path, told: Told) -> str:
    # Here, because they bring torch, and another playground may be at work.
    told(0.0, "loading PyTorch")
    if kind == TEXT:
        from unroll.app.trainings.text import train_text

        return train_text(out, told)
    from unroll.app.trainings.palindromes import train_networks

    return train_networks(out, told)


@contextmanager
def _alone(file: Path, teller: Teller) -> Iterator[None]:
    """Hold the lock of this training; another playground that has it is waited for."""
    lock = FileLock(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            teller.tell("waiting", "another playground trains it: this one waits for the end")
            lock.acquire(poll_interval=_POLL_SECONDS)
    except OSError as error:
        raise describe_os_error(file, error) from error
    try:
        yield
    finally:
        lock.release()


def _end_with_server() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
