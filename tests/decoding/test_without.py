"""Tokens that are never written: their probability goes to the others."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.decoding.toys import Toy, constant_toy, random_toy, start
from unroll.decoding import (
    BeamSettings,
    SamplingSettings,
    Without,
    beam_search,
    sample,
    score_tokens,
)
from unroll.decoding.step import Integers
from unroll.errors import ConfigError


@pytest.mark.parametrize("tokens", [[0], [3], [0, 2], [2, 0, 2]])
def test_the_others_share_what_the_tokens_had(tokens: list[int]) -> None:
    toy = random_toy(3, 4)
    left = sorted({0, 1, 2, 3} - set(tokens))
    alone = sum(math.exp(toy.log_p([1], [token])[0]) for token in left)
    for token in left:
        (found,) = score_tokens(Without(toy, tokens), start(), [1], [token]).log_probabilities_nats
        # The same sums in another order, in float64.
        assert found == pytest.approx(toy.log_p([1], [token])[0] - math.log(alone), abs=1e-12)
    ruled_out = score_tokens(Without(toy, tokens), start(), [1], tokens[:1])
    assert ruled_out.log_probabilities_nats == (-math.inf,)


def test_no_way_of_writing_offers_them() -> None:
    step = Without(random_toy(5, 3), [1])
    texts = sample(
        step,
        start(),
        [0],
        settings=SamplingSettings(temperature=5.0),
        length=200,
        seed=0,
        samples=3,
    )
    assert {token for text in texts for token in text.tokens} == {0, 2}
    beams = beam_search(step, start(), [0], settings=BeamSettings(beams=4), length=6)
    assert all(1 not in beam.tokens for beam in beams)


def test_they_may_be_read() -> None:
    toy = random_toy(5, 3)
    step = Without(toy, [1])
    scores, state = step(np.array([1]), start())
    assert state.tolist() == [toy.next_history(0, 1)]
    assert scores[0, 1] == -math.inf
    assert step.vocabulary_size == 3
    assert step.select(np.array([7, 8]), np.array([1, 1])).tolist() == [8, 8]


def test_scores_of_the_steps_own_stay_as_they_are() -> None:
    class Keeps(Toy):
        def __call__(self, tokens: Integers, state: Integers, /) -> tuple[NDArray[Any], Integers]:
            _, state = super().__call__(tokens, state)
            return self.table, state

    toy = Keeps(np.zeros((1, 3), dtype=np.float32))
    scores, _ = Without(toy, [2])(np.array([0]), start())
    assert scores.dtype == np.float32
    assert toy.table.tolist() == [[0, 0, 0]]


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([], "Without: tokens must hold 1 token or more, got none"),
        ([1, 3], "Without: tokens must hold tokens 0 … 2, got 3"),
        ([-1], "Without: tokens must hold tokens 0 … 2, got -1"),
        ([2, 0, 1, 1], "Without: tokens must leave one to be written, got all 3"),
    ],
)
def test_what_cannot_be_ruled_out_is_refused(tokens: list[int], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Without(constant_toy([0.0, 1.0, 2.0]), tokens)
    assert str(caught.value) == message
