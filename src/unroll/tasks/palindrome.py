"""Palindromes of random digits: carry the first digit to the end."""

from dataclasses import dataclass

import torch
from torch import Tensor

from unroll.errors import ConfigError, unknown_name
from unroll.tasks.task import Batch, Split

DIGITS = 10
ENCODINGS = ("scalar", "one-hot")
TARGETS = ("last", "half")
SHORTEST_SPLIT = 9
"""From this length on there are enough palindromes (100,000) to keep the splits apart."""

_BUCKETS = 100
_DRAWN_DIGITS = 2**23
_SPLIT_BUCKETS: dict[Split, tuple[int, int]] = {
    "training": (0, 70),
    "validation": (70, 80),
    "evaluation": (80, 100),
}


@dataclass(frozen=True, kw_only=True)
class Palindrome:
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

    length: int
    """T, digits in a palindrome; the network reads T − 1 of them."""
    encoding: str = "scalar"
    """`scalar`: a digit enters as one number 0–9, the assignment's way; or `one-hot`."""
    target: str = "last"
    """`last`: ask for the last digit; `half`: for each digit of the second half."""

    def __post_init__(self) -> None:
        if self.length < 2:
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
    def classes(self) -> int:
        """K: the ten digits."""
        return DIGITS

    @property
    def half(self) -> int:
        """Number of digits that decide a palindrome: ⌈T/2⌉."""
        return (self.length + 1) // 2

    @property
    def held_out(self) -> bool:
        """Whether evaluation never meets a training palindrome."""
        return self.length >= SHORTEST_SPLIT

    def sample(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Draw `count` palindromes of one split: digits (count, T), int64."""
        return self._mirror(self._sample_halves(count, split, generator))

    def distinct(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Return `count` different palindromes of one split, or all where T ≤ 8 has no more.

        Raises: ConfigError when a split has too few to draw so many different ones.
        """
        total = DIGITS**self.half
        if not self.held_out and total <= count:
            codes = torch.arange(total, device=generator.device)
            powers = DIGITS ** torch.arange(self.half - 1, -1, -1, device=generator.device)
            return self._mirror(codes.unsqueeze(1) // powers % DIGITS)
        low, high = _SPLIT_BUCKETS[split] if self.held_out else (0, _BUCKETS)
        most = 9 * total * (high - low) // (10 * _BUCKETS)
        if count > most:
            raise ConfigError(
                f"palindrome: {count} different palindromes of length {self.length} asked for, "
                f"and the {split} split has about {total * (high - low) // _BUCKETS}: ask for at "
                f"most {most}"
            )
        halves = self._sample_halves(count, split, generator)
        while len(kept := halves[_first_occurrences(self._hash(halves))]) < count:
            halves = torch.cat([kept, self._sample_halves(count, split, generator)])
        return self._mirror(kept[:count])

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

    def _sample_halves(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        shape = (count, self.half)
        if not self.held_out:
            return torch.randint(DIGITS, shape, generator=generator, device=generator.device)
        low, high = _SPLIT_BUCKETS[split]
        # One draw nearly always suffices: the mean number of misses and a good deal more.
        draw = int(count * 1.1 * _BUCKETS / (high - low)) + 64
        # Long ones are drawn a part at a time, because most of a draw may be thrown away.
        draw = min(draw, max(64, _DRAWN_DIGITS // self.half))
        kept = torch.empty((0, self.half), dtype=torch.int64, device=generator.device)
        while len(kept) < count:
            halves = torch.randint(
                DIGITS, (draw, self.half), generator=generator, device=generator.device
            )
            bucket = self._hash(halves) % _BUCKETS
            kept = torch.cat([kept, halves[(bucket >= low) & (bucket < high)]])
        return kept[:count]

    def _hash(self, halves: Tensor) -> Tensor:
        """Hash first halves (B, ⌈T/2⌉) to 64 bits (B,): a random linear form, then mixed.

        The coefficients come from a fixed seed, so that a palindrome is in the same split in
        every run. Sums and products wrap around, as they should in a hash.
        """
        fixed = torch.Generator().manual_seed(20)
        coefficients = torch.randint(-(2**62), 2**62, (self.half,), generator=fixed)
        mixed = (halves * coefficients.to(halves.device)).sum(1)
        for multiplier in (-0x61C8864680B583EB, -0x3B314601E57A13AD):
            mixed = (mixed ^ (mixed >> 31)) * multiplier
        return mixed ^ (mixed >> 29)


def _first_occurrences(values: Tensor) -> Tensor:
    """Return the indices, in order, at which each value of `values` (N,) is met first."""
    ordered, index = values.sort(stable=True)
    is_first = torch.ones_like(ordered, dtype=torch.bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return index[is_first].sort().values
