"""A prompt that fits a book: how its sentences often begin."""

import re
from collections import Counter

from unroll.text import UNKNOWN, Corpus, Extent

READ_CHARACTERS = 300_000
"""Enough of a book to know how its sentences begin."""
_SHORTEST, _LONGEST = 8, 40
_OPENING = re.compile(
    r"(?:[.!?…][\"”’»)]?\s+|\n\n)[\"“‘«]?(\w+ \w+ \w+)(?!\w)"
    r"(?![^.!?…]{0,15}[\d:=<>()\[\]{}|*_])"
)
"""A sentence of running prose: a number, colon or bracket soon after its beginning is a sign of a
heading, a list or a table, such as the `Changed in version 3.8:` of a manual."""


def find_opening(text: str) -> str:
    r"""Return the commonest first three words of a sentence, the earliest of equals.

    Where no opening comes twice, as in a script without spaces, the text's own first characters.

    >>> find_opening("Title. Once upon a time. He ran. Once upon a day. The king is. Go.")
    'Once upon a'
    """
    found = Counter(
        match[1]
        for match in _OPENING.finditer(text)
        if _SHORTEST <= len(match[1]) <= _LONGEST
        and match[1][0].isalpha()
        and not match[1][0].islower()
    )
    if found and (most := found.most_common(1)[0])[1] > 1:
        return most[0]
    # What a threshold made unknown would be read as such in a prompt too.
    lines = [line.strip() for line in text.replace(UNKNOWN, "\n").splitlines() if line.strip()]
    return max(lines, key=len)[:20].rstrip() if lines else text[:20]


def fitting_prompt(corpus: Corpus, training: Extent) -> str:
    """Return a prompt that fits the training part of a book."""
    stop = min(training.stop, training.start + READ_CHARACTERS)
    return find_opening(corpus.vocabulary.decode(corpus.ids[training.start : stop]))
