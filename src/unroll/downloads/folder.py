"""Where downloads stay: one process at a time, and nothing that is not whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from unroll.records.atomic import describe_os_error


def cache_folder(name: str) -> Path:
    """Return `unroll/NAME` in the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "unroll" / name


@contextmanager
def locked_folder(folder: Path, told: Path) -> Iterator[None]:
    """Make `folder` where need be, and have it alone.

    Raises: StoreError, in one line that names `told`, when something in it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):
            yield
    except OSError as error:
        raise describe_os_error(told, error) from error


@contextmanager
def coming_beside(path: Path) -> Iterator[Path]:
    """Give a place beside `path` for what is not whole yet; what is left there in the end goes."""
    coming = path.with_name(f".{path.name}.part")
    try:
        yield coming
    finally:
        coming.unlink(missing_ok=True)
