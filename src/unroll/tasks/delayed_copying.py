"""Delayed copying: hold a few symbols through a long silence, then say them."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from unroll.errors import ConfigError
from unroll.tasks.answers import ClassAnswers
from unroll.tasks.splits import Contents
from unroll.tasks.task import Batch, Split

SYMBOLS = 8
"""K, different symbols."""
COPIED = 6
"""S, symbols in a sequence: 8^6 = 262,144 sequences suffice to keep the splits apart."""
BLANK, GO = SYMBOLS, SYMBOLS + 1
"""The inputs that are no symbol: nothing to read, and the sign to begin."""


@dataclass(frozen=True, kw_only=True)
class DelayedCopying(ClassAnswers, Contents):
    """Read six symbols, wait, and say them in their order once the sign comes.

    With T = 10 the symbols s1 … s6 are seen as

        step     1   2   3   4   5   6   7   8   9   10  11  12  13  14
        reads    s1  s2  s3  s4  s5  s6  ·   ·   go  ·   ·   ·   ·   ·
        says                                     s1  s2  s3  s4  s5  s6

    where · is a blank, an input of its own: each symbol is said T − 2 = 8 steps after it was read,
    as the last digit of a palindrome of length T is. The network reads T + 4 steps. The first
    answer is given at the step that reads `go`; at the shortest, T = 8, that follows the last
    symbol. Each of 8 symbols is drawn independently; chance is 1/8. How many symbols there are to
    hold never changes, only for how long.

    Splits: a hash of the six symbols decides; they are disjoint at every length.

    Source: Hochreiter & Schmidhuber 1997; in this form Arjovsky, Shah & Bengio 2016, section 5.1,
    which has 10 symbols of 8 and asks for blanks at all earlier steps as well.
    Raises: ConfigError when the length is below 8.
    """

    radix: ClassVar[int] = SYMBOLS
    kind: ClassVar[str] = "delayed-copying"
    shortest: ClassVar[int] = COPIED + 2
    input_size: ClassVar[int] = SYMBOLS + 2
    outputs: ClassVar[int] = SYMBOLS
    chance: ClassVar[float] = 1 / SYMBOLS
    width: ClassVar[int] = COPIED
    plural: ClassVar[str] = "sequences"

    length: int
    """T: a symbol is said T − 2 steps after it was read."""

    def __post_init__(self) -> None:
        if self.length < self.shortest:
            raise ConfigError(
                f"delayed-copying: length must be {self.shortest} or more, so that all {COPIED} "
                f"symbols are read before the first is said, got {self.length}"
            )

    def sample(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Draw `count` rows of symbols of one split: (count, 6), int64."""
        return self.sample_contents(count, split, generator)

    def distinct(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Return `count` different rows of symbols of one split.

        Raises: ConfigError when a split has too few to draw so many different ones.
        """
        return self.distinct_contents(count, split, generator)

    def encode(self, sequences: Tensor) -> Batch:
        """Turn symbols (B, 6) into inputs (B, T + 4, 10), float32, and targets (B, 6)."""
        first = self.length - 2
        read = sequences.new_full((len(sequences), first + COPIED), BLANK)
        read[:, :COPIED] = sequences
        read[:, first] = GO
        return Batch(functional.one_hot(read, self.input_size).float(), sequences)
