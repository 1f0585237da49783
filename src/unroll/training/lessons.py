"""What a network is trained on, batch by batch."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch

from unroll.tasks.task import Batch
from unroll.training.curriculum import Curriculum


class Revisits(NamedTuple):
    """Where batches of earlier lengths come from."""

    batch_of: Callable[[int], Batch]
    """Gives one batch of a length."""
    generator: torch.Generator
    """Decides when a length is revisited, and which: on the CPU."""


class Lessons:
    """Batches of one length, or of growing length: an iterator that is told how each batch went.

    `batches_of(T)` gives an endless stream of batches of length T; it is called when a length
    begins. Without a curriculum there is only one length, `end`. `revisits` is asked for batches
    where the curriculum revisits shorter lengths.

    Raises: ConfigError when the curriculum starts above `end`; ValueError when it revisits lengths
    and `revisits` is not given.
    """

    def __init__(
        self,
        batches_of: Callable[[int], Iterator[Batch]],
        *,
        end: int,
        curriculum: Curriculum | None = None,
        revisits: Revisits | None = None,
    ) -> None:
        if curriculum:
            curriculum.check_end(end)
            if curriculum.revisited and revisits is None:
                raise ValueError("a curriculum that revisits lengths needs `revisits`")
        self._batches_of = batches_of
        self._curriculum = curriculum
        self._revisits = revisits
        self._end = end
        self._accuracies: deque[float] = deque(maxlen=curriculum.window if curriculum else 1)
        self._begin(curriculum.start if curriculum else end)

    def __iter__(self) -> "Lessons":
        """Return itself."""
        return self

    def __next__(self) -> Batch:
        """Return the next batch, of the present length or of one that is revisited."""
        self.batch_length = self._draw_length()
        if self.batch_length != self.length and self._revisits:
            return self._revisits.batch_of(self.batch_length)
        return next(self._batches)

    @property
    def is_at_end(self) -> bool:
        """Whether the batches have the length that all this leads to."""
        return self.length == self._end

    def see(self, accuracy: float) -> bool:
        """Take in the accuracy of the last batch; return whether longer ones follow.

        Batches of revisited lengths do not count.
        """
        if self.batch_length != self.length:
            return False
        self._accuracies.append(accuracy)
        if self.is_at_end or self._curriculum is None:
            return False
        window = self._curriculum.window
        if len(self._accuracies) < window:
            return False
        if sum(self._accuracies) / window < self._curriculum.accuracy:
            return False
        self._begin(self._curriculum.next_length(self.length, self._end))
        return True

    def _draw_length(self) -> int:
        """Return the length of the next batch; nothing is drawn where nothing is revisited."""
        if self._curriculum is None or self._revisits is None or not self._curriculum.revisited:
            return self.length
        generator = self._revisits.generator
        if float(torch.rand((), generator=generator)) >= self._curriculum.revisited:
            return self.length
        return int(torch.randint(self._curriculum.start, self.length + 1, (), generator=generator))

    def _begin(self, length: int) -> None:
        self.length = self.batch_length = length
        self._batches = self._batches_of(length)
        self._accuracies.clear()
