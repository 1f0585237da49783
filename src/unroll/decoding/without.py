"""A Step that never offers some tokens."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from unroll.decoding.step import Integers, Step, check_tokens
from unroll.errors import ConfigError

S = TypeVar("S")


class Without(Generic[S]):
    """A Step that scores as `step` does, and some tokens as −∞: they are never written.

    The others share what those had: p(v) = softmax(scores)(v) / (1 − p(tokens)). The scores that
    `step` returns are copied, for they may be its own.

    Shapes: as `step`'s.
    Raises: ConfigError when there is no token, one is not 0 … V − 1, or all V are among them.
    """

    def __init__(self, step: Step[S], tokens: Sequence[int]) -> None:
        self.vocabulary_size = step.vocabulary_size
        check_tokens("Without", "tokens", tokens, self.vocabulary_size)
        if len(set(tokens)) == self.vocabulary_size:
            raise ConfigError(
                f"Without: tokens must leave one to be written, got all {self.vocabulary_size}"
            )
        self._step = step
        # A plain index is twice as fast as an array of one.
        self._columns = tokens[0] if len(tokens) == 1 else np.array(tokens, dtype=np.int64)

    def __call__(self, tokens: Integers, state: S, /) -> tuple[NDArray[Any], S]:
        """Take one step."""
        scores, state = self._step(tokens, state)
        left = scores.copy()
        left[:, self._columns] = -np.inf
        return left, state

    def select(self, state: S, rows: Integers, /) -> S:
        """Return a state whose row n is a copy of `state`'s row `rows[n]`."""
        return self._step.select(state, rows)
