"""What a network is trained on, batch by batch."""

from collections import deque
from collections.abc import Callable, Iterator

from unroll.tasks.task import Batch
from unroll.training.curriculum import Curriculum


class Lessons:
    """Batches of one length, or of growing length: an iterator that is told how each batch went.

    `batches_of(T)` gives an endless stream of batches of length T; it is called when a length
    begins. Without a curriculum there is only one length, `end`.

    Raises: ConfigError when the curriculum starts above `end`.
    """

    def __init__(
        self,
        batches_of: Callable[[int], Iterator[Batch]],
        *,
        end: int,
        curriculum: Curriculum | None = None,
    ) -> None:
        if curriculum:
            curriculum.check_end(end)
        self._batches_of = batches_of
        self._curriculum = curriculum
        self._end = end
        self._accuracies: deque[float] = deque(maxlen=curriculum.window if curriculum else 1)
        self._begin(curriculum.start if curriculum else end)

    def __iter__(self) -> "Lessons":
        """Return itself."""
        return self

    def __next__(self) -> Batch:
        """Return the next batch of the present length."""
        return next(self._batches)

    @property
    def is_at_end(self) -> bool:
        """Whether the batches have the length that all this leads to."""
        return self.length == self._end

    def see(self, accuracy: float) -> bool:
        """Take in the accuracy of a batch; return whether longer ones follow."""
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

    def _begin(self, length: int) -> None:
        self.length = length
        self._batches = self._batches_of(length)
        self._accuracies.clear()
