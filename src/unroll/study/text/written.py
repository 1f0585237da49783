"""What can be counted in a text that was written: words of the book, repetition, loops."""

import re
from collections.abc import Collection
from typing import NamedTuple

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
LETTERS = 3
"""Shorter words are not looked up: of characters drawn at random half of the words have one
letter, and every book knows those."""
TURNS = 2
"""How often a passage must come round at the end of a text to be called a loop …"""
LOOPED = 20
"""… and how many characters that must be: two equal letters end many a word."""


class Words(NamedTuple):
    """The words of a text, counted."""

    number: int
    """How many words there are."""
    known: float
    """Share that occurs in the book, of the words of three letters or more; 0 without any."""
    distinct: float
    """Different words, as a share of all."""


class Loop(NamedTuple):
    """The end of a text that repeats one passage to the last character."""

    start: int
    """Where the passage stands for the first time."""
    period: int
    """Its length in characters."""


def words_of(text: str) -> list[str]:
    """Return the words of a text in small letters; what letters do not make is no word.

    >>> words_of("It's 3 o'clock: the King_of x2")
    ["it's", "o'clock", 'the', 'king', 'of', 'x']
    """
    return [match[0].lower() for match in _WORD.finditer(text)]


def count_words(text: str, book_words: Collection[str]) -> Words:
    """Return how many words of a text occur in a book, and how many differ.

    The last word counts unless it is cut off: a text that was written ends where it was told to.

    >>> count_words("The king saw a kingg and th", {"the", "king", "saw", "and"})
    Words(number=6, known=0.8, distinct=1.0)
    """
    words = words_of(text)
    if words and re.search(r"[^\W\d_]\Z", text):
        words = words[:-1]
    if not words:
        return Words(0, 0.0, 0.0)
    long = [word for word in words if len(word) >= LETTERS]
    known = sum(word in book_words for word in long)
    return Words(len(words), known / max(1, len(long)), len(set(words)) / len(words))


def find_loop(text: str) -> Loop | None:
    """Return the loop that a text ends in, of the shortest period; None where it is in none.

    >>> find_loop("once the end of the end of the end of the end")
    Loop(start=4, period=11)
    >>> find_loop("once upon a time") is None
    True
    """
    for period in range(1, len(text) // TURNS + 1):
        start = len(text) - period
        while start > 0 and text[start - 1] == text[start - 1 + period]:
            start -= 1
        if len(text) - start >= max(TURNS * period, LOOPED):
            return Loop(start, period)
    return None
