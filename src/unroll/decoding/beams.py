"""Look for the likeliest text: beam search."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np

from unroll.decoding.filters import log_softmax
from unroll.decoding.step import Scores, Step, advance, check_count, check_tokens, read
from unroll.errors import ConfigError

S = TypeVar("S")

HIGHEST_ALPHA = 10.0


@dataclass(frozen=True, kw_only=True)
class BeamSettings:
    """How many texts are followed, how lengths are compared, and what ends a text.

    Raises: ConfigError for no beams, an α out of range, or an empty `until`.
    """

    beams: int = 5
    """Texts kept at each step; 1 is greedy, and V^length is exhaustive."""
    alpha: float = 1.0
    """α of log p / length^α, 0 … 10. At 1 the score is nats per token, the negative of the loss in
    which everything else here is measured; 0 is log p itself, which favours an early end; above 1
    length is rewarded for its own sake."""
    until: tuple[int, ...] | None = None
    """Tokens that end a text, and belong to it; they must all be its own, not the prompt's. None:
    all texts have the same length, and α changes no order."""

    def __post_init__(self) -> None:
        check_count("beams", "beams", self.beams)
        if not 0 <= self.alpha <= HIGHEST_ALPHA:
            raise ConfigError(f"beams: alpha must be 0 … {HIGHEST_ALPHA:g}, got {self.alpha}")
        if self.until is not None and len(self.until) < 1:
            raise ConfigError("beams: until must hold 1 token or more, got none")


@dataclass(frozen=True, kw_only=True)
class Beam:
    """A text that the search kept, the prompt left out."""

    tokens: tuple[int, ...]
    """What was written, `until` included where it came."""
    log_probability_nats: float
    """log p of the tokens, given the prompt."""
    score: float
    """log p / length^α: higher is better, and 0 is certainty."""
    ended: bool
    """Whether it ends with `until`; otherwise the length, or the end of the search, cut it off."""


class _Open(NamedTuple):
    """A text that may still grow; `parent` is its row in the state before its last token."""

    parent: int
    tokens: tuple[int, ...]
    log_p: float


def beam_search(
    step: Step[S], state: S, prompt: Sequence[int], *, settings: BeamSettings, length: int
) -> tuple[Beam, ...]:
    """Return the texts of at most `length` tokens that the search kept, the best first.

    Of all continuations of the W open texts by one token, the W likeliest are kept, of equals the
    one of the better text and then of the lower token. One that ends with `until` is set aside,
    and its place is not filled again: W texts in all, and W = 1 is greedy. The search stops when
    none is open, at `length`, or when no open text can still come first: with log p so far, it
    could reach log p / length^α at the very best.

    Texts that ended come before those cut off, by score each. Fewer than W come back only when
    fewer have a probability above zero. Without `until` all have the same length: dividing by it
    changes no order.

    `state` has one row, from before the prompt, and stays as it is.

    Source: Sutskever et al. 2014, whose beam also narrows as texts end; Wu et al. 2016 divide by
    ((5 + length) / 6)^α instead, and stop on a threshold.
    Raises: ConfigError for an empty prompt, an unknown token, no length, or `until` longer than
    the length; ScoresError when the model's scores give no distribution.
    """
    check_tokens("beams", "prompt", prompt, step.vocabulary_size)
    check_count("beams", "length", length)
    if settings.until is not None:
        check_tokens("beams", "until", settings.until, step.vocabulary_size)
        if len(settings.until) > length:
            raise ConfigError(
                f"beams: until must fit the length, {length}, got {len(settings.until)} tokens"
            )
    scores, state = read(step, state, prompt)
    open_texts = [_Open(0, (), 0.0)]
    ended: list[Beam] = []
    for n in range(1, length + 1):
        texts = _continue(open_texts, scores, settings.beams - len(ended))
        open_texts = [text for text in texts if not _ends(text, settings)]
        ended += [_beam(text, settings) for text in texts if _ends(text, settings)]
        if n == length or not open_texts or _decided(open_texts, ended, settings, length):
            break
        state = step.select(state, np.array([text.parent for text in open_texts], dtype=np.int64))
        tokens = np.array([text.tokens[-1] for text in open_texts], dtype=np.int64)
        scores, state = advance(step, tokens, state)
    cut_off = [_beam(text, settings) for text in open_texts]
    return tuple(sorted(ended + cut_off, key=lambda beam: (not beam.ended, -beam.score)))


def _continue(texts: list[_Open], scores: Scores, width: int) -> list[_Open]:
    """Return the `width` likeliest continuations, the likeliest first: scores (W, V)."""
    log_p = np.array([[text.log_p] for text in texts]) + log_softmax(scores)
    best = np.argsort(-log_p, axis=None, kind="stable")[:width]
    rows, tokens = np.unravel_index(best, log_p.shape)
    return [
        _Open(row, (*texts[row].tokens, token), value)
        for row, token, value in zip(
            rows.tolist(), tokens.tolist(), log_p.ravel()[best].tolist(), strict=True
        )
        if value > -np.inf
    ]


def _ends(text: _Open, settings: BeamSettings) -> bool:
    return settings.until is not None and text.tokens[-len(settings.until) :] == settings.until


def _beam(text: _Open, settings: BeamSettings) -> Beam:
    return Beam(
        tokens=text.tokens,
        log_probability_nats=text.log_p,
        score=text.log_p / len(text.tokens) ** settings.alpha,
        ended=_ends(text, settings),
    )


def _decided(
    open_texts: list[_Open], ended: list[Beam], settings: BeamSettings, length: int
) -> bool:
    """Tell whether a text that ended beats whatever an open one can still become."""
    if not ended:
        return False
    # log p only falls as a text grows, and the longest divisor brings it nearest to zero.
    reachable: float = max(text.log_p for text in open_texts) / length**settings.alpha
    return max(beam.score for beam in ended) >= reachable
