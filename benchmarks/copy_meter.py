"""How long does it take to find every verbatim span of a text in a book?

    python -m benchmarks.copy_meter [--quick]

The book is the first megabyte of the prose that Python carries, written out as often as needed;
the text, a million characters, is drawn from a 5-gram model of the book, with a passage of the
book of 500 characters in every 10,000, so that there is something to find. Time begins before the
index is built. One core: the library's threads are left at OMP_NUM_THREADS.

The peer is the way without an index, on a text and a book small enough for it: at each character
the match is made longer for as long as `str.find` finds it.
"""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import Options, compare, parse_options, print_table, spread
from unroll.decoding import SamplingSettings, sample
from unroll.models import NGram
from unroll.probes import CopyIndex
from unroll.text import build_vocabulary, count_characters, default_book

CHARACTERS = 1_000_000
ALLOWED_SECONDS = 10.0
_ROWS = 1000
_PASSAGE, _EVERY = 500, 10_000


def make_book(characters: int) -> tuple[NDArray[Any], int]:
    """Return a book's ids, and V."""
    book = default_book()
    vocabulary = build_vocabulary(count_characters(book))
    ids = vocabulary.encode(book.text())
    return np.resize(ids, characters), vocabulary.size


def make_text(book: NDArray[Any], vocabulary_size: int, characters: int) -> NDArray[Any]:
    """Return a text as a 5-gram model writes it, with passages of the book in it."""
    model = NGram(book, vocabulary_size=vocabulary_size)
    rows = min(_ROWS, characters)
    written = sample(
        model,
        model.initial_state(),
        book[:4].tolist(),
        settings=SamplingSettings(),
        length=-(-characters // rows),
        seed=0,
        samples=rows,
    )
    text = np.concatenate([one.tokens for one in written])[:characters].astype(book.dtype)
    random = np.random.default_rng(0)
    for start in range(0, characters - _EVERY, _EVERY):
        place = random.integers(len(book) - _PASSAGE)
        text[start : start + _PASSAGE] = book[place : place + _PASSAGE]
    return text


def naive_lengths(book: str, text: str) -> list[int]:
    """Return the longest match from each character: each at least the one before it less one."""
    lengths, length = [], 0
    for start in range(len(text)):
        length = max(length - 1, 0)
        while start + length < len(text) and text[start : start + length + 1] in book:
            length += 1
        lengths.append(length)
    return lengths


def whole_row(book: NDArray[Any], text: NDArray[Any]) -> list[str]:
    """Return the line of the target."""
    start = time.perf_counter()
    copying = CopyIndex(book).measure(text)
    share = copying.share(100)
    seconds = time.perf_counter() - start
    within = "yes" if seconds <= ALLOWED_SECONDS else "NO"
    found = f"{len(copying.spans):,}"
    sizes = [f"{len(book):,}", f"{len(text):,}"]
    return [*sizes, found, f"{share:.3f}", f"{seconds:.2f}", f"{ALLOWED_SECONDS:.0f}", within]


def ratio_row(book: NDArray[Any], text: NDArray[Any], options: Options) -> list[str]:
    """Return the line that compares with the way without an index."""
    # One character an id, so that the peer reads the same text.
    book_letters, text_letters = (ids.tobytes().decode("latin-1") for ids in (book, text))
    compared = compare(
        lambda: CopyIndex(book).measure(text),
        lambda: naive_lengths(book_letters, text_letters),
        options,
    )
    times = [f"{compared.ours_ms:.1f}", f"{compared.peer_ms:.1f}"]
    return [f"{len(book):,}", f"{len(text):,}", *times, spread(compared.ratios)]


def main(options: Options) -> None:
    """Measure and print."""
    characters = CHARACTERS // 10 if options.quick else CHARACTERS
    book, V = make_book(characters)
    text = make_text(book, V, characters)
    columns = ["book", "text", "spans", "share of 100", "seconds", "allowed", "within"]
    print_table("Verbatim spans of a text", columns, [whole_row(book, text)])
    sizes = [(20_000, 500)] if options.quick else [(20_000, 500), (100_000, 2_000)]
    rows = [ratio_row(book[:wide], text[:short], options) for wide, short in sizes]
    columns = ["book", "text", "ours ms", "without an index ms", "ratio"]
    print_table("Verbatim spans, beside a search without an index", columns, rows)


if __name__ == "__main__":
    main(parse_options(__doc__))
