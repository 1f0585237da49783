"""What decoding asks of a model: one step, and a choice of rows of its state."""

import math
from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from unroll.errors import ConfigError, ShapeError, UnrollError

Scores: TypeAlias = NDArray[np.float64]
"""Scores with maximum 0 in each row, (…, V): see `peak_at_zero`."""
Integers: TypeAlias = NDArray[np.int64]

S = TypeVar("S")


class ScoresError(UnrollError):
    """A model's scores give no distribution: NaN, +∞, or nothing above −∞."""


class Step(Protocol[S]):
    """One step of a model that scores the next token.

        scores, state' = step(tokens, state)

    Tokens and scores are NumPy arrays, for a decoder works on a few hundred numbers at a time, on
    the CPU; `TensorStep` makes a Step of a function of tensors. The state is the model's own:
    decoding passes it on and never looks inside.

    Shapes: tokens (B,) int64 -> scores (B, V) of any float type, logits or log probabilities; −∞
    is probability zero.
    The step may overwrite the state that it is given, and the scores that it returned before;
    decoding uses neither again. `select` copies.
    """

    @property
    def vocabulary_size(self) -> int:
        """V."""
        ...

    def __call__(self, tokens: Integers, state: S, /) -> tuple[NDArray[Any], S]:
        """Read one token a row, and score the next."""
        ...

    def select(self, state: S, rows: Integers, /) -> S:
        """Return a state whose row n is a copy of `state`'s row `rows[n]`: rows may repeat."""
        ...


def peak_at_zero(scores: NDArray[Any]) -> Scores:
    """Return scores − max(scores) of each row, in float64: the same softmax, without overflow.

    Shapes: (…, V) -> (…, V).
    Raises: ScoresError for a row with NaN or +∞, or with nothing above −∞.

    >>> peak_at_zero(np.array([1.0, 3.0]))
    array([-2.,  0.])
    """
    wide: Scores = scores.astype(np.float64)
    if wide.size == wide.shape[-1]:
        # A batch of one, in which texts are written: a reduction takes four times as long.
        row = wide.reshape(-1)
        highest = row.item(row.argmax())
        _check_peak(highest)
        row -= highest
        return wide
    peak = np.maximum.reduce(wide, axis=-1, keepdims=True)
    for highest in peak.ravel().tolist():
        _check_peak(highest)
    wide -= peak
    return wide


def _check_peak(highest: float) -> None:
    if not math.isfinite(highest):
        raise ScoresError(
            f"step: the highest score of each row must be finite, got {highest}: "
            "the model's weights are damaged, or its training diverged"
        )


def advance(step: Step[S], tokens: Integers, state: S) -> tuple[Scores, S]:
    """Take one step and return its scores, checked and with maximum 0: (B,) -> (B, V), state.

    Raises: ShapeError when scores are not (B, V); ScoresError as `peak_at_zero`.
    """
    scores, state = step(tokens, state)
    B, V = len(tokens), step.vocabulary_size
    if scores.shape != (B, V):
        raise ShapeError(f"step: scores must be (B={B}, V={V}), got {scores.shape}")
    return peak_at_zero(scores), state


def read(step: Step[S], state: S, prompt: Sequence[int]) -> tuple[Scores, S]:
    """Read a prompt from the first row of `state`, which stays as it is -> scores (1, V), state."""
    state = step.select(state, np.zeros(1, dtype=np.int64))
    for token in prompt[:-1]:
        _, state = step(np.array([token], dtype=np.int64), state)
    return advance(step, np.array(prompt[-1:], dtype=np.int64), state)


def check_tokens(where: str, name: str, tokens: Sequence[int], vocabulary_size: int) -> None:
    """Raise ConfigError unless there is a token, and all are 0 … V−1."""
    if len(tokens) < 1:
        raise ConfigError(f"{where}: {name} must hold 1 token or more, got none")
    wrong = [token for token in tokens if not 0 <= token < vocabulary_size]
    if wrong:
        raise ConfigError(
            f"{where}: {name} must hold tokens 0 … {vocabulary_size - 1}, got {wrong[0]}"
        )


def check_count(where: str, name: str, count: int, least: int = 1) -> None:
    """Raise ConfigError unless `count` is at least `least`."""
    if count < least:
        raise ConfigError(f"{where}: {name} must be {least} or more, got {count}")
