"""The adding problem: the sum of two marked numbers among many."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor

from unroll.errors import ConfigError
from unroll.tasks.splits import Contents
from unroll.tasks.task import Batch, Split

TOLERANCE = 0.1
"""An answer is right when it is off by this or less."""
LEVELS = 2**23
"""Numbers that a value can be: the middles of so many parts of (0, 1), all exact in float32."""


@dataclass(frozen=True, kw_only=True)
class Adding(Contents):
    """Read pairs of a number and a mark, and say the sum of the two marked numbers.

    With T = 7, six pairs are seen as

        step      1     2     3     4     5     6
        reads     0.31  0.72  0.05  0.64  0.18  0.90      u(t), uniform on (0, 1)
                  0     1     0     0     1     0         the mark
        says                                    0.90      0.72 + 0.18

    One mark is drawn from the first half of the T − 1 steps, the other from the rest. The first
    marked number is read T − 2 steps before the answer at most, and ⌊T/2⌋ at least: what T counts
    is the longest way that a number may have to go.

    The answer is one number ŷ. Its loss is ½(ŷ − y)², which is −ln p(y) of a Gaussian of variance
    1 around ŷ, but for the constant ½ ln 2π. It is right when |ŷ − y| ≤ 0.1. Chance is to say 1,
    the mean: the sum of two uniform numbers has the density 1 − |y − 1| on (0, 2), so that it is
    right with probability 2·0.1 − 0.1² = 0.19, at a loss of ½·Var y = 1/12. Who knows one of the
    two numbers is right with probability 0.2 at best.

    Splits: a hash of all numbers and marks decides; they are disjoint at every length.

    Source: Hochreiter & Schmidhuber 1997, experiment 4, which asks for 0.04 instead of 0.1: with a
    constant learning rate the last steps of that are a matter of noise, not of distance. The marks
    and the numbers are as in Arjovsky, Shah & Bengio 2016 (and Le, Jaitly & Hinton 2015).
    Raises: ConfigError when the length is below 3.
    """

    kind: ClassVar[str] = "adding"
    plural: ClassVar[str] = "sequences"
    shortest: ClassVar[int] = 3
    input_size: ClassVar[int] = 2
    outputs: ClassVar[int] = 1
    chance: ClassVar[float] = 2 * TOLERANCE - TOLERANCE**2
    radix: ClassVar[int] = 2 * LEVELS

    length: int
    """T: the answer comes T − 2 steps after the first pair."""

    def __post_init__(self) -> None:
        if self.length < self.shortest:
            raise ConfigError(f"adding: length must be 3 or more, two pairs, got {self.length}")

    @property
    def width(self) -> int:
        """Pairs in a sequence: T − 1."""
        return self.length - 1

    @property
    def possible(self) -> int:
        """How many different sequences there are: values and places of the marks."""
        first = self.width // 2
        return int(LEVELS**self.width) * first * (self.width - first)

    def sample(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Draw `count` sequences of one split: (count, T − 1), int64, 2·level + mark."""
        return self.sample_contents(count, split, generator)

    def distinct(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Return `count` different sequences of one split."""
        return self.distinct_contents(count, split, generator)

    def encode(self, sequences: Tensor) -> Batch:
        """Turn sequences (B, T − 1) into inputs (B, T − 1, 2) and sums (B, 1), float32."""
        marks = (sequences % 2).float()
        values = ((sequences // 2).double() + 0.5) / LEVELS
        inputs = torch.stack([values.float(), marks], dim=2)
        return Batch(inputs, (values * marks).sum(1, keepdim=True).float())

    def loss(
        self, scores: Tensor, targets: Tensor, reduction: Literal["mean", "sum"] = "mean"
    ) -> Tensor:
        """Return ½(ŷ − y)², the mean over all answers or their sum: (B, M, 1), (B, M) -> ()."""
        losses = (scores.squeeze(2) - targets) ** 2 / 2
        return losses.mean() if reduction == "mean" else losses.sum()

    def right(self, scores: Tensor, targets: Tensor) -> Tensor:
        """Return whether |ŷ − y| ≤ 0.1: (B, M, 1), (B, M) -> (B, M) bool."""
        return (scores.squeeze(2) - targets).abs() <= TOLERANCE

    def _draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw levels, then a marked place in each half: (count, T − 1), int64."""
        device, first = generator.device, self.width // 2
        drawn = 2 * torch.randint(LEVELS, (count, self.width), generator=generator, device=device)
        for low, high in ((0, first), (first, self.width)):
            places = torch.randint(low, high, (count, 1), generator=generator, device=device)
            drawn.scatter_add_(1, places, torch.ones_like(places))
        return drawn
