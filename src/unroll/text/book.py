"""A book: a text file, a folder of them, or the prose that comes with Python itself."""

import hashlib
import importlib
import platform
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from unroll.text.gutenberg import body_of_file
from unroll.text.normal_form import Normaliser, normalise
from unroll.text.plain_text import BookError, decode_file

PIECE_BYTES = 2**20
"""How much of a file is read at a time: memory does not grow with the book."""
FEWEST_CHARACTERS = 2
"""One to read and one to predict."""


@dataclass(frozen=True, kw_only=True)
class Book:
    """A text in normal form, known by its hash and read in pieces; equal when the text is.

    The text itself is not kept: `pieces()` reads it anew. Who reads it again later compares the
    hash, because a file may have changed.
    """

    name: str = field(compare=False)
    """Short, for tables and folders: `grimm`."""
    source: str = field(compare=False)
    """Where it came from, for a reader: a path, or what the embedded text is."""
    sha256: str
    """Of the normalised text in UTF-8."""
    characters: int
    """Code points of the normalised text."""
    pieces: Callable[[], Iterator[str]] = field(compare=False, repr=False)
    """Reads the normalised text, piece by piece."""

    def text(self) -> str:
        """Return the whole normalised text at once."""
        return "".join(self.pieces())


def read_book(path: Path, *, name: str | None = None, piece_bytes: int = PIECE_BYTES) -> Book:
    """Return the book in a UTF-8 file, or in a folder of `.txt` files, sorted by name.

    Each file is brought into normal form (`normal_form`) and loses a licence of Project Gutenberg
    (`gutenberg`); files are joined by a blank line.

    Raises: BookError, in one line, when there is no such file, no text in it, or not UTF-8.
    """
    try:
        files = _text_files(path)
        return make_book(
            name or (path.resolve().name if path.is_dir() else path.stem),
            str(path),
            lambda: _joined(_file_pieces(file, piece_bytes) for file in files),
        )
    except OSError as error:
        raise BookError(f"{error.filename or path}: {error.strerror or error}") from error


def default_book() -> Book:
    """Return the prose of Python's own documentation, which every CPython carries.

    It is what `help("if")` prints: the language reference's pages on statements, types and
    expressions (`pydoc_data.topics`), sorted by topic and joined by blank lines. It varies with
    Python's version, and so does its hash.

    Raises: BookError when this Python was built without it.
    """
    try:
        topics: dict[str, str] = importlib.import_module("pydoc_data.topics").topics
    except ModuleNotFoundError as error:
        raise BookError(
            "this Python carries no documentation to read (pydoc_data.topics); give a UTF-8 text "
            "file instead"
        ) from error
    text = normalise("".join(_joined([topics[topic]] for topic in sorted(topics))))
    source = (
        f"the documentation that Python {platform.python_version()} carries: {len(topics)} pages "
        "of its language reference (pydoc_data.topics)"
    )
    return make_book("python-docs", source, lambda: iter([text]))


def make_book(name: str, source: str, pieces: Callable[[], Iterator[str]]) -> Book:
    """Return the book whose normalised text `pieces()` reads; it is read once, for its hash.

    Raises: BookError when it has fewer than two characters.
    """
    digest, characters = hashlib.sha256(), 0
    for piece in pieces():
        digest.update(piece.encode())
        characters += len(piece)
    if characters < FEWEST_CHARACTERS:
        raise BookError(
            f"{source}: holds {characters} character{'' if characters == 1 else 's'} of text; a "
            f"book needs at least {FEWEST_CHARACTERS}, one to read and one to predict"
        )
    return Book(
        name=name,
        source=source,
        sha256=digest.hexdigest(),
        characters=characters,
        pieces=pieces,
    )


def _text_files(path: Path) -> list[Path]:
    if path.is_dir():
        files = [
            file
            for file in sorted(path.iterdir())
            if file.suffix.lower() == ".txt" and not file.name.startswith(".") and file.is_file()
        ]
        if not files:
            raise BookError(f"{path}: a folder without .txt files; give one that holds some")
        return files
    if not path.exists():
        raise BookError(
            f"{path}: no such file or folder; give a UTF-8 text file or a folder of .txt files"
        )
    return [path]


def _file_pieces(path: Path, piece_bytes: int) -> Iterator[str]:
    start, stop = body_of_file(path)
    normaliser = Normaliser()
    for text in decode_file(path, start, stop, piece_bytes):
        yield normaliser.feed(text)
    yield normaliser.feed("", final=True)


def _joined(texts: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the pieces of all texts, a blank line between two of them; empty texts do not count."""
    ending = ""
    for pieces in texts:
        is_first_piece = True
        for piece in pieces:
            if not piece:
                continue
            if is_first_piece and ending:
                yield "\n" * (2 - (len(ending) - len(ending.rstrip("\n"))))
            is_first_piece = False
            ending = (ending + piece)[-2:]
            yield piece
