"""The n-gram model: what a table of the book's short sequences can do."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unroll.errors import ConfigError, ShapeError

Integers = NDArray[np.int64]
Log = NDArray[np.float64]

NOTHING = -1
"""In place of a character before the text's first."""


@dataclass(frozen=True, kw_only=True)
class _Level:
    """Counts of what follows contexts of one length.

    A context is a number: its place among the contexts of its length, found from that of the
    context one shorter and the one more character before it, both in one key. So keys stay below
    characters · V, however long the contexts are.
    """

    contexts: Integers
    """Sorted keys, shorter context · V + the character before it; empty at length 0."""
    pairs: Integers
    """Sorted keys, context · V + the character after it."""
    pair_counts: Integers
    """How often each pair stands in the text, c(h, v)."""
    totals: Integers
    """How often each context stands before a character, c(h)."""
    kinds: Integers
    """How many different characters follow each context, t(h)."""


class NGram:
    """Score the next character by what followed the last n − 1 characters in a text.

        p(v | h) = (c(h, v) + t(h) p(v | h')) / (c(h) + t(h)),      p(v | nothing) from 1 / V

    c(h, v) counts v after the context h, c(h) all characters after it, t(h) the different ones; h'
    is h without its first character. A context that never occurred leaves p(v | h') as it is.
    This is Witten & Bell's smoothing, interpolated: no character is impossible, and nothing is to
    be tuned.

    It is a `decoding.Step`: tokens (B,), state (B, n − 1) -> log p (B, V), state; the state is the
    last n − 1 characters, −1 where there are none yet.

    Shapes: ids (characters,), 0 … V − 1.
    Raises: ConfigError when the order is below 1, or ids are none or not such; ShapeError when
    they are not (characters,).
    Source: Witten & Bell 1991, "The zero-frequency problem", method C; Chen & Goodman 1998.
    """

    def __init__(self, ids: NDArray[Any], *, vocabulary_size: int, order: int = 5) -> None:
        if order < 1:
            raise ConfigError(f"n-gram: order must be 1 or more, got {order}")
        self.order = order
        self.vocabulary_size = vocabulary_size
        text = self._checked(ids)
        context = np.zeros(len(text), dtype=np.int64)
        self._levels = []
        for length in range(min(order, len(text))):
            keys = np.empty(0, dtype=np.int64)
            if length:
                # From here on, targets are the characters that have `length` before them.
                wider = context[1:] * vocabulary_size + text[: len(text) - length]
                keys, context = np.unique(wider, return_inverse=True)
            self._levels.append(self._count(keys, context, text[length:]))

    def initial_state(self, rows: int = 1) -> Integers:
        """Return the state before a text's first character: (rows, n − 1)."""
        return np.full((rows, self.order - 1), NOTHING, dtype=np.int64)

    def __call__(self, tokens: Integers, state: Integers, /) -> tuple[Log, Integers]:
        """Read one character a row, and return log p of each that may be next: (B, V), state."""
        state = np.concatenate([state, tokens[:, None]], axis=1)[:, 1:]
        every = np.broadcast_to(np.arange(self.vocabulary_size), (len(state), self.vocabulary_size))
        return np.log(self._probability(state, every)), state

    def select(self, state: Integers, rows: Integers, /) -> Integers:
        """Return a state whose row n is a copy of `state`'s row `rows[n]`."""
        return state[rows]

    def log_probability(self, ids: NDArray[Any]) -> Log:
        """Return log p in nats of each character of a text, given those before it in the text.

        Shapes: (characters,) -> (characters,). Minus its mean is the loss in nats.
        Raises: as the constructor.
        """
        text = self._checked(ids)
        padded = np.concatenate([np.full(self.order - 1, NOTHING), text])
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.order)
        p = self._probability(windows[:, :-1], text[:, None])
        return np.log(p[:, 0])

    def _probability(self, contexts: Integers, targets: Integers) -> Log:
        """Return p of targets (N, M) after contexts (N, n − 1): (N, M)."""
        V = self.vocabulary_size
        p = np.full(targets.shape, 1 / V)
        context = np.zeros(len(targets), dtype=np.int64)
        known = np.ones(len(targets), dtype=np.bool_)
        for length, level in enumerate(self._levels):
            if length:
                before = contexts[:, -length]
                known &= before != NOTHING
                context, found = _find(level.contexts, context * V + before)
                known &= found
            pairs, found = _find(level.pairs, context[:, None] * V + targets)
            counts = np.where(found, level.pair_counts[pairs], 0)
            kinds, totals = level.kinds[context, None], level.totals[context, None]
            p = np.where(known[:, None], (counts + kinds * p) / (totals + kinds), p)
        return p

    def _count(self, keys: Integers, context: Integers, following: Integers) -> _Level:
        V = self.vocabulary_size
        pairs, pair_counts = np.unique(context * V + following, return_counts=True)
        totals = np.bincount(context)
        return _Level(
            contexts=keys,
            pairs=pairs,
            pair_counts=pair_counts,
            totals=totals,
            kinds=np.bincount(pairs // V, minlength=len(totals)),
        )

    def _checked(self, ids: NDArray[Any]) -> Integers:
        array = np.asarray(ids)
        if array.ndim != 1:
            raise ShapeError(f"n-gram: ids must be (characters,), got {array.shape}")
        V = self.vocabulary_size
        if array.dtype.kind not in "iu" or not array.size or array.min() < 0 or array.max() >= V:
            raise ConfigError(
                f"n-gram: ids must be one or more integers 0 … {V - 1}, got {array.size:,} of "
                f"{array.dtype}" + (f", {array.min()} to {array.max()}" if array.size else "")
            )
        return array.astype(np.int64)


def _find(sorted_keys: Integers, keys: Integers) -> tuple[Integers, NDArray[np.bool_]]:
    """Return the place of each key, any where it is not there, and whether it is there."""
    places = np.minimum(np.searchsorted(sorted_keys, keys), len(sorted_keys) - 1)
    return places, sorted_keys[places] == keys
