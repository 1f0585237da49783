"""Parity: is the number of ones odd?"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from unroll.errors import ConfigError
from unroll.tasks.answers import ClassAnswers
from unroll.tasks.splits import Contents
from unroll.tasks.task import Batch, Split


@dataclass(frozen=True, kw_only=True)
class Parity(ClassAnswers, Contents):
    """Read bits, and say at the last whether there were an odd number of ones.

    With T = 7, six bits are seen as

        step     1  2  3  4  5  6
        reads    0  1  1  0  1  0
        says                    1        three ones: odd

    Two states suffice, but each step must be taken rightly: a single bit that is missed turns the
    answer. The bit of step 1 is read T − 2 steps before the answer, as the first digit of a
    palindrome is; yet no bit has to be kept, and the horizon says over how many steps a state is
    followed without a slip, not how far one symbol is carried. Chance is 1/2, and stays so for
    whoever knows all bits but one.

    Splits: with 17 bits and more (T ≥ 18) a hash of the bits decides, and they are disjoint. Below
    there are fewer than 100,000 rows of bits: every split is all of them, and `held_out` is False.

    Source: Minsky & Papert 1969, for the problem; as a test of state tracking over sequences,
    Hochreiter & Schmidhuber 1997, where random guessing of weights solves it.
    Raises: ConfigError when the length is below 2.
    """

    radix: ClassVar[int] = 2
    kind: ClassVar[str] = "parity"
    shortest: ClassVar[int] = 2
    input_size: ClassVar[int] = 2
    outputs: ClassVar[int] = 2
    chance: ClassVar[float] = 1 / 2

    length: int
    """T: the answer comes T − 2 steps after the first bit."""

    def __post_init__(self) -> None:
        if self.length < self.shortest:
            raise ConfigError(f"parity: length must be 2 or more, one bit, got {self.length}")

    @property
    def width(self) -> int:
        """Bits: T − 1."""
        return self.length - 1

    @property
    def plural(self) -> str:
        """What is drawn, in words."""
        return f"rows of {self.width} bits"

    def sample(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Draw `count` rows of bits of one split: (count, T − 1), int64."""
        return self.sample_contents(count, split, generator)

    def distinct(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Return `count` different rows of bits of one split, or all where there are no more.

        Raises: ConfigError when a split has too few to draw so many different ones.
        """
        return self.distinct_contents(count, split, generator)

    def encode(self, sequences: Tensor) -> Batch:
        """Turn bits (B, T − 1) into inputs (B, T − 1, 2), one-hot float32, and targets (B, 1)."""
        return Batch(functional.one_hot(sequences, 2).float(), sequences.sum(1, keepdim=True) % 2)
