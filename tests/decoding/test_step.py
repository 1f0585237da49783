"""The boundary between a model and decoding: shapes, NaN, and states that are overwritten."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.decoding.toys import Toy, random_toy, start
from unroll.decoding import (
    BeamSettings,
    SamplingSettings,
    ScoresError,
    beam_search,
    peak_at_zero,
    sample,
    score_tokens,
    stream,
)
from unroll.decoding.step import Integers, read
from unroll.errors import ShapeError

GREEDY = SamplingSettings(greedy=True)
WAYS: dict[str, Callable[[Toy], Any]] = {
    "sample": lambda toy: sample(
        toy, start(), [0], settings=SamplingSettings(), length=3, seed=0, samples=2
    ),
    "greedy": lambda toy: sample(toy, start(), [0], settings=GREEDY, length=3, seed=0),
    "stream": lambda toy: list(stream(toy, start(), [0], settings=GREEDY, length=3, seed=0)),
    "beams": lambda toy: beam_search(toy, start(), [0], settings=BeamSettings(), length=3),
    "score": lambda toy: score_tokens(toy, start(), [0], [1, 1]),
}
HINT = "the model's weights are damaged, or its training diverged"


@pytest.mark.parametrize(
    ("row", "got"),
    [
        ([0.0, math.nan], "nan"),
        ([math.inf, 0.0], "inf"),
        ([math.inf, math.nan], "nan"),
        ([-math.inf, -math.inf], "-inf"),
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_scores_that_give_no_distribution_are_refused(row: list[float], got: str, way: str) -> None:
    toy = Toy(np.array([[0.0, 1.0], row]))  # history 1 is the prompt's
    with pytest.raises(ScoresError) as caught:
        WAYS[way](toy)
    wanted = f"step: the highest score of each row must be finite, got {got}: {HINT}"
    assert str(caught.value) == wanted


def test_one_bad_row_of_many_is_found() -> None:
    with pytest.raises(ScoresError):
        peak_at_zero(np.array([[0.0, 1.0], [math.nan, 0.0], [2.0, 1.0]]))


def test_a_token_ruled_out_is_no_error() -> None:
    assert peak_at_zero(np.array([-math.inf, 3.0])).tolist() == [-math.inf, 0.0]


def test_scores_of_another_shape_are_refused() -> None:
    class Wider(Toy):
        def __call__(self, tokens: Integers, state: Integers, /) -> tuple[NDArray[Any], Integers]:
            scores, state = super().__call__(tokens, state)
            return np.repeat(scores, 2, axis=1), state

    with pytest.raises(ShapeError) as caught:
        read(Wider(np.zeros((7, 3))), start(), [0])
    assert str(caught.value) == "step: scores must be (B=1, V=3), got (1, 6)"


@given(st.lists(st.integers(0, 3), min_size=1, max_size=5))
def test_a_prompt_is_read_to_its_end_and_the_state_left_as_it_is(prompt: list[int]) -> None:
    toy, state = random_toy(5, 4), start()
    history = 0
    for token in prompt:
        history = toy.next_history(history, token)
    for _ in range(2):
        scores, after = read(toy, state, prompt)
        assert (scores == toy.table[history] - toy.table[history].max()).all()
        assert after.tolist() == [history]
        assert state.tolist() == [0]


@pytest.mark.parametrize("way", WAYS)
def test_no_step_is_taken_after_the_last_token(way: str) -> None:
    toy = random_toy(5, 3)
    WAYS[way](toy)
    # One for the prompt, and one after each token but the last: `score` is given two tokens.
    assert toy.steps == (2 if way == "score" else 3)


def test_only_the_first_row_of_a_state_is_read() -> None:
    toy = random_toy(5, 4)
    scores, _ = read(toy, np.array([0, 17]), [2])
    assert (scores == read(toy, start(), [2])[0]).all()
