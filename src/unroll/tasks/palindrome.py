"""Palindromes of random digits: carry the first digit to the end."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from unroll.errors import ConfigError, unknown_name
from unroll.tasks.answers import ClassAnswers
from unroll.tasks.splits import Contents
from unroll.tasks.task import Batch, Split

DIGITS = 10
ENCODINGS = ("scalar", "one-hot")
TARGETS = ("last", "half")
SHORTEST_SPLIT = 9
"""From this length on there are enough palindromes (100,000) to keep the splits apart."""


@dataclass(frozen=True, kw_only=True)
class Palindrome(ClassAnswers, Contents):
    """Read all digits but the last of a palindrome, and say what comes.

    With T = 7 the digits d1 d2 d3 d4 d3 d2 d1 are seen as

        step        1   2   3   4   5   6
        reads       d1  d2  d3  d4  d3  d2
        last        ·   ·   ·   ·   ·   d1        target="last": one answer
        half        ·   ·   ·   d3  d2  d1        target="half": the whole second half

    so that the last answer needs the digit read T − 2 steps before. Chance is 1/10.

    Splits: from T = 9 on, a hash of the first half puts each palindrome into training (70%),
    validation (10%) or evaluation (20%), which are therefore disjoint. For T ≤ 8 there are at
    most 10,000 palindromes: every split is all of them, and `held_out` is False.

    Raises: ConfigError when the length is below 2, or encoding or target is unknown.
    """

    radix: ClassVar[int] = DIGITS
    kind: ClassVar[str] = "palindrome"
    shortest: ClassVar[int] = 2
    outputs: ClassVar[int] = DIGITS
    chance: ClassVar[float] = 1 / DIGITS

    length: int
    """T, digits in a palindrome; the network reads T − 1 of them."""
    encoding: str = "scalar"
    """`scalar`: a digit enters as one number 0–9, the assignment's way; or `one-hot`."""
    target: str = "last"
    """`last`: ask for the last digit; `half`: for each digit of the second half."""

    def __post_init__(self) -> None:
        if self.length < self.shortest:
            raise ConfigError(f"palindrome: length must be 2 digits or more, got {self.length}")
        if self.encoding not in ENCODINGS:
            raise unknown_name("encoding", self.encoding, ENCODINGS)
        if self.target not in TARGETS:
            raise unknown_name("target", self.target, TARGETS)

    @property
    def input_size(self) -> int:
        """D: 1 for a scalar digit, 10 for a one-hot one."""
        return 1 if self.encoding == "scalar" else DIGITS

    @property
    def half(self) -> int:
        """Number of digits that decide a palindrome: ⌈T/2⌉."""
        return (self.length + 1) // 2

    @property
    def width(self) -> int:
        """Digits in a content: the first half."""
        return self.half

    @property
    def plural(self) -> str:
        """What is drawn, in words."""
        return f"palindromes of length {self.length}"

    def sample(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Draw `count` palindromes of one split: digits (count, T), int64."""
        return self._mirror(self.sample_contents(count, split, generator))

    def distinct(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Return `count` different palindromes of one split, or all where T ≤ 8 has no more.

        Raises: ConfigError when a split has too few to draw so many different ones.
        """
        return self._mirror(self.distinct_contents(count, split, generator))

    def encode(self, sequences: Tensor) -> Batch:
        """Turn digits (B, T) into inputs (B, T − 1, D), float32, and targets (B, 1 or ⌊T/2⌋)."""
        read = sequences[:, :-1]
        if self.encoding == "scalar":
            inputs = read.unsqueeze(2).float()
        else:
            inputs = torch.eye(DIGITS, device=read.device)[read]
        asked = 1 if self.target == "last" else self.length // 2
        return Batch(inputs, sequences[:, -asked:])

    def _mirror(self, halves: Tensor) -> Tensor:
        return torch.cat([halves, halves[:, : self.length // 2].flip(1)], dim=1)
