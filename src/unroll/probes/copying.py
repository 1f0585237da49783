"""How much of a text stands word for word in a book, and where."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unroll.errors import ConfigError, UnrollError

LENGTHS = (10, 15, 20, 30, 50, 100)
"""Lengths of verbatim spans that shares are told for, in characters."""
SHORTEST = LENGTHS[0]
"""Shorter spans are every author's common property, and are not kept."""

Integers = NDArray[np.int64]


class CopyIndexError(UnrollError):
    """The library that indexes a book is not installed."""


class Span(NamedTuple):
    """Characters of a text that stand in the book in the same order without a gap."""

    start: int
    """In the text."""
    length: int
    """In characters; 0 when the text has no character of the book."""
    book_start: int
    """In the book; one of the places, where there are several."""


@dataclass(frozen=True, kw_only=True)
class Copying:
    """The verbatim spans of a text."""

    characters: int
    """Of the text; of all texts together where there are several."""
    shortest: int
    """The least length of the spans that are kept."""
    longest: Span
    """The longest, however short; the first in the text of several as long."""
    spans: tuple[Span, ...]
    """Those that lie in no longer one, in the text's order; they may overlap."""

    def share(self, length: int) -> float:
        """Return the share of characters that lie in a verbatim span of at least `length`.

        Raises: ConfigError for a length below `shortest`.
        """
        if length < self.shortest:
            raise ConfigError(
                f"copying: spans of {self.shortest} characters or more were kept, and a share "
                f"was asked for {length}"
            )
        # A step up where a span begins and down where it ends: inside is where any is open.
        steps = np.zeros(self.characters + 1, dtype=np.int64)
        long = np.array(self.spans, dtype=np.int64).reshape(-1, 3)
        long = long[long[:, 1] >= length]
        np.add.at(steps, long[:, 0], 1)
        np.add.at(steps, long[:, 0] + long[:, 1], -1)
        return int(np.count_nonzero(np.cumsum(steps))) / self.characters

    def longest_spans(self, count: int) -> tuple[Span, ...]:
        """Return up to `count` spans, longest first."""
        return tuple(sorted(self.spans, key=lambda span: -span.length)[:count])


class CopyIndex:
    """A book in which verbatim spans of other texts are looked up.

    At each position of a text the longest match into the book is found, its *matching statistic*,
    from one suffix array over book and text together, in which a match's longest partner is the
    nearest suffix of the book above or below: memory and time grow with book and text, whatever
    they have in common. A match that begins within the match before it and ends with it is no
    span of its own.

    The suffix array and the common prefixes of its neighbours come from `pydivsufsort`, of the
    extra `text`: libdivsufsort's induced sorting and Kasai's algorithm take 0.3 s for two million
    characters, where prefix doubling in NumPy takes a sort of all of them at each doubling.

    Texts are ids of the book's vocabulary, so that one unknown character equals any other.
    Shapes: ids (characters,), integers from 0.
    Raises: ConfigError when the book is empty or not such an array.
    Source: Chang & Lawler 1994, "Sublinear approximate string matching", for the statistics;
    Kasai et al. 2001 for the common prefixes.
    """

    def __init__(self, ids: NDArray[Any]) -> None:
        self._book = _checked("book", ids)

    def measure(
        self, ids: NDArray[Any], *more_ids: NDArray[Any], shortest: int = SHORTEST
    ) -> Copying:
        """Return the verbatim spans of a text, or of several, across whose borders none goes.

        Places in several texts are counted as if they stood one behind the other.
        Raises: ConfigError when a text is empty or not an array of ids, or `shortest` is below 1;
        CopyIndexError without the extra `text`.
        """
        if shortest < 1:
            raise ConfigError(f"copying: shortest must be 1 or more, got {shortest}")
        texts = [_checked("text", text) for text in (ids, *more_ids)]
        lengths, places = _longest_matches(self._book, texts)
        starts = np.arange(len(lengths))
        ends = starts + lengths
        # Ends never fall, so that a match lies in another just when it ends with the one before.
        maximal = np.diff(ends, prepend=0) > 0
        kept = np.flatnonzero(maximal & (lengths >= shortest))
        columns = [column[kept].tolist() for column in (starts, lengths, places)]
        first = int(lengths.argmax())
        return Copying(
            characters=len(lengths),
            shortest=shortest,
            longest=Span(first, int(lengths[first]), int(places[first])),
            spans=tuple(map(Span, *columns)),
        )


def _longest_matches(book: NDArray[Any], texts: Sequence[NDArray[Any]]) -> tuple[Integers, ...]:
    """Return length and place in the book of the longest match from each character of the texts."""
    suffixes = _library()
    joined, left = _join(book, texts)
    order = suffixes.divsufsort(joined)
    # common[r] is what the suffixes of ranks r and r + 1 have in common.
    common = suffixes.kasai(joined, order).astype(np.int64)
    above = _nearest_of_book(order, np.concatenate(([0], common[:-1])), len(book))
    below = _nearest_of_book(order[::-1], common[::-1], len(book))
    lengths = np.empty(len(joined), dtype=np.int64)
    places = np.empty_like(lengths)
    lengths[order] = np.maximum(above[0], below[0][::-1])
    places[order] = np.where(above[0] >= below[0][::-1], above[1], below[1][::-1])
    # A match that goes on over the end of its text has met the border behind the book.
    in_texts = left > 0
    return np.minimum(lengths, left)[in_texts], places[in_texts]


def _join(book: NDArray[Any], texts: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], Integers]:
    """Return book and texts with a border between them, and what is left of each one's text.

    Nothing is left, 0, from borders and in the book.
    """
    border = max(int(part.max()) for part in (book, *texts)) + 1
    # The border must fit too; one byte a character is what the library sorts fastest.
    dtype = np.min_scalar_type(border)
    parts, left = [book], [np.zeros(len(book), dtype=np.int64)]
    for text in texts:
        parts += [np.array([border]), text]
        left += [np.zeros(1, dtype=np.int64), np.arange(len(text), 0, -1)]
    joined = np.concatenate([part.astype(dtype, copy=False) for part in parts])
    return joined, np.concatenate(left)


def _nearest_of_book(
    order: NDArray[Any], common: Integers, book_characters: int
) -> tuple[Integers, Integers]:
    """Return of each suffix in `order` what it shares with the book's nearest before it, and where.

    What two suffixes share is the least of what neighbours between them share: a running minimum
    that begins anew at each suffix of the book. `common` tells what each shares with the one
    before it, 0 for the first, so that nothing is shared where none of the book came before.
    """
    of_book = order < book_characters
    group = np.cumsum(of_book)
    reach = int(common.max()) + 1
    # Each group lies wholly below the one before it, so that one running minimum does for all.
    lowered = np.where(of_book, reach, common) - group * (reach + 1)
    shared = np.minimum.accumulate(lowered) + group * (reach + 1)
    starts = order[of_book].astype(np.int64)
    return shared, starts[np.maximum(group - 1, 0)]


def _checked(name: str, ids: NDArray[Any]) -> NDArray[Any]:
    array = np.asarray(ids)
    if array.ndim != 1 or array.dtype.kind not in "iu" or not array.size or array.min() < 0:
        raise ConfigError(
            f"copying: the {name} must be ids (characters,), one or more integers from 0, got "
            f"{array.dtype} {array.shape}"
        )
    return array


def _library() -> Any:
    try:
        return importlib.import_module("pydivsufsort")
    except ModuleNotFoundError as error:
        raise CopyIndexError(
            f"the copy meter needs the package '{error.name}', which is not installed: "
            "pip install 'unroll-lab[text]'"
        ) from error
