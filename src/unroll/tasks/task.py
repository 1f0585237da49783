"""What a task hands to a network: batches of sequences with a known answer."""

from typing import Literal, NamedTuple, Protocol

import torch
from torch import Tensor

Split = Literal["training", "validation", "evaluation"]


class Batch(NamedTuple):
    """Sequences and the classes asked for at their last M steps.

    Shapes: inputs (B, T, D) floating point; targets (B, M) integers below K.
    """

    inputs: Tensor
    targets: Tensor


class Task(Protocol):
    """Sequences with a known answer, all of one length."""

    @property
    def length(self) -> int:
        """T, the length of every sequence."""
        ...

    @property
    def input_size(self) -> int:
        """D."""
        ...

    @property
    def classes(self) -> int:
        """K."""
        ...

    @property
    def held_out(self) -> bool:
        """Whether evaluation never meets a training sequence."""
        ...

    def sample(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Draw `count` sequences of one split, on the generator's device."""
        ...

    def distinct(self, count: int, split: Split, generator: torch.Generator) -> Tensor:
        """Return at most `count` different sequences of one split."""
        ...

    def encode(self, sequences: Tensor) -> Batch:
        """Turn sequences into what the network reads and what it must answer."""
        ...
