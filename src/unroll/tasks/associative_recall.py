"""Associative recall: of a few keys with their values, say one key's value."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from unroll.errors import ConfigError
from unroll.tasks.answers import ClassAnswers
from unroll.tasks.splits import Contents
from unroll.tasks.task import Batch, Split

KEYS = 8
"""Different keys."""
VALUES = 8
"""K, different values."""
PAIRS = 3
"""P, pairs in a sequence: 8·7·6·8³ = 172,032 tables suffice to keep the splits apart."""
BLANK = KEYS + VALUES
"""The input that is neither: nothing to read."""


@dataclass(frozen=True, kw_only=True)
class AssociativeRecall(ClassAnswers, Contents):
    """Read three keys, each followed by its value, wait, read one of the keys, say its value.

    With T = 10, three pairs are seen as

        step     1   2   3   4   5   6   7   8   9
        reads    c   4   f   1   a   4   ·   ·   f
        says                                     1

    where · is a blank, an input of its own. The answer comes T − 2 steps after the first key, as it
    does after the first digit of a palindrome of length T; the value asked for was read between
    T − 3 and T − 7 steps before, with equal shares of the three. The pairs are three at every
    length: how much there is to hold is fixed, and T is distance alone. Were there a pair for every
    two steps, a horizon would tell of capacity, which a table of H numbers has an end to, and not
    of time. The keys of a sequence differ; each of 8 values is drawn independently. Chance is 1/8;
    who holds the three values and not whose they are is right 1/3 + 2/3 · 1/8 = 0.417.

    Splits: a hash of keys and values decides, whichever key is asked for: no table of training is
    met in evaluation, at any length.

    Source: Ba, Hinton, Mnih, Leibo & Ionescu 2016, "Using fast weights to attend to the recent
    past", section 4.1, where the pairs grow with the length and the query follows at once.
    Raises: ConfigError when the length is below 8.
    """

    kind: ClassVar[str] = "associative-recall"
    plural: ClassVar[str] = "sequences"
    radix: ClassVar[int] = max(KEYS, VALUES)
    width: ClassVar[int] = 2 * PAIRS
    shortest: ClassVar[int] = 2 * PAIRS + 2
    input_size: ClassVar[int] = KEYS + VALUES + 1
    outputs: ClassVar[int] = VALUES
    chance: ClassVar[float] = 1 / VALUES

    length: int
    """T: the answer comes T − 2 steps after the first key."""

    def __post_init__(self) -> None:
        if self.length < self.shortest:
            raise ConfigError(
                f"associative-recall: length must be {self.shortest} or more, {PAIRS} pairs and "
                f"the key asked for, got {self.length}"
            )

    @property
    def possible(self) -> int:
        """How many different tables there are: different keys in order, any values."""
        return math.perm(KEYS, PAIRS) * int(VALUES**PAIRS)

    def sample(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Draw `count` sequences of one split: (count, 7), int64, P keys, P values, which pair."""
        return self._ask(self.sample_contents(count, split, generator), generator)

    def distinct(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Return `count` sequences of one split, of different tables.

        Raises: ConfigError when a split has too few to draw so many different ones.
        """
        return self._ask(self.distinct_contents(count, split, generator), generator)

    def encode(self, sequences: Tensor) -> Batch:
        """Turn sequences (B, 7) into inputs (B, T − 1, 17), float32, and targets (B, 1)."""
        keys, values = sequences[:, :PAIRS], sequences[:, PAIRS : 2 * PAIRS]
        asked = sequences[:, 2 * PAIRS :]
        read = sequences.new_full((len(sequences), self.length - 1), BLANK)
        read[:, 0 : 2 * PAIRS : 2] = keys
        read[:, 1 : 2 * PAIRS : 2] = values + KEYS
        read[:, -1:] = keys.gather(1, asked)
        inputs = functional.one_hot(read, self.input_size).float()
        return Batch(inputs, values.gather(1, asked))

    def _draw(self, count: int, generator: torch.Generator) -> Tensor:
        device = generator.device
        # The order of random numbers is a random order: its beginning are keys that differ.
        keys = torch.rand(count, KEYS, generator=generator, device=device).argsort(1)[:, :PAIRS]
        values = torch.randint(VALUES, (count, PAIRS), generator=generator, device=device)
        return torch.cat([keys, values], dim=1)

    def _ask(self, tables: Tensor, generator: torch.Generator) -> Tensor:
        shape = (len(tables), 1)
        pair = torch.randint(PAIRS, shape, generator=generator, device=generator.device)
        return torch.cat([tables, pair], dim=1)
