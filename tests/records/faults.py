"""A disk that fails at one chosen call, for tests of what is left behind."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


class _Full:
    """A file open for writing that may take only half of what is written to it."""

    def __init__(self, file: Any, make: Callable[[str], bool]) -> None:
        self._file, self._make = file, make

    def __enter__(self) -> "_Full":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> int:
        if self._make("write"):
            self._file.write(data[: len(data) // 2])
            raise no_space()
        written: int = self._file.write(data)
        return written

    def flush(self) -> None:
        self._file.flush()

    def fileno(self) -> int:
        number: int = self._file.fileno()
        return number


def no_space() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def faults(at: int, lasting: bool = False) -> Iterator[list[str]]:
    """Let the `at`-th call that changes the disk fail, and those after it; list all that came."""
    made: list[str] = []

    def make(name: str) -> bool:
        made.append(name)
        return len(made) == at or (lasting and len(made) > at)

    def failing(owner: Any, name: str) -> Any:
        really = getattr(owner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            if make(name):
                raise no_space()
            return really(*args, **kwargs)

        return call

    really_open = Path.open

    def open_file(path: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if "w" not in mode:
            return really_open(path, mode, *args, **kwargs)
        if make("open"):
            raise no_space()
        return _Full(really_open(path, mode, *args, **kwargs), make)

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink"), (Path, "mkdir")):
            patch.setattr(owner, name, failing(owner, name))
        patch.setattr(Path, "open", open_file)
        yield made
