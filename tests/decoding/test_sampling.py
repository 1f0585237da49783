"""Samples: one text for one (seed, i) in any batch, drawn as often as the distribution says."""

import itertools
import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.decoding.toys import Toy, constant_toy, random_toy, start, toys
from unroll.decoding import (
    BeamSettings,
    SamplingSettings,
    beam_search,
    filtered,
    inverse_cdf,
    peak_at_zero,
    sample,
    score_tokens,
    softmax,
    stream,
)
from unroll.errors import ConfigError

PLAIN = SamplingSettings()
GREEDY = SamplingSettings(greedy=True)

seeds = st.integers(0, 2**31)


@st.composite
def filters(draw: st.DrawFn, vocabulary_size: int) -> SamplingSettings:
    return SamplingSettings(
        temperature=draw(st.floats(0.1, 10)),
        top_k=draw(st.none() | st.integers(1, vocabulary_size)),
        top_p=draw(st.none() | st.floats(0.01, 1)),
    )


@given(toys(), seeds, st.data())
def test_a_batch_of_five_is_five_batches_of_one(toy: Toy, seed: int, data: st.DataObject) -> None:
    how = data.draw(filters(toy.vocabulary_size))
    first = data.draw(st.integers(0, 3))
    together = sample(toy, start(), [0], settings=how, length=12, seed=seed, samples=5, first=first)
    assert [one.number for one in together] == list(range(first, first + 5))
    for one in together:
        (alone,) = sample(toy, start(), [0], settings=how, length=12, seed=seed, first=one.number)
        assert one == alone


@pytest.mark.parametrize("how", [PLAIN, SamplingSettings(temperature=2, top_p=0.9), GREEDY])
def test_a_shorter_text_is_the_beginning_of_a_longer_one(how: SamplingSettings) -> None:
    toy = random_toy(0, 5)
    long, short = (
        sample(toy, start(), [1, 2], settings=how, length=length, seed=3, samples=2)
        for length in (600, 20)
    )
    assert [one.picks[:20] for one in long] == [one.picks for one in short]
    assert [len(one.tokens) for one in long] == [600, 600]


def test_every_seed_and_every_number_writes_another_text() -> None:
    toy = random_toy(0, 5)
    texts = {
        one.tokens
        for seed in range(10)
        for one in sample(toy, start(), [0], settings=PLAIN, length=30, seed=seed, samples=10)
    }
    assert len(texts) == 100


@given(toys(), seeds, st.data())
def test_a_stream_is_its_sample_with_the_likeliest_tokens_beside(
    toy: Toy, seed: int, data: st.DataObject
) -> None:
    V = toy.vocabulary_size
    how = data.draw(st.just(GREEDY) | filters(V))
    n, number = data.draw(st.integers(0, V)), data.draw(st.integers(0, 9))
    (wanted,) = sample(toy, start(), [0], settings=how, length=8, seed=seed, first=number)
    choices = list(
        stream(toy, start(), [0], settings=how, length=8, seed=seed, number=number, alternatives=n)
    )
    assert tuple(choice.pick for choice in choices) == wanted.picks
    history = toy.next_history(0, 0)
    for choice in choices:
        chances = softmax(peak_at_zero(toy.table[history]))
        likeliest = sorted(range(V), key=lambda token: (-chances[token], token))[:n]
        assert choice.alternatives == tuple((token, chances[token]) for token in likeliest)
        history = toy.next_history(history, choice.pick.token)


def test_a_stream_goes_no_further_than_it_is_read() -> None:
    toy = random_toy(0, 3)
    choices = stream(toy, start(), [0, 1], settings=PLAIN, length=10**9, seed=0)
    assert toy.steps == 0
    assert len(list(itertools.islice(choices, 4))) == 4
    # Two tokens of prompt, and three of the four written.
    assert toy.steps == 5


@given(toys(), seeds, st.data())
def test_each_pick_tells_both_its_probabilities(toy: Toy, seed: int, data: st.DataObject) -> None:
    how = data.draw(filters(toy.vocabulary_size))
    (one,) = sample(toy, start(), [0], settings=how, length=8, seed=seed)
    history = toy.next_history(0, 0)
    for pick in one.picks:
        scores = peak_at_zero(toy.table[history])
        left = filtered(scores, temperature=how.temperature, top_k=how.top_k, top_p=how.top_p)
        assert pick.probability == pytest.approx(softmax(scores)[pick.token], rel=1e-14)
        assert pick.filtered_probability == pytest.approx(softmax(left)[pick.token], rel=1e-14)
        assert pick.filtered_probability > 0
        history = toy.next_history(history, pick.token)


@given(toys(), seeds, st.floats(0.1, 10))
def test_top_k_of_one_is_greedy_is_one_beam(toy: Toy, seed: int, temperature: float) -> None:
    one_left = SamplingSettings(top_k=1, temperature=temperature)
    (drawn,) = sample(toy, start(), [0], settings=one_left, length=10, seed=seed)
    (greedy,) = sample(toy, start(), [0], settings=GREEDY, length=10, seed=seed + 1)
    (beam,) = beam_search(toy, start(), [0], settings=BeamSettings(beams=1), length=10)
    assert drawn.picks == greedy.picks
    assert {pick.filtered_probability for pick in greedy.picks} == {1.0}
    assert beam.tokens == greedy.tokens
    history = toy.next_history(0, 0)
    for token in greedy.tokens:
        row = toy.table[history].tolist()
        assert token == row.index(max(row))
        history = toy.next_history(history, token)


