"""How a book itself goes on after a prompt."""

import re
from pathlib import Path
from typing import NamedTuple

from unroll.errors import ConfigError
from unroll.study.text.commands.books import find_book


class Continuation(NamedTuple):
    """What stands after a prompt in a book."""

    position: int
    """Of the prompt in the book, in characters."""
    text: str
    """What follows it, of the length asked for or up to the book's end."""


def find_continuation(path: Path, prompt: str, length: int) -> Continuation:
    """Return what follows the first place where the prompt stands; a line may break anywhere in it.

    Raises: BookError when the file cannot be read; ConfigError when the prompt does not stand in
    it, or nothing follows it.
    """
    text = find_book(path).text()
    words = prompt.split()
    found = re.search(r"\s+".join(map(re.escape, words)), text) if words else None
    if found is None:
        raise ConfigError(
            f"--beside: '{prompt}' does not stand in {path}; give a prompt that does, in the same "
            "capitals"
        )
    # A prompt that ends in a space has read it already.
    begin = found.end() + prompt[-1].isspace()
    following = text[begin : begin + length]
    if not following:
        raise ConfigError(f"--beside: '{prompt}' is the end of {path}, and nothing follows it")
    return Continuation(found.start(), following)
