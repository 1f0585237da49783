"""The book that a command line means."""

from collections.abc import Callable, Iterator
from pathlib import Path

from unroll.errors import ConfigError
from unroll.text import (
    Book,
    BookError,
    FetchSettings,
    book_number,
    default_book,
    make_book,
    read_book,
)


def find_book(given: Path | None, characters: int | None = None) -> Book:
    """Return the book at a path or of a fetched book's name; without either, Python's own prose.

    With `characters`, only so many from its beginning.
    Raises: BookError, in one line, when it cannot be read.
    """
    book = default_book() if given is None else _read(given)
    if characters is None or characters >= book.characters:
        return book
    beginning = "character" if characters == 1 else f"{characters:,} characters"
    source = f"{book.source} (its first {beginning})"
    return make_book(book.name, source, _beginning(book.pieces, characters))


def _read(given: Path) -> Book:
    name = str(given)
    if given.exists() or given.suffix or len(given.parts) != 1:
        return read_book(given)
    try:
        number = book_number(name)
    except ConfigError:
        return read_book(given)
    fetched = FetchSettings().folder / f"pg{number}.txt"
    if not fetched.exists():
        raise BookError(f"{name}: not fetched yet; run `unroll text fetch {name}` first")
    return read_book(fetched, name=name)


def _beginning(pieces: Callable[[], Iterator[str]], characters: int) -> Callable[[], Iterator[str]]:
    def read() -> Iterator[str]:
        left = characters
        for piece in pieces():
            yield piece[:left]
            left -= len(piece)
            if left <= 0:
                return

    return read
