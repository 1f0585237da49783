"""A palindrome as a path: every digit a node, the last one blank."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from unroll.errors import ConfigError
from unroll.graphs import Graph, graph_from_pairs
from unroll.tasks.palindrome import DIGITS, Palindrome

NAMES = 16
"""Names that nodes are given where their links are told: the first half in training."""
LONGEST_LISTED = 8
"""Up to this length there are few enough palindromes to list them all."""


class PathDigits(NamedTuple):
    """Palindromes, names of their nodes and an order to tell them in, and what is asked.

    Shapes: digits, names and order (B, T); classes (B,), the last digit, which is the first.
    """

    digits: Tensor
    names: Tensor
    order: Tensor
    classes: Tensor


@dataclass(frozen=True, kw_only=True)
class PalindromePath:
    """The last node of a path of T digits is blank and must say its digit, that of the first.

        d1 – d2 – d3 – d2 – blank          T = 5: the reader is T − 1 hops from d1

    The digit can be had from the first node alone: every other digit stands twice, or in the
    middle. Nothing says which node is the first, but that it has one neighbour.

    Splits are those of `Palindrome`: up to T = 8 there are too few to hold any out, and training
    and evaluation use them all. Chance is 1/10.
    """

    length: int
    """T."""

    def __post_init__(self) -> None:
        if not 3 <= self.length <= LONGEST_LISTED:
            raise ConfigError(
                f"palindrome path: length must be 3 to {LONGEST_LISTED} digits, got {self.length}"
            )

    def graph(self, *, directed: bool = False) -> Graph:
        """Return the path; with directed edges news goes from the first node to the last."""
        pairs = [(i, i + 1) for i in range(self.length - 1)]
        return graph_from_pairs(pairs, nodes=self.length, directed=directed, name="palindrome")

    def sample(self, count: int, generator: torch.Generator) -> PathDigits:
        """Draw palindromes to train on."""
        digits = Palindrome(length=self.length).sample(count, "training", generator)
        return self._ordered(digits, generator)

    def every(self, generator: torch.Generator, *, renamed: bool = False) -> PathDigits:
        """Return every palindrome once, with names and an order drawn for each.

        Renamed, the nodes have names that none has in training.
        """
        task = Palindrome(length=self.length)
        digits = task.distinct(DIGITS**task.half, "evaluation", generator)
        return self._ordered(digits, generator, first_name=NAMES // 2 if renamed else 0)

    def node_features(self, palindromes: PathDigits, *, marked: bool = False) -> Tensor:
        """Return what the nodes of all paths hold: (B·T, 11), or (B·T, 21) with a marked first.

        One-hot: a digit 0–9, or 10 for the blank; the digit of a marked first node is one of
        11–20 instead, so that no sum over neighbours can mistake it for another's.
        """
        codes = palindromes.digits.clone()
        codes[:, -1] = DIGITS
        if marked:
            codes[:, 0] += DIGITS + 1
        size = 2 * DIGITS + 1 if marked else DIGITS + 1
        return torch.eye(size)[codes.flatten()]

    def in_order(self, palindromes: PathDigits) -> Tensor:
        """Return the digits but the last as a sequence, one-hot: (B, T − 1, 10)."""
        return Palindrome(length=self.length, encoding="one-hot").encode(palindromes.digits).inputs

    def shuffled(self, palindromes: PathDigits) -> Tensor:
        """Return all nodes as a sequence in `order`, with their links: (B, T, 11 + 32).

        Of each node: its digit or that it is blank; its name, one of 16; and the names of its one
        or two neighbours. The path can be rebuilt from that.
        """
        B, T = palindromes.digits.shape
        digits = self.node_features(palindromes).view(B, T, -1)
        names = torch.eye(NAMES)[palindromes.names]
        near = torch.zeros(B, T, NAMES)
        near[:, 1:] += names[:, :-1]
        near[:, :-1] += names[:, 1:]
        told = torch.cat([digits, names, near], 2)
        return told.gather(1, palindromes.order.unsqueeze(2).expand_as(told))

    def _ordered(
        self, digits: Tensor, generator: torch.Generator, first_name: int = 0
    ) -> PathDigits:
        B, T = digits.shape
        names = torch.rand(B, NAMES // 2, generator=generator).argsort(1)[:, :T] + first_name
        order = torch.rand(B, T, generator=generator).argsort(1)
        return PathDigits(digits, names, order, digits[:, -1])
