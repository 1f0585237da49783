"""A mirror of Project Gutenberg, asked politely: a pause before each request, patience, one file.

Gutenberg's own site is for people; programs are asked to use a mirror and to pause two seconds
between files (gutenberg.org/policy/robot_access.html).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from unroll.downloads import Asking, AskingError, PassingError, check_sum, coming_beside
from unroll.errors import UnrollError
from unroll.text.gutenberg import footer_start

_ABSENT = (404, 410)


class FetchError(UnrollError):
    """A book could not be fetched, or is not what it should be."""


@dataclass(frozen=True, kw_only=True)
class Mirror:
    """A host that has Gutenberg's texts, and how it is asked."""

    address: str
    """Under which it has `cache/epub`, or the older tree of numbers."""
    asking: Asking
    """How it is asked."""

    def download(self, number: int, path: Path, sha256: str | None) -> None:
        """Put the text of book `number` at `path`, whole and with that sum, or leave `path` alone.

        Raises: FetchError when it is not to be had; WrongSumError when another file came;
        DownloadError without the extra; OSError when it cannot be written.
        """
        addresses = [f"{self.address.rstrip('/')}/{place}" for place in places(number)]
        with coming_beside(path) as coming:
            for address in addresses:
                if self._has(address, coming):
                    check_sum(address, coming, sha256)
                    coming.replace(path)
                    return
        raise FetchError(
            f"book {number} is not on the mirror, neither {' nor '.join(addresses)}; look its "
            f"number up at https://www.gutenberg.org/ebooks/{number}, or choose another mirror"
        )

    def _has(self, address: str, coming: Path) -> bool:
        """Put what is at `address` at `coming`; False when nothing is there."""
        try:
            self.asking.download(address, coming, _check_end)
        except AskingError as error:
            if error.status in _ABSENT:
                return False
            if error.may_pass:
                raise FetchError(f"{error}; try again later, or choose another mirror") from error
            raise FetchError(f"{address}: {error.what}; choose another mirror") from error
        return True


def places(number: int) -> Sequence[str]:
    """Return where a mirror has a text: as Gutenberg makes it of every book, or as it came in.

    >>> places(2591)
    ('cache/epub/2591/pg2591.txt', '2/5/9/2591/2591-0.txt')
    """
    digits = "/".join(str(number)[:-1]) or "0"
    return f"cache/epub/{number}/pg{number}.txt", f"{digits}/{number}/{number}-0.txt"


def _check_end(coming: Path) -> None:
    data = coming.read_bytes()
    if footer_start(data) == len(data):
        raise PassingError("the text came without Gutenberg's end marker, so cut short")
