"""Teacher forcing: log p of a given text, token by token."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decoding.toys import Toy, constant_toy, start, toys
from unroll.decoding import score_tokens
from unroll.errors import ConfigError


@given(toys(), st.data())
def test_log_p_is_what_the_table_says(toy: Toy, data: st.DataObject) -> None:
    texts = st.lists(st.integers(0, toy.vocabulary_size - 1), min_size=1, max_size=8)
    prompt, tokens = data.draw(texts), data.draw(texts)
    score = score_tokens(toy, start(), prompt, tokens)
    wanted = toy.log_p(prompt, tokens)
    # One exponential, sum and logarithm each.
    assert score.log_probabilities_nats == pytest.approx(wanted, abs=1e-13)
    assert score.total_nats == pytest.approx(math.fsum(wanted), abs=1e-12)
    assert score.nats_per_token == score.total_nats / len(tokens)


@given(toys(), st.data())
def test_a_text_is_scored_alike_wherever_its_prompt_ends(toy: Toy, data: st.DataObject) -> None:
    tokens = st.integers(0, toy.vocabulary_size - 1)
    text = data.draw(st.lists(tokens, min_size=3, max_size=8))
    cut = data.draw(st.integers(1, len(text) - 1))
    whole = score_tokens(toy, start(), text[:1], text[1:]).log_probabilities_nats
    assert (
        score_tokens(toy, start(), text[:cut], text[cut:]).log_probabilities_nats
        == (whole[cut - 1 :])
    )


@given(toys(most_tokens=3), st.integers(1, 3))
def test_the_texts_of_one_length_share_a_probability_of_one(toy: Toy, length: int) -> None:
    texts: list[list[int]] = [[]]
    for _ in range(length):
        texts = [[*text, token] for text in texts for token in range(toy.vocabulary_size)]
    totals = [score_tokens(toy, start(), [0], text).total_nats for text in texts]
    assert math.fsum(map(math.exp, totals)) == pytest.approx(1, abs=1e-13)


def test_a_token_ruled_out_makes_a_text_impossible() -> None:
    score = score_tokens(constant_toy([0.0, -math.inf]), start(), [0], [0, 1, 0])
    assert score.log_probabilities_nats == (0.0, -math.inf, 0.0)
    assert score.total_nats == -math.inf
    assert score.nats_per_token == -math.inf


@pytest.mark.parametrize(
    ("prompt", "tokens", "message"),
    [
        ([], [0], "score: prompt must hold 1 token or more, got none"),
        ([0], [], "score: tokens must hold 1 token or more, got none"),
        ([0], [0, 2], "score: tokens must hold tokens 0 … 1, got 2"),
    ],
)
def test_a_text_that_cannot_be_scored_is_refused(
    prompt: list[int], tokens: list[int], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        score_tokens(constant_toy([0.0, 0.0]), start(), prompt, tokens)
    assert str(caught.value) == message
