"""Make a next-token distribution narrower or wider: temperature, then top-k, then top-p.

Every filter takes and returns scores whose maximum is 0 in each row (see `peak_at_zero`), (…, V);
a token that is taken out has the score −∞.
"""

import math

import numpy as np
from numpy.typing import NDArray

from unroll.decoding.step import Scores
from unroll.errors import ConfigError


def softmax(scores: Scores) -> Scores:
    """Return the probabilities p_v = exp(x_v) / Σ_u exp(x_u): (…, V) -> (…, V)."""
    weights = np.exp(scores)
    return weights / np.add.reduce(weights, axis=-1, keepdims=True)


def log_softmax(scores: Scores) -> Scores:
    """Return log p, in nats: (…, V) -> (…, V). None is above 0, rounding included."""
    return scores - np.log(np.add.reduce(np.exp(scores), axis=-1, keepdims=True))


def at_temperature(scores: Scores, temperature: float) -> Scores:
    """Return x / T, so that softmax gives p_v ∝ exp(x_v / T).

    T < 1 sharpens, towards greedy as T → 0; T > 1 flattens, towards uniform. The assignment writes
    softmax(τ x): its τ is 1 / T, and a larger τ is greedier.

    Raises: ConfigError unless T is positive and finite.
    """
    check_temperature(temperature)
    with np.errstate(over="ignore"):  # far below the peak at a tiny T: −∞, probability zero
        return scores / temperature


def keep_top_k(scores: Scores, k: int) -> Scores:
    """Keep the k likeliest tokens: exactly k, of equals those with the lower index.

    Raises: ConfigError unless k is 1 … V.
    """
    check_top_k(k, scores.shape[-1])
    kept = scores.copy()
    for row in kept.reshape(-1, scores.shape[-1]):
        row[ranked(row)[k:]] = -np.inf
    return kept


def keep_top_p(scores: Scores, p: float) -> Scores:
    """Keep the smallest set of likeliest tokens whose probability reaches p: at least one.

    Of equals, those with the lower index are kept first; p = 1 keeps all.
    Source: Holtzman et al. 2020, nucleus sampling.

    Raises: ConfigError unless p is above 0 and at most 1.
    """
    check_top_p(p)
    if p == 1:
        # The running sum reaches 1 in rounding while tokens of small probability are still left.
        return scores
    kept = scores.copy()
    for row in kept.reshape(-1, scores.shape[-1]):
        order = ranked(row)
        sums = np.exp(row[order]).cumsum()
        last = sums.searchsorted(p * sums[-1])
        row[order[last + 1 :]] = -np.inf
    return kept


def ranked(scores: Scores) -> NDArray[np.intp]:
    """Return tokens from the likeliest down, of equals the lower first: (V,) -> (V,)."""
    return np.argsort(-scores, kind="stable")


def filtered(
    scores: Scores,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Scores:
    """Apply temperature, then top-k, then top-p: top-p counts what is left, at that temperature.

    Shapes: scores (…, V) -> (…, V).
    Raises: ConfigError for a temperature, k or p out of range.
    """
    if temperature != 1:
        scores = at_temperature(scores, temperature)
    if top_k is not None:
        scores = keep_top_k(scores, top_k)
    if top_p is not None:
        scores = keep_top_p(scores, top_p)
    return scores


def check_temperature(temperature: float) -> None:
    """Raise ConfigError unless the temperature is positive and finite."""
    if not (math.isfinite(temperature) and temperature > 0):
        raise ConfigError(
            f"sampling: temperature must be positive and finite, got {temperature}"
            + (": for the likeliest token each time, ask for greedy" if temperature == 0 else "")
        )


def check_top_k(k: int, vocabulary_size: int | None = None) -> None:
    """Raise ConfigError unless k is 1 … V; without V, unless it is 1 or more."""
    if k < 1 or (vocabulary_size is not None and k > vocabulary_size):
        most = "V" if vocabulary_size is None else f"V={vocabulary_size}"
        raise ConfigError(f"sampling: top_k must be 1 … {most}, got {k}")


def check_top_p(p: float) -> None:
    """Raise ConfigError unless p is above 0 and at most 1."""
    if not 0 < p <= 1:
        raise ConfigError(f"sampling: top_p must be above 0 and at most 1, got {p}")