@given(toys(), seeds)
def test_what_was_written_scores_what_its_picks_say(toy: Toy, seed: int) -> None:
    (one,) = sample(toy, start(), [0], settings=PLAIN, length=10, seed=seed)
    score = score_tokens(toy, start(), [0], one.tokens)
    logs = [math.log(pick.probability) for pick in one.picks]
    assert score.log_probabilities_nats == pytest.approx(logs, abs=1e-13)


def chi_square(counts: Counter[int], chances: NDArray[Any]) -> float:
    n = sum(counts.values())
    return math.fsum(
        (counts[token] - n * chance) ** 2 / (n * chance)
        for token, chance in enumerate(chances.tolist())
        if chance > 0
    )


def test_tokens_are_drawn_as_often_as_the_filtered_distribution_says() -> None:
    scores = [math.log(share) for share in (0.05, 0.3, 0.25, 0.2, 0.15, 0.05)]
    how = SamplingSettings(temperature=1.5, top_k=5, top_p=0.8)
    drawn = sample(constant_toy(scores), start(), [0], settings=how, length=1, seed=0, samples=8000)
    counts = Counter(one.tokens[0] for one in drawn)
    peaked = peak_at_zero(np.array(scores))
    chances = softmax(filtered(peaked, temperature=1.5, top_k=5, top_p=0.8))
    assert set(counts) == {1, 2, 3, 4} == set(np.flatnonzero(chances).tolist())
    # Three degrees of freedom: 16.27 is passed by one seed in a thousand.
    assert chi_square(counts, chances) < 16.27
    # Neither temperature could be left out unnoticed.
    colder = softmax(filtered(peaked, top_k=4))
    assert chi_square(counts, colder) > 50


@given(
    st.lists(st.sampled_from([0.0, 1e-300, 1e-17, 0.1, 0.7, 1.0]), min_size=1, max_size=8).filter(
        lambda weights: sum(weights) > 0
    ),
    st.floats(0, 1) | st.sampled_from([0.0, 5e-324, 1 - 2**-53, 1.0]),
)
def test_the_inverse_cdf_never_picks_what_has_no_probability(
    weights: list[float], uniform: float
) -> None:
    token = inverse_cdf(np.cumsum(weights), uniform)
    assert weights[token] > 0
    before = sum(weights[:token])
    assert before <= uniform * sum(weights) <= before + weights[token] or uniform == 1


def test_the_inverse_cdf_by_hand() -> None:
    sums = np.cumsum([0.25, 0.0, 0.5, 0.25, 0.0])
    edges = [(0.0, 0), (0.2499, 0), (0.25, 2), (0.7499, 2), (0.75, 3), (1 - 2**-53, 3), (1.0, 3)]
    assert [(u, inverse_cdf(sums, u)) for u, _ in edges] == edges


def test_a_token_ruled_out_is_never_written() -> None:
    toy = constant_toy([-math.inf, 0.0, -math.inf, 1.0, -math.inf])
    hot = SamplingSettings(temperature=1e300)
    (one,) = sample(toy, start(), [0], settings=hot, length=1000, seed=0)
    assert set(one.tokens) == {1, 3}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"prompt": []}, "prompt must hold 1 token or more, got none"),
        ({"prompt": [0, 3]}, "prompt must hold tokens 0 … 2, got 3"),
        ({"prompt": [-1]}, "prompt must hold tokens 0 … 2, got -1"),
        ({"length": 0}, "length must be 1 or more, got 0"),
    ],
)
@pytest.mark.parametrize("way", [sample, stream])
def test_a_call_that_cannot_be_is_refused_at_once(
    way: Any, wrong: dict[str, Any], message: str
) -> None:
    call = {"prompt": [0], "settings": PLAIN, "length": 2, "seed": 0} | wrong
    with pytest.raises(ConfigError) as caught:
        way(constant_toy([0, 0, 0]), start(), call.pop("prompt"), **call)
    assert str(caught.value) == f"{way.__name__}: {message}"


@pytest.mark.parametrize("way", [sample, stream])
def test_a_top_k_above_the_vocabulary_is_refused_at_once(way: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        way(
            constant_toy([0, 0, 0]),
            start(),
            [0],
            settings=SamplingSettings(top_k=4),
            length=1,
            seed=0,
        )
    assert str(caught.value) == "sampling: top_k must be 1 … V=3, got 4"


@pytest.mark.parametrize(
    ("way", "wrong", "message"),
    [
        (sample, {"samples": 0}, "sample: samples must be 1 or more, got 0"),
        (sample, {"first": -1}, "sample: first must be 0 or more, got -1"),
        (stream, {"number": -1}, "stream: number must be 0 or more, got -1"),
        (stream, {"alternatives": 4}, "stream: alternatives must be 0 … V=3, got 4"),
        (stream, {"alternatives": -1}, "stream: alternatives must be 0 … V=3, got -1"),
    ],
)
def test_counts_out_of_range_are_refused(way: Any, wrong: dict[str, int], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        way(constant_toy([0, 0, 0]), start(), [0], settings=PLAIN, length=1, seed=0, **wrong)
    assert str(caught.value) == message
