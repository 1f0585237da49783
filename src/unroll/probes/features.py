"""What a reader keeps track of in a text: quotation marks, brackets, lines, words, capitals.

Each is one number a character, the value after the character has been read: what a network could
know then, or would have to foresee of the next one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

LEAST_CHARACTERS = 50
"""Characters of either value that a correlation is made of, at least."""
LEAST_LINES = 10
"""Line ends that a place in the line is judged by, at least."""

_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_QUOTES = {
    '"': ('"“„', True),
    "“": ("„", True),
    "„": ("", True),
    "”": ('"“„', False),
    "‘": ("‚", True),
    "‚": ("", True),
    "’": ("‘‚", False),
}
"""Of each mark: what it closes, and whether it opens a quotation otherwise."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TextFeature:
    """One feature of a text, at each of its N characters."""

    name: str
    """What it is asked for by."""
    title: str
    """What a reader calls it."""
    definition: str
    """What exactly is counted, in a sentence."""
    values: NDArray[np.float64]
    """(N,); nan where it depends on a character that is not there."""
    marks: NDArray[np.bool_]
    """(N,): where the value is 1; for a place in the line, where a line ends."""
    is_number: bool = False
    """Whether values count something; otherwise they are 0 or 1."""

    def lack(self, start: int, stop: int) -> str | None:
        """Return why the characters from `start` up to `stop` are too few; None if they do."""
        n, marked = stop - start, int(self.marks[start:stop].sum())
        if self.is_number:
            if marked >= LEAST_LINES:
                return None
            return f"{marked:,} line ends among {n:,} characters, and {LEAST_LINES} are needed"
        if min(marked, n - marked) >= LEAST_CHARACTERS:
            return None
        return (
            f"true of {marked:,} of {n:,} characters, and {LEAST_CHARACTERS} of either kind are "
            "needed"
        )


def text_features(text: str) -> tuple[TextFeature, ...]:
    """Return all features of a text.

    Shapes: values and marks (N,), N = len(text).
    Source: after Karpathy, Johnson & Fei-Fei 2016, "Visualizing and understanding recurrent
    networks", whose cells for quotes, brackets and the place in a line were picked by eye.
    """
    return tuple(_FEATURES[name](text) for name in _FEATURES)


def inside_quotes(text: str) -> NDArray[np.float64]:
    r"""Return 1 where a quotation is open after the character, else 0.

    A straight " opens one, or closes the one that is open. “ ‘ „ ‚ open; ” closes, as “ does what
    „ opened; ’ closes what ‘ or ‚ opened, as ‘ does what ‚ opened. One may stand in another, and
    is closed with it. A blank line closes all, as a new paragraph has marks of its own.

    ’ before a letter or digit is an apostrophe, as in "don’t". One at the end of a word cannot be
    told from a closing mark and counts as one. A straight ' is never counted.

    >>> inside_quotes('a "b" c').astype(int).tolist()
    [0, 0, 1, 1, 0, 0, 0]
    >>> inside_quotes("‘I’m’ he").astype(int).tolist()
    [1, 1, 1, 1, 0, 0, 0, 0]
    """
    return np.array(list(_quoted(text)), dtype=np.float64)


def inside_brackets(text: str) -> NDArray[np.float64]:
    """Return 1 where a bracket is open after the character, else 0.

    Round, square and curly ones count as one kind: each opening one is a level down, each closing
    one a level up, never above 0. A blank line closes all.

    >>> inside_brackets("a(b[c]d)e").astype(int).tolist()
    [0, 1, 1, 1, 1, 1, 1, 0, 0]
    """
    return np.array(list(_bracketed(text)), dtype=np.float64)


def line_position(text: str) -> NDArray[np.float64]:
    r"""Return how many characters of its line have been read: 0 at a line end.

    >>> line_position("ab\ncd").astype(int).tolist()
    [1, 2, 0, 1, 2]
    """
    return np.array(list(_positions(text)), dtype=np.float64)


def line_end_next(text: str) -> NDArray[np.float64]:
    r"""Return 1 where the next character is a line end, else 0; nan at the last character."""
    return _next(text, lambda _this, following: following == "\n")


def word_end_next(text: str) -> NDArray[np.float64]:
    """Return 1 where a word ends: a letter or digit, and the next character is neither.

    Elsewhere 0; nan at the last character.
    """
    return _next(text, lambda this, following: this.isalnum() and not following.isalnum())


def capital_next(text: str) -> NDArray[np.float64]:
    """Return 1 where the next character is a capital letter, else 0; nan at the last character."""
    return _next(text, lambda _this, following: following.isupper())


def _quoted(text: str) -> Iterator[bool]:
    opened: list[str] = []
    for before, character, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        if character == "\n" and before == "\n":
            opened.clear()
        elif character in _QUOTES and not (character == "’" and after.isalnum()):
            _take_quote(opened, character)
        yield bool(opened)


def _take_quote(opened: list[str], mark: str) -> None:
    """Close the innermost quotation that the mark closes, or open one."""
    closes, is_opening = _QUOTES[mark]
    inner = [place for place, one in enumerate(opened) if one in closes]
    if inner:
        del opened[inner[-1] :]
    # A mark that is open already was not closed by mistake: the next closing one ends both.
    elif is_opening and mark not in opened:
        opened.append(mark)


def _bracketed(text: str) -> Iterator[bool]:
    depth, before = 0, ""
    for character in text:
        if character == "\n" and before == "\n":
            depth = 0
        elif character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        before = character
        yield depth > 0


def _positions(text: str) -> Iterator[int]:
    position = 0
    for character in text:
        position = 0 if character == "\n" else position + 1
        yield position


def _next(text: str, holds: Callable[[str, str], bool]) -> NDArray[np.float64]:
    values = np.full(len(text), np.nan)
    for place, (this, following) in enumerate(pairwise(text)):
        values[place] = holds(this, following)
    return values


def _zero_or_one(
    name: str, title: str, definition: str, values_of: Callable[[str], NDArray[np.float64]]
) -> Callable[[str], TextFeature]:
    def make(text: str) -> TextFeature:
        values = values_of(text)
        return TextFeature(
            name=name, title=title, definition=definition, values=values, marks=values == 1
        )

    return make


def _position_feature(text: str) -> TextFeature:
    values = line_position(text)
    return TextFeature(
        name="line_position",
        title="place in the line",
        definition="Characters of its line that have been read; 0 at a line end.",
        values=values,
        marks=np.array([character == "\n" for character in text], dtype=np.bool_),
        is_number=True,
    )


_FEATURES: dict[str, Callable[[str], TextFeature]] = {
    "quotes": _zero_or_one(
        "quotes",
        "inside quotes",
        'A quotation is open: " opens or closes, “ „ ‘ ‚ open, ” and ’ close, a blank line closes '
        "all. ’ before a letter is an apostrophe and closes nothing; a straight ' never counts.",
        inside_quotes,
    ),
    "brackets": _zero_or_one(
        "brackets",
        "inside brackets",
        "A round, square or curly bracket is open; a blank line closes all.",
        inside_brackets,
    ),
    "line_position": _position_feature,
    "line_end": _zero_or_one(
        "line_end",
        "line end next",
        "The next character is a line end.",
        line_end_next,
    ),
    "word_end": _zero_or_one(
        "word_end",
        "end of a word",
        "A letter or digit, and the next character is neither.",
        word_end_next,
    ),
    "capital": _zero_or_one(
        "capital",
        "capital letter next",
        "The next character is a capital letter.",
        capital_next,
    ),
}
