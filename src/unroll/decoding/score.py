"""How probable the model finds a given text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from unroll.decoding.step import Step, advance, check_tokens, read

S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class Score:
    """log p of each token of a text, given the prompt and the tokens before it."""

    log_probabilities_nats: tuple[float, ...]
    """Token by token, 0 at most; −∞ for one that the model rules out."""

    @property
    def total_nats(self) -> float:
        """The log probability of the whole text."""
        return math.fsum(self.log_probabilities_nats)

    @property
    def nats_per_token(self) -> float:
        """Mean log p: the negative of the loss. Divided by −log 2, it is bits per token."""
        return self.total_nats / len(self.log_probabilities_nats)


def score_tokens(step: Step[S], state: S, prompt: Sequence[int], tokens: Sequence[int]) -> Score:
    """Read prompt and tokens, and return log p of each of `tokens`: teacher forcing.

        log p(tokens | prompt) = Σ_n log p(token_n | prompt, token_1 … token_n−1)

    To score a whole text, its first token is the prompt. `state` has one row, from before the
    prompt, and stays as it is.

    Raises: ConfigError when prompt or tokens are empty, or hold an unknown token; ScoresError when
    the model's scores give no distribution.
    """
    check_tokens("score", "prompt", prompt, step.vocabulary_size)
    check_tokens("score", "tokens", tokens, step.vocabulary_size)
    scores, state = read(step, state, prompt)
    log_p = []
    for n, token in enumerate(tokens):
        if n > 0:
            scores, state = advance(step, np.array([tokens[n - 1]], dtype=np.int64), state)
        log_p.append(float(scores[0, token]) - math.log(float(np.add.reduce(np.exp(scores[0])))))
    return Score(log_probabilities_nats=tuple(log_p))
