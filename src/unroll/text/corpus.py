"""A book encoded once, as an array in a file that is mapped into memory and never read whole.

    folder/corpus.json      what the array is: book, vocabulary, type, length, hashes
    folder/corpus.ids       one or two bytes a character, little endian

The array is written first and the header last, each under another name until it is whole: without
a header there is no corpus, and an array that is not the header's is known by its hash.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unroll.errors import UnrollError
from unroll.records.atomic import describe_os_error, write_atomically
from unroll.text.book import Book
from unroll.text.vocabulary import (
    UNKNOWN_ID,
    Vocabulary,
    VocabularyError,
    build_vocabulary,
    count_characters,
    warn_of_size,
)

HEADER = "corpus.json"
ARRAY = "corpus.ids"
FORMAT = 1
_HASHED_BYTES = 2**20
_TYPES: dict[str, type] = {
    "format": int,
    "name": str,
    "source": str,
    "book_sha256": str,
    "threshold": int,
    "vocabulary": dict,
    "dtype": str,
    "characters": int,
    "unknown_characters": int,
    "array_sha256": str,
}


class CorpusError(UnrollError):
    """A corpus on disk is not whole, or not the one that is asked for."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Corpus:
    """An encoded book."""

    name: str
    """The book's."""
    source: str
    """Where the book came from."""
    book_sha256: str
    """Of the normalised text."""
    threshold: int
    """Characters that stand less often are the unknown symbol."""
    vocabulary: Vocabulary
    """V characters, the unknown symbol among them."""
    unknown_characters: int
    """How many of the text's characters became the unknown symbol."""
    ids: NDArray[Any]
    """The text, (characters,), mapped from the file and not writable."""
    notes: tuple[str, ...] = ()
    """What a user should know: a large vocabulary, an older corpus that was replaced and why."""


def encode_book(book: Book, folder: Path, threshold: int = 1) -> Corpus:
    """Return the corpus of a book in `folder`: the one there when it is whole and of this book.

    Otherwise the book is encoded, and a note says what was wrong with what was there. The book is
    read twice, in pieces, so that memory does not grow with it.

    Raises: ConfigError for a threshold that leaves nothing; CorpusError when the book changes
    meanwhile; StoreError when the folder cannot be written.
    """
    notes: list[str] = []
    if (folder / HEADER).exists():
        try:
            return open_corpus(folder, book, threshold)
        except CorpusError as error:
            notes.append(f"encoded anew, because of what was there: {error}")
    counts = count_characters(book)
    if warning := warn_of_size(counts, threshold):
        notes.append(warning)
    vocabulary = build_vocabulary(counts, threshold)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        array_sha256, unknown = _write_array(folder / ARRAY, book, vocabulary)
    except OSError as error:
        raise describe_os_error(folder / ARRAY, error) from error
    header = {
        "format": FORMAT,
        "name": book.name,
        "source": book.source,
        "book_sha256": book.sha256,
        "threshold": threshold,
        "vocabulary": vocabulary.to_json(),
        "dtype": vocabulary.dtype.str,
        "characters": book.characters,
        "unknown_characters": unknown,
        "array_sha256": array_sha256,
    }
    # This also makes the array's name durable: it syncs their folder.
    write_atomically(folder / HEADER, json.dumps(header, indent=1).encode())
    return _corpus(folder, header, vocabulary, tuple(notes))


def open_corpus(folder: Path, book: Book | None = None, threshold: int | None = None) -> Corpus:
    """Return the corpus in `folder`; of that book and threshold where they are given.

    Raises: CorpusError, with the file's name, when it is missing, damaged or another.
    """
    header = _read_header(folder / HEADER)
    if book is not None and header["book_sha256"] != book.sha256:
        raise CorpusError(
            f"{folder / HEADER}: of another text: '{header['name']}', SHA-256 "
            f"{header['book_sha256'][:12]}; the book asked for, '{book.name}', has "
            f"{book.sha256[:12]}"
        )
    if threshold is not None and header["threshold"] != threshold:
        raise CorpusError(
            f"{folder / HEADER}: encoded with a threshold of {header['threshold']}, asked for "
            f"{threshold}"
        )
    try:
        vocabulary = Vocabulary.from_json(header["vocabulary"])
    except VocabularyError as error:
        raise CorpusError(f"{folder / HEADER}: damaged: {error}") from error
    if vocabulary.dtype.str != header["dtype"]:
        raise CorpusError(
            f"{folder / HEADER}: damaged: dtype {header['dtype']}, and {vocabulary.size} "
            f"characters need {vocabulary.dtype.str}"
        )
    _check_array(folder / ARRAY, header, vocabulary.dtype.itemsize)
    return _corpus(folder, header, vocabulary, ())


def _corpus(
    folder: Path, header: dict[str, Any], vocabulary: Vocabulary, notes: tuple[str, ...]
) -> Corpus:
    mapped = np.memmap(
        folder / ARRAY, dtype=vocabulary.dtype, mode="r", shape=(header["characters"],)
    )
    return Corpus(
        name=header["name"],
        source=header["source"],
        book_sha256=header["book_sha256"],
        threshold=header["threshold"],
        vocabulary=vocabulary,
        unknown_characters=header["unknown_characters"],
        # The plain view of the same memory: indexing a memmap costs several times as much.
        ids=mapped.view(np.ndarray),
        notes=notes,
    )


def _write_array(path: Path, book: Book, vocabulary: Vocabulary) -> tuple[str, int]:
    """Write the encoded book; return the array's hash and the number of unknown characters."""
    text_digest, array_digest, unknown = hashlib.sha256(), hashlib.sha256(), 0
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            for piece in book.pieces():
                ids = vocabulary.encode(piece)
                unknown += int(np.count_nonzero(ids == UNKNOWN_ID))
                text_digest.update(piece.encode())
                array_digest.update(ids.tobytes())
                file.write(ids.tobytes())
            file.flush()
            os.fsync(file.fileno())
        if text_digest.hexdigest() != book.sha256:
            raise CorpusError(f"{book.source}: the text changed while it was read; try again")
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    return array_digest.hexdigest(), unknown


def _read_header(path: Path) -> dict[str, Any]:
    try:
        header = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise CorpusError(f"{path}: no corpus here; encode the book first") from error
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise CorpusError(f"{path}: damaged: not JSON; encode the book again") from error
    if not isinstance(header, dict):
        raise CorpusError(f"{path}: damaged: not a JSON object; encode the book again")
    if header.get("format", FORMAT) != FORMAT:
        raise CorpusError(
            f"{path}: of format {header['format']}, and this version reads format {FORMAT}; "
            "encode the book again"
        )
    for key, kind in _TYPES.items():
        # A JSON true is an int in Python, and no number here.
        if type(header.get(key)) is not kind:
            raise CorpusError(
                f"{path}: damaged: '{key}' is missing or not {kind.__name__}; encode the book again"
            )
    return header


def _check_array(path: Path, header: dict[str, Any], itemsize: int) -> None:
    wanted = header["characters"] * itemsize
    try:
        size = path.stat().st_size
        if size != wanted:
            raise CorpusError(
                f"{path}: damaged: {size:,} bytes instead of {wanted:,}; encode the book again"
            )
        digest = hashlib.sha256()
        for data in _blocks(path):
            digest.update(data)
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {error.strerror or error}") from error
    if digest.hexdigest() != header["array_sha256"]:
        raise CorpusError(
            f"{path}: damaged: its SHA-256 is not the header's; encode the book again"
        )


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes by reading, which leaves no mapped page in this process."""
    with path.open("rb") as file:
        while data := file.read(_HASHED_BYTES):
            yield data
