"""A book of Project Gutenberg, fetched once and kept.

No sum is pinned yet. A mirror may hold a newer edition of a text, and the copy of Grimm that this
project was measured with has line ends of its own, so that its sum is not that of a mirror's file.
A book that is not in `PINNED` has its sum recorded on first use, beside it; from then on that sum
is what the file must have.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep as _sleep
from time import time as _time
from typing import Literal

from unroll.downloads import (
    Asking,
    DownloadError,
    WrongSumError,
    cache_folder,
    check_asking,
    locked_folder,
    read_sum,
    record_sum,
    sha256_of,
    user_agent,
)
from unroll.errors import ConfigError, unknown_name
from unroll.text.mirror import FetchError, Mirror
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
    return cache_folder("books")


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
        check_asking(self.mirror, self.attempts)
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
        with locked_folder(settings.folder, told=path):
            sha256, origin = _wanted(number, record)
            if not (path.exists() and sha256 in (None, sha256_of(path))):
                _mirror(settings, clock, sleep).download(number, path, sha256)
            sha256 = sha256 or record_sum(record, path)
    except WrongSumError as error:
        raise FetchError(f"{error}; {_ADVICE[origin].format(record=record, path=path)}") from error
    except DownloadError as error:
        raise FetchError(str(error)) from error
    return Fetched(number=number, name=kept_name, path=path, sha256=sha256, origin=origin)


def _mirror(
    settings: FetchSettings, clock: Callable[[], float], sleep: Callable[[float], None]
) -> Mirror:
    return Mirror(
        address=settings.mirror,
        asking=Asking(
            what="a book",
            extra="text",
            agent=user_agent("character models"),
            attempts=settings.attempts,
            timeout_seconds=settings.timeout_seconds,
            first_wait_seconds=2 * settings.pause_seconds,
            wait=Pace(settings.folder, settings.pause_seconds, clock, sleep).wait,
        ),
    )


def _wanted(number: int, record: Path) -> tuple[str | None, Origin]:
    """Return the sum that a book must have, None where none is known, and whence it is."""
    if number in PINNED:
        return PINNED[number], "pinned"
    sha256 = read_sum(record)
    return sha256, "recorded now" if sha256 is None else "recorded before"
