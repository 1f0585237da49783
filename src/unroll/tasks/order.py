"""Is a before b?"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from unroll.errors import ConfigError

A, B = 0, 1
"""The two letters that are asked for."""


class Words(NamedTuple):
    """B words of T letters. Shapes: letters (B, T) int64; classes (B,): 1 where a is before b."""

    letters: Tensor
    classes: Tensor

    def reversed(self) -> "Words":
        """Return the same words read from their ends, whose answers are the other ones."""
        return Words(self.letters.flip(1), 1 - self.classes)


@dataclass(frozen=True, kw_only=True)
class LetterOrder:
    """A word of T random letters holds one a and one b: which comes first?

        d c b c e c a d        b is first: class 0

    The two places are drawn from all pairs, the other letters each from the remaining ones, so
    that half of all words belong to either class, and reversing a word changes its class. Chance
    is 1/2. Training and evaluation are drawn from separate generators; nothing else keeps a word
    from being met in both: there are T·(T − 1)·(letters − 2)^(T − 2).

    Raises: ConfigError when the word has fewer than two letters, or the alphabet fewer than three.
    """

    length: int
    """T."""
    alphabet: int = 6
    """Number of different letters, a and b among them."""

    def __post_init__(self) -> None:
        if self.length < 2 or self.alphabet < 3:
            raise ConfigError(
                "order: length must be 2 or more and alphabet 3 or more, "
                f"got {self.length} and {self.alphabet}"
            )

    def sample(self, count: int, generator: torch.Generator) -> Words:
        """Draw `count` words."""
        letters = torch.randint(2, self.alphabet, (count, self.length), generator=generator)
        places = torch.rand(count, self.length, generator=generator).argsort(1)[:, :2]
        letters.scatter_(1, places, torch.tensor([A, B]).expand(count, 2))
        return Words(letters, (places[:, 0] < places[:, 1]).long())

    def one_hot(self, words: Words) -> Tensor:
        """Return the letters as (B, T, alphabet), float32."""
        return torch.eye(self.alphabet)[words.letters]

    def arcs(self, words: Words, ids: int, generator: torch.Generator) -> Tensor:
        """Tell words arc by arc, in random order: (B, T − 1, 2·ids + 2·alphabet), float32.

            step:  one-hot id of u | one-hot id of v | letter at u | letter at v

        for an arc u → v from a place to the next. Each word's places get different ids of
        1 … `ids` at random. An arc list tells all that the directed path tells.

        Raises: ConfigError when there are more places than ids.
        """
        count, T = words.letters.shape
        if ids < T:
            raise ConfigError(f"order: ids must be {T} or more, one a place, got {ids}")
        name = torch.rand(count, ids, generator=generator).argsort(1)[:, :T]
        ends = (torch.eye(ids)[name], self.one_hot(words))
        told = torch.cat([part for end in ends for part in (end[:, :-1], end[:, 1:])], dim=2)
        shuffle = torch.rand(count, T - 1, generator=generator).argsort(1)
        return told[torch.arange(count).unsqueeze(1), shuffle]
