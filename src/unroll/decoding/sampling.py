"""Write text by drawing one token after another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import torch

from unroll.decoding.filters import (
    check_temperature,
    check_top_k,
    check_top_p,
    filtered,
    ranked,
    softmax,
)
from unroll.decoding.step import Scores, Step, advance, check_count, check_tokens, read
from unroll.errors import ConfigError
from unroll.seeding import make_generator

S = TypeVar("S")

DRAWS_AHEAD = 256
"""Uniform numbers made at once: one call costs as much as drawing dozens."""


@dataclass(frozen=True, kw_only=True)
class SamplingSettings:
    """How the next token is chosen: drawn after temperature, top-k and top-p, in this order.

    Raises: ConfigError for a value out of range, or for `greedy` with anything else.
    """

    temperature: float = 1.0
    """T of softmax(x / T), positive; the assignment's τ is 1 / T."""
    top_k: int | None = None
    """Draw among the k likeliest, 1 … V; None: among all."""
    top_p: float | None = None
    """Draw among the fewest likeliest that together reach p, in (0, 1]; None: among all."""
    greedy: bool = False
    """Take the likeliest token each time, of equals the lowest; nothing is drawn."""

    def __post_init__(self) -> None:
        check_temperature(self.temperature)
        if self.top_k is not None:
            check_top_k(self.top_k)
        if self.top_p is not None:
            check_top_p(self.top_p)
        if self.greedy and (self.temperature, self.top_k, self.top_p) != (1.0, None, None):
            raise ConfigError(
                "sampling: greedy draws nothing: leave out temperature, top_k and top_p, or greedy"
            )


class Pick(NamedTuple):
    """A token that was written."""

    token: int
    probability: float
    """What the model gave it, before temperature and filters."""
    filtered_probability: float
    """What it had in the distribution that it was drawn from; 1 when greedy."""


class Alternative(NamedTuple):
    """A token that could have been written, and the model's probability, unfiltered."""

    token: int
    probability: float


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A text that was written, the prompt left out."""

    number: int
    """i, which with the seed names the draws."""
    picks: tuple[Pick, ...]
    """Token by token."""

    @property
    def tokens(self) -> tuple[int, ...]:
        """The tokens alone."""
        return tuple(pick.token for pick in self.picks)


class Choice(NamedTuple):
    """A token that was written, and what else there was."""

    pick: Pick
    alternatives: tuple[Alternative, ...]
    """The model's likeliest tokens, from the likeliest down; the one picked may be among them."""


def sample(
    step: Step[S],
    state: S,
    prompt: Sequence[int],
    *,
    settings: SamplingSettings,
    length: int,
    seed: int,
    samples: int = 1,
    first: int = 0,
) -> tuple[Sample, ...]:
    """Write samples `first` … `first + samples − 1` side by side, `length` tokens each.

    Sample i draws from a generator of its own, made from (seed, i), so that it is the same in
    every batch whose step gives the same scores, and a shorter text is the beginning of a longer
    one. A float32 step may round differently in another batch: two texts then part only where a
    draw falls within that rounding of the edge between two tokens.

    `state` has one row, from before the prompt, and stays as it is.

    Raises: ConfigError for an empty prompt, an unknown token, no length, no samples, or top_k
    above V; ScoresError when the model's scores give no distribution.
    """
    check_count("sample", "samples", samples)
    check_count("sample", "first", first, least=0)
    _check("sample", step, prompt, settings, length)
    numbers = range(first, first + samples)
    draws = [uniforms(seed, number) for number in numbers]
    columns = [picks for _, picks in _write(step, state, prompt, settings, length, draws)]
    return tuple(
        Sample(number=number, picks=picks)
        for number, picks in zip(numbers, zip(*columns, strict=True), strict=True)
    )


