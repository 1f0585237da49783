"""A mirror of Project Gutenberg, asked politely: a pause before each request, patience, one file.

Gutenberg's own site is for people; programs are asked to use a mirror and to pause two seconds
between files (gutenberg.org/policy/robot_access.html).
"""

import importlib
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unroll import __version__
from unroll.errors import UnrollError
from unroll.text.gutenberg import footer_start
from unroll.text.pace import Pace

USER_AGENT = f"unroll/{__version__} (character models; Python {platform.python_version()})"

_BUSY = (429, 500, 502, 503, 504)
_ABSENT = (404, 410)
_LONGEST_WAIT_SECONDS = 60.0


class FetchError(UnrollError):
    """A book could not be fetched, or is not what it should be."""


class WrongSumError(FetchError):
    """A mirror sent another file than the one whose SHA-256 is known."""


class _PassingError(Exception):
    """A failure that may be gone at the next attempt."""

    def __init__(self, what: str, wait_seconds: float = 0.0) -> None:
        super().__init__(what)
        self.wait_seconds = wait_seconds


class _AbsentError(Exception):
    """The mirror has no such file."""


@dataclass(frozen=True, kw_only=True)
class Mirror:
    """A host that has Gutenberg's texts, and how it is asked."""

    address: str
    """Under which it has `cache/epub`, or the older tree of numbers."""
    pace: Pace
    """Keeps requests apart."""
    attempts: int
    """How often a file is asked for when the mirror is busy or the connection breaks."""
    timeout_seconds: float
    """How long to wait for the next bytes."""

    def download(self, number: int, path: Path, sha256: str | None) -> None:
        """Put the text of book `number` at `path`, whole and with that sum, or leave `path` alone.

        Raises: FetchError when it is not to be had; WrongSumError when another file came;
        OSError when it cannot be written.
        """
        addresses = [f"{self.address.rstrip('/')}/{place}" for place in places(number)]
        for address in addresses:
            try:
                self._ask_patiently(address, path, sha256)
            except _AbsentError:
                continue
            return
        raise FetchError(
            f"book {number} is not on the mirror, neither {' nor '.join(addresses)}; look its "
            f"number up at https://www.gutenberg.org/ebooks/{number}, or choose another mirror"
        )

    def _ask_patiently(self, address: str, path: Path, sha256: str | None) -> None:
        """Ask until it comes, waiting longer after each failure that may pass."""
        wait_seconds = 0.0
        for attempt in range(1, self.attempts + 1):
            self.pace.wait(wait_seconds)
            try:
                _ask_once(address, path, sha256, self.timeout_seconds)
            except _PassingError as failure:
                if attempt == self.attempts:
                    raise FetchError(
                        f"{address}: {failure}, asked {attempt} time{'s' if attempt > 1 else ''}; "
                        "try again later, or choose another mirror"
                    ) from failure
                wait_seconds = max(self.pace.pause_seconds * 2**attempt, failure.wait_seconds)
                wait_seconds = min(wait_seconds, _LONGEST_WAIT_SECONDS)
            else:
                return


def places(number: int) -> Sequence[str]:
    """Return where a mirror has a text: as Gutenberg makes it of every book, or as it came in.

    >>> places(2591)
    ('cache/epub/2591/pg2591.txt', '2/5/9/2591/2591-0.txt')
    """
    digits = "/".join(str(number)[:-1]) or "0"
    return f"cache/epub/{number}/pg{number}.txt", f"{digits}/{number}/{number}-0.txt"


def _ask_once(address: str, path: Path, sha256: str | None, timeout_seconds: float) -> None:
    """Fetch `address` to `path`, by another name until it is whole."""
    pooch = _pooch()
    # It would announce each download, and the sum of each that it knows none of.
    pooch.get_logger().setLevel("ERROR")
    get = pooch.HTTPDownloader(timeout=timeout_seconds, headers={"User-Agent": USER_AGENT})

    def get_whole(url: str, output_file: str, _: object) -> None:
        get(url, output_file, None)
        data = Path(output_file).read_bytes()
        if footer_start(data) == len(data):
            raise _PassingError("the text came without Gutenberg's end marker, so cut short")

    known_hash = f"sha256:{sha256}" if sha256 else None
    try:
        pooch.retrieve(address, known_hash, path.name, path.parent, downloader=get_whole)
    except OSError as error:
        # An error of requests has a response, if only None; one of the disk has not.
        if not hasattr(error, "response"):
            raise
        raise _what_failed(address, error, error.response) from error
    except ValueError as error:
        raise WrongSumError(
            f"{address}: not the file whose SHA-256 is {sha256}; what came was thrown away"
        ) from error


def _what_failed(address: str, error: OSError, response: Any) -> Exception:
    if response is None:
        return _PassingError(f"the connection failed ({type(error).__name__})")
    # Its body was not read, so that its connection would stay open.
    response.close()
    status = response.status_code
    if status in _ABSENT:
        return _AbsentError()
    if status in _BUSY:
        asked = response.headers.get("Retry-After", "")
        seconds = float(asked) if asked.isascii() and asked.isdigit() else 0.0
        return _PassingError(f"the mirror answered {status}", seconds)
    return FetchError(f"{address}: the mirror answered {status}; choose another mirror")


def _pooch() -> Any:
    try:
        return importlib.import_module("pooch")
    except ModuleNotFoundError as error:
        raise FetchError(
            f"fetching a book needs the package '{error.name}', which is not installed: "
            "pip install 'unroll-lab[text]'"
        ) from error
