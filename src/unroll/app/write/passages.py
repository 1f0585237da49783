"""Where passages of a text stand in a book, looked up in a suffix array that is made once."""

import importlib
import threading
from bisect import bisect_left
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unroll.app.refusal import RefusedError
from unroll.probes.copying import SHORTEST, Copying, Span

_PROBE = 64
"""Characters that are compared at first; more only where all of them agree."""


class BookIndex:
    """A book, its suffixes sorted once, in which texts are looked up while they grow.

    The same spans as `probes.CopyIndex`, which sorts book and text together at each measurement:
    right for many texts at once, and three seconds a look for a book of five million characters.
    Here each character of a text costs a binary search. Memory: five or six bytes a character.

    Shapes: ids (characters,), integers from 0.
    Raises: RefusedError, 503, where the package that sorts is not installed.
    """

    def __init__(self, ids: NDArray[Any]) -> None:
        # Big end first, so that bytes compare as numbers do.
        self._dtype = np.dtype("u1") if int(ids.max()) < 2**8 else np.dtype(">u2")
        self._width = self._dtype.itemsize
        self._bytes = ids.astype(self._dtype).tobytes()
        native = self._dtype.newbyteorder("=")
        order = _library().divsufsort(ids.astype(native))
        # A view of plain numbers: indexing an array costs several times as much.
        self._order = memoryview(order.astype(np.intc)).cast("B").cast("i")

    def measure(
        self, ids: NDArray[Any], stop: threading.Event, shortest: int = SHORTEST
    ) -> Copying:
        """Return the verbatim spans of a text. Once `stop` is set, those found so far."""
        text = ids.astype(self._dtype).tobytes()
        end = 0
        spans: list[Span] = []
        longest = Span(0, 0, 0)
        for start in range(len(ids)):
            if stop.is_set():
                break
            # What matches from one character on matches from the next, one shorter: a span
            # begins here only where one more character than that is found.
            least = max(end - start, 0) + 1
            if not self._holds(text, start, least):
                continue
            span = self._longest(text, start, least)
            end = start + span.length
            longest = span if span.length > longest.length else longest
            if span.length >= shortest:
                spans.append(span)
        return Copying(characters=len(ids), shortest=shortest, longest=longest, spans=tuple(spans))

    def _holds(self, text: bytes, start: int, length: int) -> bool:
        wanted = self._cut(text, start, length)
        if len(wanted) < length * self._width:
            return False
        rank = self._rank(wanted, length)
        return rank < len(self._order) and self._suffix(rank, length) == wanted

    def _longest(self, text: bytes, start: int, least: int) -> Span:
        """Return the longest match from a character on: that of a neighbour in the order."""
        length = max(_PROBE, 2 * least)
        while True:
            wanted = self._cut(text, start, length)
            rank = self._rank(wanted, length)
            near = [n for n in (rank - 1, rank) if 0 <= n < len(self._order)]
            found = [(_common(wanted, self._suffix(n, length)) // self._width, n) for n in near]
            most, best = max(found, key=lambda one: one[0])
            if most < length:
                return Span(start, most, self._order[best])
            length *= 4

    def _rank(self, wanted: bytes, length: int) -> int:
        """Return how many suffixes, cut to `length`, come before `wanted`."""
        book, width = self._bytes, self._width
        return bisect_left(
            self._order, wanted, key=lambda place: book[place * width : (place + length) * width]
        )

    def _suffix(self, rank: int, length: int) -> bytes:
        return self._cut(self._bytes, self._order[rank], length)

    def _cut(self, text: bytes, start: int, length: int) -> bytes:
        return text[start * self._width : (start + length) * self._width]


def _common(one: bytes, other: bytes) -> int:
    """Return how many bytes two beginnings have in common.

    >>> _common(b"palindrome", b"palin"), _common(b"ab", b"ba"), _common(b"", b"a")
    (5, 0, 0)
    """
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _library() -> Any:
    try:
        return importlib.import_module("pydivsufsort")
    except ModuleNotFoundError as error:
        raise RefusedError(
            "copied passages are not looked up: that needs the package "
            f"'{error.name}', which is not installed: pip install 'unroll-lab[app]'",
            503,
        ) from error
