"""What a task hands to a network: batches of sequences with a known answer."""

from typing import Literal, NamedTuple, Protocol

import torch
from torch import Tensor

Split = Literal["training", "validation", "evaluation"]


class Batch(NamedTuple):
    """Sequences and the answers asked for at their last M steps.

    Shapes: inputs (B, steps, D) floating point; targets (B, M): integers below K where a class is
    asked for, floating point where a number is.
    """

    inputs: Tensor
    targets: Tensor


class Task(Protocol):
    """Sequences with a known answer, all of one length.

    The length T means the same for every task: what the last answer needs first was read T − 2
    steps before that answer is given. Where a task asks for less than that, its docstring says so.
    """

    @property
    def length(self) -> int:
        """T: one step reads what the answer needs, T − 2 further steps lie up to the answer."""
        ...

    @property
    def shortest(self) -> int:
        """The smallest T that the task has."""
        ...

    @property
    def input_size(self) -> int:
        """D."""
        ...

    @property
    def outputs(self) -> int:
        """Numbers that the readout gives at a step: K scores, or 1 where a number is asked for."""
        ...

    @property
    def chance(self) -> float:
        """Share that is right of answers which know nothing of the sequence."""
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

    def loss(
        self, scores: Tensor, targets: Tensor, reduction: Literal["mean", "sum"] = "mean"
    ) -> Tensor:
        """Return the loss in nats of scores (B, M, outputs), mean or sum over all answers."""
        ...

    def right(self, scores: Tensor, targets: Tensor) -> Tensor:
        """Return which answers are right: scores (B, M, outputs), targets (B, M) -> (B, M)."""
        ...
