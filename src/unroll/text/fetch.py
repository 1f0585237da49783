"""A book of Project Gutenberg, fetched once and kept.

No sum is pinned yet. A mirror may hold a newer edition of a text, and the copy of Grimm that this
project was measured with has line ends of its own, so that its sum is not that of a mirror's file.
A book that is not in `PINNED` has its sum recorded on first use, beside it; from then on that sum
is what the file must have.
"""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep as _sleep
from time import time as _time
from typing import Literal

from filelock import FileLock

from unroll.errors import ConfigError, unknown_name
from unroll.records.atomic import describe_os_error, write_atomically
from unroll.text.mirror import FetchError, Mirror, WrongSumError
from unroll.text.pace import Pace

NAMES = {"grimm": 2591, "sherlock": 1661}
"""Books by the names that the command line knows, with their numbers at Project Gutenberg."""
PINNED: dict[int, str] = {}
"""SHA-256 of files as a mirror sends them, of those that were ever in hand."""

Origin = Literal["pinned", "recorded before", "recorded now"]
_ADVICE: dict[Origin, str] = {
    "pinned": "choose another mirror, or give the text as a file",
    "recorded before": "if Gutenberg has a new edition and you want it, delete {record} and {path} "
    "and fetch again",
}


def default_folder() -> Path:
    """Return where books are kept: `unroll/books` in the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "unroll" / "books"


@dataclass(frozen=True, kw_only=True)
class FetchSettings:
    """How a book is fetched.

    Raises: ConfigError when a value cannot be used.
    """

    mirror: str = "https://aleph.pglaf.org"
    """The address under which a mirror of Project Gutenberg has `cache/epub` or its numbers."""
    folder: Path = field(default_factory=default_folder)
    """Where books stay, for good."""
    pause_seconds: float = 2.0
    """Between two requests; Gutenberg asks for two seconds."""
    attempts: int = 4
    """How often a file is asked for when the mirror is busy or the connection breaks."""
    timeout_seconds: float = 30.0
    """How long to wait for the mirror's next bytes."""

    def __post_init__(self) -> None:
        if not self.mirror.startswith(("https://", "http://")):
            raise ConfigError(f"mirror: must begin with https:// or http://, got '{self.mirror}'")
        if self.attempts < 1:
            raise ConfigError(f"attempts: must be 1 or more, got {self.attempts}")
        if not self.pause_seconds >= 0 or not self.timeout_seconds > 0:
            raise ConfigError(
                "fetch: pause_seconds must be 0 or more and timeout_seconds above 0, got "
                f"{self.pause_seconds} and {self.timeout_seconds}"
            )


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A book's file, as it came, licence and all; `read_book` cuts the licence off."""

    number: int
    """At Project Gutenberg."""
    name: str
    """For tables and folders: `grimm`, or `gutenberg-345`."""
    path: Path
    """Where it is kept."""
    sha256: str
    """Of the file's bytes."""
    origin: Origin
    """What the sum was compared with; recorded now: with nothing yet."""

    def describe(self) -> str:
        """Return in one line what was fetched and how far its sum can be trusted."""
        compared = {
            "pinned": "as pinned in this version of unroll",
            "recorded before": "as recorded on first use",
            "recorded now": "recorded now, on first use, and compared with nothing yet",
        }
        return (
            f"Project Gutenberg's book {self.number}, {self.path}: SHA-256 {self.sha256}, "
            f"{compared[self.origin]}"
        )


def book_number(name: str) -> int:
    """Return the number of a book: `grimm`, `sherlock`, or the number itself.

    Raises: ConfigError for a name that nobody knows.
    """
    if re.fullmatch("0*[1-9][0-9]{0,6}", name):
        return int(name)
    if name not in NAMES:
        raise ConfigError(f"{unknown_name('book', name, NAMES)}; or a number at Project Gutenberg")
    return NAMES[name]


def fetch_book(
    name: str,
    settings: FetchSettings,
    *,
    clock: Callable[[], float] = _time,
    sleep: Callable[[float], None] = _sleep,
) -> Fetched:
    """Return a book's file, from the folder where it is there, else from the mirror.

    Raises: ConfigError for an unknown name; FetchError, in one line, when it is not to be had, is
    cut short or is not what it was; StoreError when the folder cannot be written.
    """
    number = book_number(name)
    kept_name = next((known for known, n in NAMES.items() if n == number), f"gutenberg-{number}")
    path = settings.folder / f"pg{number}.txt"
    record = path.with_suffix(".sha256")
    try:
        settings.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(settings.folder / ".lock"):
            sha256, origin = _wanted(number, record)
            if not (path.exists() and sha256 in (None, _sha256(path))):
                mirror = Mirror(
                    address=settings.mirror,
                    pace=Pace(settings.folder, settings.pause_seconds, clock, sleep),
                    attempts=settings.attempts,
                    timeout_seconds=settings.timeout_seconds,
                )
                mirror.download(number, path, sha256)
            if sha256 is None:
                sha256 = _sha256(path)
                # As `sha256sum --check` reads it.
                write_atomically(record, f"{sha256}  {path.name}\n".encode())
    except WrongSumError as error:
        raise FetchError(f"{error}; {_ADVICE[origin].format(record=record, path=path)}") from error
    except OSError as error:
        raise describe_os_error(path, error) from error
    return Fetched(number=number, name=kept_name, path=path, sha256=sha256, origin=origin)


def _wanted(number: int, record: Path) -> tuple[str | None, Origin]:
    """Return the sum that a book must have, None where none is known, and whence it is."""
    if number in PINNED:
        return PINNED[number], "pinned"
    if not record.exists():
        return None, "recorded now"
    sha256 = record.read_text(errors="replace").partition(" ")[0]
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise FetchError(f"{record}: damaged: no SHA-256 in it; delete it and fetch again")
    return sha256, "recorded before"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
