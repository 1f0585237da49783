"""Which folders are searched for what was trained, and how a folder found is known to pages."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path
from textwrap import shorten
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_DEPTH = 4
"""Folders below one that is given are searched so deep: OUT/text/HASH of a study is 3 deep."""
MOST_FOLDERS = 2_000
"""Folders that are looked into: who gives a whole disk does not wait for it."""
_MOST_ENTRIES = 10_000
"""Entries of a folder that are looked at."""
_INNER = frozenset({"corpus", "checkpoints", "stages", "weights"})
"""Folders inside of what was trained."""
_ID_DIGITS = 12
_CALM = 4
"""A slow disk is left alone for longer: two seconds more for each that a search took."""
_LONGEST_MESSAGE = 300

Signature = tuple[int, int, int] | None
"""When a file was written, its size and its number on the disk; None where there is no file."""


class Searched(Generic[T]):
    """What a search finds, kept for a moment; any thread may ask.

    One thread searches at a time: who asks meanwhile hears what was found before, if anything was.
    """

    def __init__(self, find: Callable[[], T], pause_seconds: float) -> None:
        self._find, self._pause_seconds = find, pause_seconds
        self._searching = threading.Lock()
        self._found: tuple[T] | None = None
        self._next = 0.0

    def get(self) -> T:
        """Return what there is, or was a moment ago."""
        known = self._found
        if not self._searching.acquire(blocking=known is None):
            assert known is not None
            return known[0]
        try:
            begun = time.monotonic()
            if self._found is None or begun >= self._next:
                self._found = (self._find(),)
                end = time.monotonic()
                self._next = end + self._pause_seconds * (1 + _CALM * (end - begun))
            return self._found[0]
        finally:
            self._searching.release()


def search(roots: Iterable[Path], name: str) -> list[Path]:
    """Return the folders that hold a file `name`, those near a root first.

    A folder that was found is not searched further; links are followed, each folder once. What
    cannot be read is passed over.
    """
    found: list[Path] = []
    seen: set[tuple[int, int]] = set()
    waiting = deque((root, 0) for root in roots)
    while waiting and len(seen) < MOST_FOLDERS:
        folder, depth = waiting.popleft()
        identity = _identity(folder)
        if identity is None or identity in seen:
            continue
        seen.add(identity)
        if is_file(folder / name):
            found.append(folder)
        elif depth < MOST_DEPTH:
            # No more than can come to their turn, or a wide tree would fill the memory.
            inner = islice(_folders_in(folder), max(0, MOST_FOLDERS - len(waiting)))
            waiting.extend((one, depth + 1) for one in inner)
    return found


def known_as(folder: Path) -> str:
    """Return the name by which pages ask for a folder: it tells nothing of where that is."""
    return sha256(os.fsencode(folder.resolve())).hexdigest()[:_ID_DIGITS]


def is_file(file: Path) -> bool:
    """Return whether there is a file; one in a folder that may not be entered is none."""
    try:
        return file.is_file()
    except OSError:
        return False


def signature(file: Path) -> Signature:
    """Return what changes when a file is written anew; None where there is none."""
    try:
        state = file.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino


def without_paths(text: str, folder: Path) -> str:
    """Return a message about a file in `folder` without where that folder is, in one short line."""
    for path in (folder.resolve(), folder.absolute(), folder):
        text = text.replace(str(path), folder.name)
    return shorten(tellable(text), _LONGEST_MESSAGE, placeholder=" …")


def tellable(text: str) -> str:
    """Return a name as UTF-8 can tell it: a folder's may hold bytes, and JSON half characters."""
    return text.encode(errors="replace").decode()


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        state = folder.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino


def _folders_in(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in islice(entries, _MOST_ENTRIES) if _is_dir(entry))
    except OSError:
        return
    for name in names:
        if name not in _INNER and not name.startswith("."):
            yield folder / name


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