def stream(
    step: Step[S],
    state: S,
    prompt: Sequence[int],
    *,
    settings: SamplingSettings,
    length: int,
    seed: int,
    number: int = 0,
    alternatives: int = 0,
) -> Iterator[Choice]:
    """Write sample `number` token by token, each with the model's likeliest `alternatives`.

    The same tokens as `sample`, in a batch of one. What is wrong is said at once, not at the
    first token.

    Raises: as `sample`; ConfigError unless alternatives are 0 … V.
    """
    check_count("stream", "number", number, least=0)
    _check("stream", step, prompt, settings, length)
    V = step.vocabulary_size
    if not 0 <= alternatives <= V:
        raise ConfigError(f"stream: alternatives must be 0 … V={V}, got {alternatives}")
    written = _write(step, state, prompt, settings, length, [uniforms(seed, number)])
    return (Choice(pick, likeliest(scores[0], alternatives)) for scores, (pick,) in written)


def likeliest(scores: Scores, n: int) -> tuple[Alternative, ...]:
    """Return the n likeliest tokens, of equals the lower first: scores (V,)."""
    if n == 0:
        return ()
    probabilities = softmax(scores)
    tokens = ranked(scores)[:n].tolist()
    return tuple(Alternative(token, float(probabilities[token])) for token in tokens)


def uniforms(seed: int, number: int) -> Iterator[float]:
    """Yield the draws of sample `number`, in [0, 1)."""
    generator = make_generator(seed, f"sample {number}")
    while True:
        yield from torch.rand(DRAWS_AHEAD, generator=generator, dtype=torch.float64).tolist()


def inverse_cdf(sums: Scores, uniform: float) -> int:
    """Return the first token whose running sum of weights is above `uniform` of the whole.

    Never a token of weight zero, and not past the end where uniform · whole rounds to the whole.

    Shapes: sums (V,), not normalised.

    >>> [inverse_cdf(np.array([0.0, 1.0, 1.0, 4.0, 4.0]), u) for u in (0.0, 0.24, 0.25, 1.0)]
    [1, 1, 3, 3]
    """
    whole: float = sums.item(-1)
    token = int(sums.searchsorted(uniform * whole, "right"))
    if token > 0 and sums.item(token - 1) == whole:
        token = int(sums.searchsorted(whole))
    return token


def _check(
    where: str, step: Step[S], prompt: Sequence[int], settings: SamplingSettings, length: int
) -> None:
    check_tokens(where, "prompt", prompt, step.vocabulary_size)
    check_count(where, "length", length)
    if settings.top_k is not None:
        check_top_k(settings.top_k, step.vocabulary_size)


def _write(
    step: Step[S],
    state: S,
    prompt: Sequence[int],
    settings: SamplingSettings,
    length: int,
    draws: Sequence[Iterator[float]],
) -> Iterator[tuple[Scores, list[Pick]]]:
    """Yield, `length` times, the scores (B, V) and what was picked from each row."""
    scores, state = read(step, state, prompt)
    rows = np.zeros(len(draws), dtype=np.int64)
    scores, state = scores[rows], step.select(state, rows)
    for n in range(length):
        picks = _pick(scores, settings, draws)
        yield scores, picks
        if n < length - 1:
            tokens = np.array([pick.token for pick in picks], dtype=np.int64)
            scores, state = advance(step, tokens, state)


def _pick(
    scores: Scores, settings: SamplingSettings, draws: Sequence[Iterator[float]]
) -> list[Pick]:
    """Pick one token a row. Weights stay unnormalised: only the numbers looked at are divided."""
    weights = np.exp(scores)
    wholes: list[float] = np.add.reduce(weights, -1).tolist()
    if settings.greedy:
        tokens = scores.argmax(axis=-1).tolist()
        return [
            Pick(token, weights.item(row, token) / wholes[row], 1.0)
            for row, token in enumerate(tokens)
        ]
    left = filtered(
        scores,
        temperature=settings.temperature,
        top_k=settings.top_k,
        top_p=settings.top_p,
    )
    drawn_from = weights if left is scores else np.exp(left)
    sums = np.add.accumulate(drawn_from, -1)
    picks = []
    for row, draw in enumerate(draws):
        token = inverse_cdf(sums[row], next(draw))
        probability = weights.item(row, token) / wholes[row]
        picks.append(Pick(token, probability, drawn_from.item(row, token) / sums.item(row, -1)))
    return picks
