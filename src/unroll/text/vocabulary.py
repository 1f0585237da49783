"""Which characters a model knows, and the one symbol for all others."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unroll.errors import ConfigError, UnrollError
from unroll.text.book import Book
from unroll.text.normal_form import normalise

UNKNOWN = "\ufffd"
"""How the unknown symbol is written: Unicode's replacement character."""
UNKNOWN_ID = 0
MANY = 1000
"""From so many characters on, a vocabulary is worth a warning."""
MOST = 2**16
"""What two bytes a character can number."""

_THRESHOLDS = (2, 5, 10, 20, 50, 100, 200, 500)
_LISTED = 8
_CODE_POINTS = 0x110000


class VocabularyError(UnrollError):
    """A vocabulary cannot be made from a book, or read from where it was kept."""


class Prompt(NamedTuple):
    """A prompt as a model reads it."""

    ids: list[int]
    """One number a character of the normalised prompt."""
    note: str | None
    """What characters that the model never saw became; None when it knows them all."""


@dataclass(frozen=True)
class Vocabulary:
    r"""The V − 1 characters of a book that are common enough, by code point, and the unknown one.

        id      0         1      2      …      V − 1
        means   unknown   '\n'   ' '    …      'ö'

    Equal when the characters are, and then of equal `sha256`.
    Raises: VocabularyError when the characters are not sorted, are repeated, or are too many.
    """

    known: str
    """The known characters, sorted by code point."""

    def __post_init__(self) -> None:
        if list(self.known) != sorted(set(self.known)):
            raise VocabularyError("vocabulary: characters must be sorted and stand once each")
        if self.size > MOST:
            raise VocabularyError(
                f"vocabulary: {len(self.known):,} different characters, and at most "
                f"{MOST - 1:,} can be numbered; raise the threshold below which a character is rare"
            )

    @property
    def size(self) -> int:
        """V: the known characters and the unknown symbol."""
        return len(self.known) + 1

    @property
    def sha256(self) -> str:
        """The hash of the known characters in UTF-8."""
        return hashlib.sha256(self.known.encode()).hexdigest()

    @property
    def dtype(self) -> np.dtype[Any]:
        """The smallest type that holds every id: one byte up to V = 256, else two."""
        return np.dtype("u1") if self.size <= 2**8 else np.dtype("<u2")

    def encode(self, text: str) -> NDArray[Any]:
        """Return one id a character, of type `dtype`; `text` is taken as it stands."""
        # A lone surrogate, as the command line makes of a bad byte, is one more unknown character.
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        return np.asarray(self._ids.take(codes, mode="clip"))

    def decode(self, ids: Sequence[int] | NDArray[Any]) -> str:
        """Return the text of ids, the unknown symbol as U+FFFD."""
        numbers = np.asarray(ids, dtype=np.int64)
        if numbers.size and not 0 <= numbers.min() <= numbers.max() < self.size:
            raise VocabularyError(
                f"vocabulary: ids must be 0 to {self.size - 1}, got {numbers.min()} to "
                f"{numbers.max()}"
            )
        return self._codes[numbers].tobytes().decode("utf-32-le")

    def read_prompt(self, prompt: str) -> Prompt:
        """Return a prompt in normal form as ids, with a note on what is unknown in it."""
        text = normalise(prompt)
        return Prompt(self.encode(text).tolist(), self._note(set(text) - set(self.known)))

    def describe_unknown(self, prompt: str) -> str | None:
        """Return what became of characters that the model does not know; None without any.

        >>> print(Vocabulary("abc").describe_unknown("cäb"))
        the model does not know 'ä' (U+00E4): read as the unknown symbol '�'
        """
        return self.read_prompt(prompt).note

    def to_json(self) -> dict[str, str]:
        """Return what `from_json` reads."""
        return {"known": self.known, "sha256": self.sha256}

    @classmethod
    def from_json(cls, kept: Mapping[str, object]) -> "Vocabulary":
        """Return the vocabulary that `to_json` told.

        Raises: VocabularyError when it is not one, or is not what it was.
        """
        known = kept.get("known")
        if not isinstance(known, str):
            raise VocabularyError("vocabulary: 'known' must be a string of characters")
        vocabulary = cls(known)
        if kept.get("sha256") != vocabulary.sha256:
            raise VocabularyError("vocabulary: its characters are not those of its SHA-256")
        return vocabulary

    @staticmethod
    def _note(unseen: set[str]) -> str | None:
        if not unseen:
            return None
        told = [f"{_printed(one)} (U+{ord(one):04X})" for one in sorted(unseen)]
        listed = ", ".join(told[:_LISTED])
        if len(told) > _LISTED:
            listed += f" and {len(told) - _LISTED:,} more"
        return f"the model does not know {listed}: read as the unknown symbol '{UNKNOWN}'"

    @cached_property
    def _codes(self) -> NDArray[Any]:
        """Code point of each id."""
        return np.frombuffer((UNKNOWN + self.known).encode("utf-32-le"), dtype="<u4")

    @cached_property
    def _ids(self) -> NDArray[Any]:
        """Id of each code point up to the greatest known, and one unknown for all beyond."""
        known = self._codes[1:]
        table = np.full(int(known.max(initial=0)) + 2, UNKNOWN_ID, dtype=self.dtype)
        table[known] = np.arange(1, self.size)
        return table


def count_characters(book: Book) -> dict[str, int]:
    """Return how often each character of a book stands in it, by code point."""
    counts = np.zeros(_CODE_POINTS, dtype=np.int64)
    for piece in book.pieces():
        codes = np.frombuffer(piece.encode("utf-32-le"), dtype="<u4")
        found = np.bincount(codes)
        counts[: len(found)] += found
    return {chr(code): int(counts[code]) for code in np.flatnonzero(counts)}


def build_vocabulary(counts: Mapping[str, int], threshold: int = 1) -> Vocabulary:
    """Return the vocabulary of all characters that stand at least `threshold` times.

    Raises: ConfigError when the threshold is below 1 or leaves nothing.
    """
    if threshold < 1:
        raise ConfigError(f"threshold: a character stands at least 1 time, got {threshold}")
    known = sorted(character for character, count in counts.items() if count >= threshold)
    if not known:
        raise ConfigError(
            f"threshold: no character stands {threshold:,} times, the most frequent "
            f"{max(counts.values(), default=0):,}; choose a lower threshold"
        )
    return Vocabulary("".join(known))


def warn_of_size(counts: Mapping[str, int], threshold: int = 1) -> str | None:
    """Return a warning when a thousand characters or more stay, with a threshold to use instead.

    The threshold offered is the highest of a ladder that makes at most 1% of the text unknown.
    """
    size = sum(count >= threshold for count in counts.values())
    if size < MANY:
        return None
    total = sum(counts.values())
    said = (
        f"the vocabulary has {size:,} different characters, and the model's first and last layers "
        "grow with it"
    )
    offers = [
        (offer, sum(count for count in counts.values() if count < offer) / total)
        for offer in _THRESHOLDS
        if offer > threshold
    ]
    fitting = [(offer, share) for offer, share in offers if 0 < share <= 0.01]
    if not fitting:
        return said
    offer, share = fitting[-1]
    left = sum(count >= offer for count in counts.values())
    return (
        f"{said}: a threshold of {offer} would leave {left:,} and make {share:.2%} of the text "
        "the unknown symbol"
    )


def _printed(character: str) -> str:
    return repr(character) if character.isprintable() else ascii(character)
