"""Draws that keep training, validation and evaluation apart by what a sequence holds."""

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from unroll.errors import ConfigError
from unroll.tasks.task import Split

ENOUGH = 100_000
"""From so many different contents on there are enough to keep the splits apart."""

_BUCKETS = 100
_DRAWN_NUMBERS = 2**23
_SPLIT_BUCKETS: dict[Split, tuple[int, int]] = {
    "training": (0, 70),
    "validation": (70, 80),
    "evaluation": (80, 100),
}


class Contents(ABC):
    """What decides a sequence, a row of integers, and the split that it belongs to.

    A hash of the content puts it into training (70%), validation (10%) or evaluation (20%), which
    are therefore disjoint. With fewer than 100,000 different contents every split is all of them,
    and `held_out` is False.

    A content is a row of `width` digits below `radix`, any of which can occur. A task whose
    contents are of another kind overrides `possible` and `_draw`, and has 100,000 or more.
    """

    radix: ClassVar[int]
    """How many different digits there are."""
    kind: ClassVar[str]
    """The task in one word, for messages."""

    @property
    @abstractmethod
    def width(self) -> int:
        """Digits in a content."""

    @property
    @abstractmethod
    def plural(self) -> str:
        """What is drawn, in words."""

    @property
    def possible(self) -> int:
        """How many different contents there are."""
        return int(self.radix**self.width)

    @property
    def held_out(self) -> bool:
        """Whether evaluation never meets a content of training."""
        return self.possible >= ENOUGH

    def sample_contents(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Draw `count` contents of one split: (count, width), int64."""
        if not self.held_out:
            return self._draw(count, generator)
        low, high = _SPLIT_BUCKETS[split]
        # One draw nearly always suffices: the mean number of misses and a good deal more.
        draw = int(count * 1.1 * _BUCKETS / (high - low)) + 64
        # Long ones are drawn a part at a time, because most of a draw may be thrown away.
        draw = min(draw, max(64, _DRAWN_NUMBERS // self.width))
        kept = torch.empty((0, self.width), dtype=torch.int64, device=generator.device)
        while len(kept) < count:
            contents = self._draw(draw, generator)
            bucket = hash_rows(contents) % _BUCKETS
            kept = torch.cat([kept, contents[(bucket >= low) & (bucket < high)]])
        return kept[:count]

    def distinct_contents(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Return `count` different contents of one split, or all where there are no more.

        Raises: ConfigError when a held-out split has too few to draw so many different ones.
        """
        total = self.possible
        if not self.held_out and total <= count:
            return self._every(generator.device)
        if not self.held_out and 10 * count > 9 * total:
            # Nearly all: those left out are drawn instead.
            order = torch.randperm(total, generator=generator, device=generator.device)
            return self._every(generator.device)[order[:count]]
        low, high = _SPLIT_BUCKETS[split] if self.held_out else (0, _BUCKETS)
        most = 9 * total * (high - low) // (10 * _BUCKETS)
        if count > most:
            raise ConfigError(
                f"{self.kind}: {count} different {self.plural} asked for, and the {split} split "
                f"has about {total * (high - low) // _BUCKETS}: ask for at most {most}"
            )
        contents = self.sample_contents(count, split, generator)
        while len(kept := contents[_first_occurrences(hash_rows(contents))]) < count:
            contents = torch.cat([kept, self.sample_contents(count, split, generator)])
        return kept[:count]

    def _draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw `count` contents of any split: (count, width), int64."""
        shape = (count, self.width)
        return torch.randint(self.radix, shape, generator=generator, device=generator.device)

    def _every(self, device: torch.device) -> Tensor:
        """Return all contents, in the order of the numbers that their digits are."""
        codes = torch.arange(self.possible, device=device)
        powers = self.radix ** torch.arange(self.width - 1, -1, -1, device=device)
        return codes.unsqueeze(1) // powers % self.radix


def hash_rows(rows: Tensor) -> Tensor:
    """Hash rows of integers (N, width) to 64 bits (N,): a random linear form, then mixed.

    The coefficients come from a fixed seed, so that a content is in the same split in every run.
    Sums and products wrap around, as they should in a hash.
    """
    fixed = torch.Generator().manual_seed(20)
    coefficients = torch.randint(-(2**62), 2**62, (rows.shape[1],), generator=fixed)
    mixed = (rows * coefficients.to(rows.device)).sum(1)
    for multiplier in (-0x61C8864680B583EB, -0x3B314601E57A13AD):
        mixed = (mixed ^ (mixed >> 31)) * multiplier
    return mixed ^ (mixed >> 29)


def _first_occurrences(values: Tensor) -> Tensor:
    """Return the indices, in order, at which each value of `values` (N,) is met first."""
    ordered, index = values.sort(stable=True)
    is_first = torch.ones_like(ordered, dtype=torch.bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return index[is_first].sort().values
