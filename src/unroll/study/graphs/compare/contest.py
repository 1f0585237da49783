"""Train one classifier on an experiment's examples, and test it in its cases."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from unroll.seeding import make_generator
from unroll.training.supervised import SupervisedSettings, fit_supervised

_BLOCK_BATCHES = 8
_TESTED_TOGETHER = 250


class Examples(Protocol):
    """A named tuple of tensors whose first axes are B; `classes` (B,) are the right answers."""

    @property
    def classes(self) -> Tensor:
        """What is to be answered."""
        ...

    def __iter__(self) -> Iterator[Tensor]: ...


E = TypeVar("E", bound=Examples)


@dataclass(frozen=True, kw_only=True)
class Contest(Generic[E]):
    """A network, what it is trained on, and where it is tested."""

    network: nn.Module
    """What is trained."""
    answer: Callable[[E], Tensor]
    """Scores (B, K) of examples, by the network."""
    draw: Callable[[int, torch.Generator], E]
    """So many examples to train on."""
    cases: Mapping[str, E]
    """Examples to test on, by the name of the case."""
    seed: int
    """Of the training examples."""
    batch_size: int = 64
    """Examples in one step."""

    def run(self, settings: SupervisedSettings, on_step: Callable[[int], object]) -> dict[str, Any]:
        """Train and test; return what every experiment records."""
        fitted = fit_supervised(
            self.network, self._batches(), self._loss_of, settings, on_progress=on_step
        )
        return {
            "parameters": sum(p.numel() for p in self.network.parameters()),
            "curve": fitted.curve,
            "train_seconds": fitted.seconds,
            "cases": [
                {"case": name, "value": self.accuracy(examples), "examples": len(examples.classes)}
                for name, examples in self.cases.items()
            ],
        }

    @torch.no_grad()
    def accuracy(self, examples: E) -> float:
        """Return the share of examples answered right."""
        right = sum(
            int((self.answer(part).argmax(1) == part.classes).sum())
            for part in split_examples(examples, _TESTED_TOGETHER)
        )
        return right / len(examples.classes)

    def _loss_of(self, examples: E) -> Tensor:
        return functional.cross_entropy(self.answer(examples), examples.classes)

    def _batches(self) -> Iterator[E]:
        """Yield batches for ever, drawn many at a time, because many cost little more than one."""
        generator = make_generator(self.seed, "examples to train on")
        while True:
            block = self.draw(_BLOCK_BATCHES * self.batch_size, generator)
            yield from split_examples(block, self.batch_size)


def split_examples(examples: E, size: int) -> Iterator[E]:
    """Yield examples `size` at a time."""
    for parts in zip(*(torch.split(tensor, size) for tensor in examples), strict=True):
        yield type(examples)(*parts)
