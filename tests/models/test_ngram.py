"""The n-gram model beside the formula with dictionaries, and beside its laws."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from unroll.decoding import SamplingSettings, Step, sample, score_tokens
from unroll.errors import ConfigError, ShapeError
from unroll.models import NGram

V = 4


def probability(text: list[int], order: int, context: list[int], target: int) -> float:
    """Witten and Bell's formula, counted anew at every call."""
    p = 1 / V
    for length in range(min(order - 1, len(context)) + 1):
        history = context[len(context) - length :]
        after = Counter(
            text[at + length]
            for at in range(len(text) - length)
            if text[at : at + length] == history
        )
        if after:
            kinds, total = len(after), sum(after.values())
            p = (after[target] + kinds * p) / (total + kinds)
    return p


LETTERS = st.lists(st.integers(0, V - 1), min_size=1, max_size=30)


@settings(max_examples=100, deadline=None)
@given(text=LETTERS, other=LETTERS, order=st.integers(1, 6))
def test_log_probability_equals_the_formula(text: list[int], other: list[int], order: int) -> None:
    model = NGram(np.array(text), vocabulary_size=V, order=order)
    wanted = [
        math.log(probability(text, order, other[:at], token)) for at, token in enumerate(other)
    ]
    # float64, with a handful of operations a number.
    np.testing.assert_allclose(model.log_probability(np.array(other)), wanted, rtol=1e-12)


@settings(max_examples=50, deadline=None)
@given(text=LETTERS, other=LETTERS, order=st.integers(1, 6))
def test_stepping_gives_distributions_and_the_same_numbers(
    text: list[int], other: list[int], order: int
) -> None:
    model = NGram(np.array(text), vocabulary_size=V, order=order)
    state = model.initial_state(2)
    stepped = []
    for token in other:
        scores, state = model(np.array([token, 0]), state)
        np.testing.assert_allclose(np.exp(scores).sum(axis=1), 1, rtol=1e-12)
        stepped.append(scores[0])
    at_once = model.log_probability(np.array(other))
    wanted = [row[token] for row, token in zip(stepped, other[1:], strict=False)]
    np.testing.assert_allclose(at_once[1:], wanted, rtol=1e-12)


def book(characters: int = 12_000) -> NDArray[np.uint8]:
    """Letters in fours, each the one four before it, or by a chance of a tenth any other."""
    random = np.random.default_rng(0)
    text = random.integers(0, V, characters)
    for at in range(4, characters):
        if random.random() < 0.9:
            text[at] = text[at - 4]
    return text.astype(np.uint8)


def test_it_learns_what_its_order_reaches_and_nothing_beyond() -> None:
    text, held_out = book()[:10_000], book()[10_000:]
    losses = [
        -NGram(text, vocabulary_size=V, order=order).log_probability(held_out).mean()
        for order in (1, 4, 5)
    ]
    assert losses[0] == pytest.approx(math.log(V), abs=0.05)
    assert losses[1] > 1.3
    # The source's entropy is 0.35 nats: 92.5% for one letter, 2.5% for each of three others.
    assert 0.3 < losses[2] < 0.45


def test_it_is_a_step_that_decoding_can_use() -> None:
    model: Step[NDArray[np.int64]] = NGram(book(), vocabulary_size=V)
    start = NGram(book(), vocabulary_size=V).initial_state()
    settings = SamplingSettings()
    texts = sample(model, start, [0, 1, 2, 3], settings=settings, length=200, seed=0, samples=3)
    assert [len(text.tokens) for text in texts] == [200] * 3
    tokens = book()[:50].tolist()
    score = score_tokens(model, start, tokens[:1], tokens[1:])
    at_once = NGram(book(), vocabulary_size=V).log_probability(np.array(tokens))
    np.testing.assert_allclose(score.log_probabilities_nats, at_once[1:], rtol=1e-12)


def test_selected_rows_are_copies() -> None:
    model = NGram(book(), vocabulary_size=V, order=3)
    state = np.array([[0, 1], [2, 3]])
    chosen = model.select(state, np.array([1, 1, 0]))
    assert chosen.tolist() == [[2, 3], [2, 3], [0, 1]]
    chosen[0, 0] = 9
    assert state.tolist() == [[0, 1], [2, 3]]


def test_a_large_vocabulary_and_a_high_order_do_not_overflow() -> None:
    """65,536 to the ninth is beyond any integer type; contexts are numbered instead."""
    random = np.random.default_rng(0)
    text = random.integers(0, 2**16, 500).astype(np.uint16)
    model = NGram(text, vocabulary_size=2**16, order=9)
    log_p = model.log_probability(text)
    # Each character but the first has a context that stood once, before it alone.
    assert log_p[1:].min() > math.log(0.4)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (np.array([0, 4]), "2 of int64, 0 to 4"),
        (np.array([-1, 2]), "2 of int64, -1 to 2"),
        (np.zeros(0, dtype=np.uint8), "0 of uint8"),
        (np.zeros(3), "3 of float64, 0.0 to 0.0"),
    ],
)
def test_what_is_no_text_is_refused(wrong: NDArray[np.int64], what: str) -> None:
    said = f"^n-gram: ids must be one or more integers 0 … 3, got {what}$"
    with pytest.raises(ConfigError, match=said):
        NGram(wrong, vocabulary_size=V)
    with pytest.raises(ConfigError, match=said):
        NGram(book(), vocabulary_size=V).log_probability(wrong)


def test_a_wrong_shape_or_order_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"^n-gram: ids must be \(characters,\), got \(1, 2\)$"):
        NGram(np.zeros((1, 2), dtype=np.int64), vocabulary_size=V)
    with pytest.raises(ConfigError, match=r"^n-gram: order must be 1 or more, got 0$"):
        NGram(book(), vocabulary_size=V, order=0)
