"""Models small enough to know everything about: the next token hangs on all that came before."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from unroll.decoding.step import Integers

HISTORIES = 1009
"""Rows of a random table: a prime, so that histories of every length spread over it."""


class Toy:
    """Scores out of a table (rows, V), one row a history, by number; the state is (B,) int64.

    It takes every liberty that `Step` allows: each step overwrites the state that it is given, and
    the scores that it returned before.
    """

    def __init__(self, table: NDArray[Any]) -> None:
        self.table = table
        self.vocabulary_size: int = table.shape[1]
        self.scores = np.zeros((1, self.vocabulary_size))
        self.steps = 0

    def __call__(self, tokens: Integers, state: Integers, /) -> tuple[NDArray[Any], Integers]:
        self.steps += 1
        self.scores.fill(math.nan)
        histories = self.next_history(state, tokens)
        state.fill(-1)
        self.scores = self.table[histories]
        return self.scores, histories

    def select(self, state: Integers, rows: Integers, /) -> Integers:
        chosen: Integers = state[rows]
        return chosen

    def next_history(self, history: Any, token: Any) -> Any:
        return (history * (self.vocabulary_size + 1) + token + 1) % len(self.table)

    def log_p(self, prompt: Sequence[int], tokens: Sequence[int]) -> list[float]:
        """Return log p of each of `tokens`, number by number."""
        history, values = 0, []
        for token in prompt:
            history = self.next_history(history, token)
        for token in tokens:
            row = self.table[history].tolist()
            chances = [math.exp(x - max(row)) for x in row]
            chance = chances[token] / sum(chances)
            values.append(math.log(chance) if chance > 0 else -math.inf)
            history = self.next_history(history, token)
        return values


def start() -> Integers:
    return np.zeros(1, dtype=np.int64)


def random_toy(seed: int, vocabulary_size: int, *, dtype: Any = np.float64) -> Toy:
    """Return a toy with scores on a grid of eighths, ties among them."""
    table = np.random.default_rng(seed).normal(size=(HISTORIES, vocabulary_size))
    return Toy((np.round(16 * table) / 8).astype(dtype))


def constant_toy(scores: Sequence[float]) -> Toy:
    """Return a toy that always scores alike."""
    return Toy(np.array([scores]))


def toys(most_tokens: int = 6) -> st.SearchStrategy[Toy]:
    return st.builds(random_toy, st.integers(0, 2**32 - 1), st.integers(1, most_tokens))
