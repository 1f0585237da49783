"""Texts that tests read."""

from pathlib import Path

import pytest

from unroll.text import Book, make_book, normalise

DATA = Path(__file__).parents[3] / "shared" / "data"
FINNISH = "Hän söi äidin lettuja Åbossa; yöllä hyräili Väinämöinen.\n"
DUTCH = "Eén ĳverige zoöloog uit België vond coördinatie op het zeeëiland reünie: ‘naïef’.\n"


def shared(name: str) -> Path:
    """Return a real input, or skip the test where this machine has none."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{path} is not on this machine")
    return path


def book_of(text: str, name: str = "sample", size: int = 7) -> Book:
    """Return a book of `text`, read `size` characters at a time."""
    whole = normalise(text)
    pieces = [whole[place : place + size] for place in range(0, len(whole), size)]
    return make_book(name, f"a sample, {name}", lambda: iter(pieces))
