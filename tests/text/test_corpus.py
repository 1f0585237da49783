import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.text.samples import DUTCH, FINNISH, book_of, shared
from unroll.errors import ConfigError, StoreError
from unroll.text import (
    UNKNOWN_ID,
    Book,
    Corpus,
    CorpusError,
    encode_book,
    make_book,
    open_corpus,
    read_book,
)

BOOK = book_of(FINNISH + DUTCH, "kirja")
FILES = ["corpus.ids", "corpus.json"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def same(one: Corpus, two: Corpus) -> bool:
    told = [(c.name, c.source, c.book_sha256, c.threshold, c.vocabulary) for c in (one, two)]
    return told[0] == told[1] and np.array_equal(one.ids, two.ids)


def refusal(folder: Path, book: Book | None = None, threshold: int | None = None) -> str:
    with pytest.raises(CorpusError) as caught:
        open_corpus(folder, book, threshold)
    return str(caught.value)


def change_header(folder: Path, **changes: object) -> None:
    header: dict[str, Any] = json.loads((folder / "corpus.json").read_text())
    (folder / "corpus.json").write_text(json.dumps(header | changes))


# Each example syncs a disk.
@settings(max_examples=30)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=2), st.integers(1, 20))
def test_a_corpus_decodes_to_its_book(
    tmp_path_factory: pytest.TempPathFactory, text: str, size: int
) -> None:
    book = book_of("ab" + text, size=size)
    corpus = encode_book(book, tmp_path_factory.mktemp("corpus"))
    assert corpus.vocabulary.decode(corpus.ids) == book.text()
    assert corpus.unknown_characters == 0
    assert corpus.notes == ()


def test_what_is_encoded_is_what_is_opened(tmp_path: Path) -> None:
    corpus = encode_book(BOOK, tmp_path / "new" / "folder")
    opened = open_corpus(tmp_path / "new" / "folder", BOOK, 1)
    assert same(corpus, opened)
    assert (opened.name, opened.book_sha256) == ("kirja", BOOK.sha256)
    assert opened.source == "a sample, kirja"
    assert names(tmp_path / "new" / "folder") == FILES


def test_the_array_is_mapped_from_the_file_and_cannot_be_written(tmp_path: Path) -> None:
    ids = encode_book(BOOK, tmp_path).ids
    assert isinstance(ids.base, np.memmap)
    assert not ids.flags.writeable
    assert (tmp_path / "corpus.ids").stat().st_size == BOOK.characters


def test_more_than_255_characters_take_two_bytes_each(tmp_path: Path) -> None:
    letters = "".join(chr(0x4E00 + number) for number in range(256))
    corpus = encode_book(book_of(letters), tmp_path)
    assert corpus.ids.dtype == np.dtype("<u2")
    assert corpus.ids.tolist() == list(range(1, 257))
    assert (tmp_path / "corpus.ids").read_bytes()[:4] == b"\1\0\2\0"
    assert same(corpus, open_corpus(tmp_path))


def test_rare_characters_are_counted(tmp_path: Path) -> None:
    corpus = encode_book(book_of("aabbc!d", size=3), tmp_path, threshold=2)
    assert corpus.vocabulary.known == "ab"
    assert corpus.ids.tolist() == [1, 1, 2, 2, UNKNOWN_ID, UNKNOWN_ID, UNKNOWN_ID]
    assert corpus.unknown_characters == open_corpus(tmp_path).unknown_characters == 3
    with pytest.raises(ConfigError, match="no character stands 9 times"):
        encode_book(book_of("aabbc!d"), tmp_path, threshold=9)


def test_a_large_vocabulary_is_noted(tmp_path: Path) -> None:
    letters = "".join(chr(0x4E00 + number) for number in range(1000))
    (note,) = encode_book(book_of(letters), tmp_path).notes
    assert note.startswith("the vocabulary has 1,000 different characters, and the model's ")


def test_a_whole_corpus_is_kept(tmp_path: Path) -> None:
    first = encode_book(BOOK, tmp_path)
    before = [(tmp_path / name).stat().st_mtime_ns for name in FILES]
    again = encode_book(BOOK, tmp_path)
    assert same(first, again)
    assert again.notes == ()
    assert [(tmp_path / name).stat().st_mtime_ns for name in FILES] == before


def test_a_corpus_of_another_book_is_refused_by_name_or_replaced(tmp_path: Path) -> None:
    encode_book(BOOK, tmp_path)
    other = book_of("another text", "toinen")
    message = (
        f"{tmp_path}/corpus.json: of another text: 'kirja', SHA-256 {BOOK.sha256[:12]}; the book "
        f"asked for, 'toinen', has {other.sha256[:12]}"
    )
    assert refusal(tmp_path, other) == message
    corpus = encode_book(other, tmp_path)
    assert corpus.notes == (f"encoded anew, because of what was there: {message}",)
    assert corpus.vocabulary.decode(corpus.ids) == "another text"


def test_a_corpus_of_another_threshold_is_refused_or_replaced(tmp_path: Path) -> None:
    encode_book(BOOK, tmp_path)
    message = f"{tmp_path}/corpus.json: encoded with a threshold of 1, asked for 2"
    assert refusal(tmp_path, threshold=2) == message
    corpus = encode_book(BOOK, tmp_path, threshold=2)
    assert corpus.notes == (f"encoded anew, because of what was there: {message}",)


