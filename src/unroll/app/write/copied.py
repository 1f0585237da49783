"""What of a text stands in its book word for word, and the book around it."""

import threading
from bisect import bisect, insort
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from unroll.app.catalogue.loading import LoadedRun
from unroll.app.write.passages import BookIndex
from unroll.probes.copying import Copying, Span
from unroll.study.text.commands.copies import AROUND
from unroll.training.characters.run import Run

SHARED = 20
"""Length of spans whose share of the text is told."""
_KEPT = 2
"""Books whose index is kept."""


class Books:
    """The training parts of the last books that were asked for, ready to be looked up in."""

    def __init__(self) -> None:
        self._indices: OrderedDict[tuple[str, int], BookIndex] = OrderedDict()
        self._making = threading.Lock()

    def index(self, run: Run) -> BookIndex:
        """Return a run's index, made at the first call. Raises: as `BookIndex`."""
        training = run.splits.training
        key = run.corpus.book_sha256, training.stop
        with self._making:
            if key not in self._indices:
                book = run.corpus.ids[training.start : training.stop]
                self._indices[key] = BookIndex(book)
                if len(self._indices) > _KEPT:
                    self._indices.popitem(last=False)
            self._indices.move_to_end(key)
            return self._indices[key]


def find_copies(
    books: Books, loaded: LoadedRun, text: str, stop: threading.Event
) -> dict[str, Any]:
    """Return the longest spans, of those that overlap only one, in the text's order.

    Starts count from the text's first character, `book_start` from the book's. `prose` is told of
    spans that are mostly letters: any model soon writes the book's rules and blanks.
    """
    run = loaded.run
    copying = books.index(run).measure(run.corpus.vocabulary.encode(text), stop)
    spans = [_told(run, text, span) for span in apart(copying)]
    prose = tuple(span for span in copying.spans if is_mostly_letters(_passage(text, span)))
    return {
        "characters": copying.characters,
        "longest": copying.longest.length,
        "share": copying.share(SHARED),
        "shared": SHARED,
        "shortest": copying.shortest,
        "prose": {
            "longest": max((span.length for span in prose), default=0),
            "share": replace(copying, spans=prose).share(SHARED),
        },
        "spans": spans,
    }


def apart(copying: Copying) -> Sequence[Span]:
    """Return spans that do not overlap, the longest first to be kept, in the text's order."""
    kept: list[Span] = []
    for span in copying.longest_spans(len(copying.spans)):
        # Those kept are apart and in order: only the neighbours can overlap.
        place = bisect(kept, span)
        begins = span.start if place == 0 else kept[place - 1].start + kept[place - 1].length
        ends = kept[place].start if place < len(kept) else span.start + span.length
        if begins <= span.start and span.start + span.length <= ends:
            insort(kept, span)
    return kept


def is_mostly_letters(text: str) -> bool:
    """Whether more than half of a text are letters; blanks and marks are none.

    >>> is_mostly_letters(" with a good "), is_mostly_letters("+-------+ x")
    (True, False)
    """
    return 2 * sum(map(str.isalpha, text)) > len(text)


def _told(run: Run, text: str, span: Span) -> dict[str, Any]:
    decode, training = run.corpus.vocabulary.decode, run.splits.training
    book = run.corpus.ids[training.start : training.stop]
    stop = span.book_start + span.length
    return {
        "start": span.start,
        "length": span.length,
        "book_start": span.book_start,
        "before": decode(book[max(0, span.book_start - AROUND) : span.book_start]),
        "text": decode(book[span.book_start : stop]),
        "after": decode(book[stop : stop + AROUND]),
        "is_prose": is_mostly_letters(_passage(text, span)),
    }


def _passage(text: str, span: Span) -> str:
    return text[span.start : span.start + span.length]
