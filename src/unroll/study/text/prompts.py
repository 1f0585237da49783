"""Beginnings to complete that fit a book: those of sentences that it holds out."""

import re
from collections.abc import Collection
from typing import NamedTuple

from unroll.study.text.written import words_of

CLASSIC = "Sleeping beauty is"
"""The assignment's own; a book that does not know these words cannot be asked to go on."""
WORDS = 3
"""Words of a beginning."""
_LEAST_WORDS = 8
_MOST_CHARACTERS = 40
# A sentence begins in a capital, after the end of another or of a paragraph, with small words
# behind it: a heading is none. It is looked at, not consumed: its end is where the next begins.
_SENTENCE = re.compile(
    r"(?:[.!?…][\"”’»)]?\s+|\n\s*\n\s*)(?=([^\W\d_][^\n.!?…]*(?:\n[^\n.!?…]+)*[.!?…]))"
)
RULE = (
    f"the first {WORDS} words of sentences of the held-out tenth that have {_LEAST_WORDS} words "
    "or more and begin with a capital, all of whose first words the training part knows, at even "
    "distances"
)
"""How `choose_prompts` chooses, in words."""


class Beginning(NamedTuple):
    """A prompt, and how the book goes on."""

    text: str
    """What is given."""
    truth: str
    """What stands after it in the book; empty for a prompt that is not from it."""


def choose_prompts(
    held_out: str, book_words: Collection[str], *, prompts: int, length: int
) -> list[Beginning]:
    """Return beginnings that the book can go on with, by `RULE`, in the order of the book.

    `CLASSIC` comes first where the book knows all its words. Where the held-out text has no such
    sentence, as in a script without capitals, it is cut at even distances instead.
    """
    found = [
        beginning
        for match in _SENTENCE.finditer(held_out)
        if (beginning := _beginning(held_out, match, book_words, length)) is not None
    ]
    chosen = _evenly(found, prompts) or _cut(held_out, prompts, length)
    if all(word in book_words for word in words_of(CLASSIC)):
        chosen = [Beginning(CLASSIC, ""), *chosen][:prompts]
    return chosen


def _beginning(
    text: str, match: re.Match[str], book_words: Collection[str], length: int
) -> Beginning | None:
    sentence, start = match[1], match.start(1)
    words = re.match(rf"(?:\S+[ ]){{{WORDS - 1}}}\S*[^\W_]", sentence)
    if words is None or not sentence[0].isupper() or len(words_of(sentence)) < _LEAST_WORDS:
        return None
    prompt = words[0]
    first = words_of(prompt)
    fits = len(prompt) <= _MOST_CHARACTERS and len(first) == WORDS and not prompt.isupper()
    end = start + len(prompt) + length
    if not fits or end > len(text) or not all(word in book_words for word in first):
        return None
    return Beginning(prompt, text[start + len(prompt) : end])


def _cut(text: str, prompts: int, length: int) -> list[Beginning]:
    size = min(20, max(1, len(text) // 2))
    last = max(0, len(text) - size - length)
    starts = dict.fromkeys(last * n // max(1, prompts) for n in range(prompts))
    return [
        Beginning(text[start : start + size], text[start + size : start + size + length])
        for start in starts
    ]


def _evenly(found: list[Beginning], prompts: int) -> list[Beginning]:
    distinct = list({beginning.text: beginning for beginning in found}.values())
    if len(distinct) <= prompts:
        return distinct
    return [distinct[len(distinct) * n // prompts] for n in range(prompts)]