def flip(folder: Path) -> str:
    data = bytearray((folder / "corpus.ids").read_bytes())
    data[5] ^= 1
    (folder / "corpus.ids").write_bytes(data)
    return "corpus.ids: damaged: its SHA-256 is not the header's; encode the book again"


def truncate(folder: Path) -> str:
    size = BOOK.characters
    os.truncate(folder / "corpus.ids", size - 1)
    return f"corpus.ids: damaged: {size - 1} bytes instead of {size}; encode the book again"


def remove_array(folder: Path) -> str:
    (folder / "corpus.ids").unlink()
    return "corpus.ids: cannot be read: No such file or directory"


def write_half_a_header(folder: Path) -> str:
    (folder / "corpus.json").write_bytes((folder / "corpus.json").read_bytes()[:50])
    return "corpus.json: damaged: not JSON; encode the book again"


def write_a_list(folder: Path) -> str:
    (folder / "corpus.json").write_text("[]")
    return "corpus.json: damaged: not a JSON object; encode the book again"


def write_bytes(folder: Path) -> str:
    (folder / "corpus.json").write_bytes(b"\xff\xfe")
    return "corpus.json: damaged: not JSON; encode the book again"


def lose_a_key(folder: Path) -> str:
    change_header(folder, characters=True)
    return "corpus.json: damaged: 'characters' is missing or not int; encode the book again"


def change_format(folder: Path) -> str:
    change_header(folder, format=2)
    return "corpus.json: of format 2, and this version reads format 1; encode the book again"


def change_vocabulary(folder: Path) -> str:
    change_header(folder, vocabulary={"known": "ab", "sha256": ""})
    return "corpus.json: damaged: vocabulary: its characters are not those of its SHA-256"


def change_type(folder: Path) -> str:
    change_header(folder, dtype="<u2")
    size = len(set(BOOK.text())) + 1
    return f"corpus.json: damaged: dtype <u2, and {size} characters need |u1"


DAMAGES = [
    flip,
    truncate,
    remove_array,
    write_half_a_header,
    write_a_list,
    write_bytes,
    lose_a_key,
    change_format,
    change_vocabulary,
    change_type,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_corpus_is_refused_by_name_or_replaced(tmp_path: Path, damage: Any) -> None:
    whole = encode_book(BOOK, tmp_path / "whole")
    encode_book(BOOK, tmp_path)
    message = f"{tmp_path}/{damage(tmp_path)}"
    assert refusal(tmp_path) == message
    corpus = encode_book(BOOK, tmp_path)
    assert corpus.notes == (f"encoded anew, because of what was there: {message}",)
    assert same(corpus, whole)
    assert same(open_corpus(tmp_path), whole)


def test_where_no_corpus_is_that_is_said(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}/corpus.json: no corpus here; encode the book first"


def test_a_book_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    texts = iter(["the text", "the text", "the same"])
    book = make_book("moving", "moving.txt", lambda: iter([next(texts)]))
    with pytest.raises(CorpusError) as caught:
        encode_book(book, tmp_path)
    assert str(caught.value) == "moving.txt: the text changed while it was read; try again"
    assert names(tmp_path) == []


def test_a_book_that_changes_leaves_the_older_corpus_alone(tmp_path: Path) -> None:
    older = encode_book(BOOK, tmp_path)
    texts = iter(["the text", "the text", "the same"])
    book = make_book("moving", "moving.txt", lambda: iter([next(texts)]))
    with pytest.raises(CorpusError):
        encode_book(book, tmp_path)
    assert same(open_corpus(tmp_path), older)
    assert names(tmp_path) == FILES


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_older_corpus_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    older = encode_book(BOOK, tmp_path)

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os if call == "fsync" else Path, call, fail)
    with pytest.raises(StoreError) as caught:
        encode_book(book_of("another text"), tmp_path)
    monkeypatch.undo()
    assert str(caught.value) == (
        f"{tmp_path}/corpus.ids: no disk space left; free some and run the command again"
    )
    assert same(open_corpus(tmp_path), older)
    assert names(tmp_path) == FILES


def test_a_crash_between_array_and_header_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode_book(BOOK, tmp_path)
    other = book_of(BOOK.text()[::-1], "other")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("unroll.text.corpus.write_atomically", crash)
    with pytest.raises(KeyboardInterrupt):
        encode_book(other, tmp_path)
    monkeypatch.undo()
    assert refusal(tmp_path) == (
        f"{tmp_path}/corpus.ids: damaged: its SHA-256 is not the header's; encode the book again"
    )


def test_a_book_is_read_in_pieces_and_never_whole(tmp_path: Path) -> None:
    alive = 0

    class Piece(str):
        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def pieces() -> Iterator[str]:
        nonlocal alive
        for number in range(100):
            alive += 1
            # One that is yielded, and the one before it, which its reader still names.
            assert alive <= 2
            yield Piece(f"{number} ")

    book = make_book("long", "long", pieces)
    assert encode_book(book, tmp_path).ids.shape == (book.characters,)


@pytest.mark.parametrize("name", ["grimm.txt", "tiny_shakespeare.txt"])
def test_real_books_go_there_and_back(tmp_path: Path, name: str) -> None:
    book = read_book(shared(name))
    corpus = encode_book(book, tmp_path)
    assert corpus.ids.dtype == np.uint8
    assert corpus.vocabulary.decode(corpus.ids) == book.text()
