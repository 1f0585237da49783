"""Beam search against the search of everything, on toys where everything is few."""

import itertools
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decoding.toys import Toy, constant_toy, start, toys
from unroll.decoding import Beam, BeamSettings, SamplingSettings, beam_search, sample, score_tokens
from unroll.errors import ConfigError

alphas = st.sampled_from([0.0, 0.5, 1.0, 2.0])
# log p is a sum of five logarithms, each rounded at 1e-16 of at most 20.
ROUNDING = 1e-12


def everything(toy: Toy, length: int, until: tuple[int, ...] | None) -> dict[tuple[int, ...], bool]:
    """Return every text that a search could end with, and whether it ended with `until`."""
    texts = {}
    for tokens in itertools.product(range(toy.vocabulary_size), repeat=length):
        ends = [
            n
            for n in range(1, length + 1)
            if until is not None and tokens[max(0, n - len(until)) : n] == until
        ]
        texts[tokens[: ends[0]] if ends else tokens] = bool(ends)
    return texts


@st.composite
def searches(draw: st.DrawFn) -> tuple[Toy, list[int], int, float]:
    toy = draw(toys(most_tokens=4))
    prompt = draw(st.lists(st.integers(0, toy.vocabulary_size - 1), min_size=1, max_size=3))
    return toy, prompt, draw(st.integers(1, 5)), draw(alphas)


@settings(max_examples=40)
@given(searches())
def test_wide_enough_it_returns_every_text_in_order(
    search: tuple[Toy, list[int], int, float],
) -> None:
    toy, prompt, length, alpha = search
    how = BeamSettings(beams=toy.vocabulary_size**length, alpha=alpha)
    beams = beam_search(toy, start(), prompt, settings=how, length=length)
    assert {beam.tokens for beam in beams} == set(everything(toy, length, None))
    assert len(beams) == how.beams
    assert not any(beam.ended for beam in beams)
    for beam in beams:
        log_p = math.fsum(toy.log_p(prompt, beam.tokens))
        assert beam.log_probability_nats == pytest.approx(log_p, abs=ROUNDING)
        assert beam.score == pytest.approx(log_p / length**alpha, abs=ROUNDING)
    scores = [beam.score for beam in beams]
    assert scores == sorted(scores, reverse=True)


@settings(max_examples=60)
@given(searches(), st.data())
def test_wide_enough_it_finds_the_best_text_that_ends(
    search: tuple[Toy, list[int], int, float], data: st.DataObject
) -> None:
    toy, prompt, length, alpha = search
    V = toy.vocabulary_size
    until = data.draw(st.lists(st.integers(0, V - 1), min_size=1, max_size=min(2, length)))
    how = BeamSettings(beams=V**length, alpha=alpha, until=tuple(until))
    beams = beam_search(toy, start(), prompt, settings=how, length=length)
    texts = everything(toy, length, tuple(until))
    best = max(
        math.fsum(toy.log_p(prompt, tokens)) / len(tokens) ** alpha
        for tokens, ended in texts.items()
        if ended
    )
    assert beams[0].ended
    assert texts[beams[0].tokens]
    # The score, and not the tokens: toys have ties.
    assert beams[0].score == pytest.approx(best, abs=ROUNDING)


@settings(max_examples=60)
@given(searches(), st.integers(1, 7), st.data())
def test_beams_of_any_width_are_texts_with_their_own_score(
    search: tuple[Toy, list[int], int, float], width: int, data: st.DataObject
) -> None:
    toy, prompt, length, alpha = search
    tokens = st.integers(0, toy.vocabulary_size - 1)
    until = data.draw(st.none() | st.tuples(tokens))
    how = BeamSettings(beams=width, alpha=alpha, until=until)
    beams = beam_search(toy, start(), prompt, settings=how, length=length)
    texts = everything(toy, length, until)
    assert 1 <= len(beams) <= width
    assert len({beam.tokens for beam in beams}) == len(beams)
    for beam in beams:
        log_p = score_tokens(toy, start(), prompt, beam.tokens).total_nats
        assert beam.log_probability_nats == pytest.approx(log_p, abs=ROUNDING)
        assert beam.score == beam.log_probability_nats / len(beam.tokens) ** alpha
        assert beam.ended == (until is not None and beam.tokens[-1:] == until)
        # One that did not end is whole, unless the search stopped because another had won.
        assert beam.tokens in texts or (not beam.ended and beams[0].ended)
    ranks = [(beam.ended, beam.score) for beam in beams]
    assert ranks == sorted(ranks, reverse=True)


@given(searches(), st.data())
def test_one_beam_is_greedy_up_to_its_end(
    search: tuple[Toy, list[int], int, float], data: st.DataObject
) -> None:
    toy, prompt, length, alpha = search
    token = data.draw(st.integers(0, toy.vocabulary_size - 1))
    how = BeamSettings(beams=1, alpha=alpha, until=(token,))
    (beam,) = beam_search(toy, start(), prompt, settings=how, length=length)
    (greedy,) = sample(
        toy, start(), prompt, settings=SamplingSettings(greedy=True), length=length, seed=0
    )
    written = greedy.tokens
    end = written.index(token) + 1 if token in written else length
    assert beam.tokens == written[:end]
    assert beam.ended == (token in written)


def test_two_beams_find_what_greedy_misses() -> None:
    """0.4 · 0.9 is more than 0.6 · 0.5, and greedy takes the 0.6."""
    toy = Toy(constant_toy([0.0, 0.0]).table.repeat(1009, axis=0))
    after_prompt = toy.next_history(0, 0)
    toy.table[after_prompt] = [math.log(0.6), math.log(0.4)]
    toy.table[toy.next_history(after_prompt, 1)] = [math.log(0.9), math.log(0.1)]
    one, two = (
        beam_search(toy, start(), [0], settings=BeamSettings(beams=beams), length=2)
        for beams in (1, 2)
    )
    assert one[0].tokens == (0, 0)
    assert [beam.tokens for beam in two] == [(1, 0), (0, 0)]
    assert two[0].score == pytest.approx(math.log(0.36) / 2, rel=1e-14)


@pytest.mark.parametrize(("alpha", "tokens"), [(0.0, (0,)), (1.0, (1, 0))])
def test_alpha_decides_between_a_short_text_and_a_likelier_one_per_token(
    alpha: float, tokens: tuple[int, ...]
) -> None:
    """Ending at once has p = 0.4; two tokens have 0.6 · 0.6: less, but more per token."""
    toy = Toy(constant_toy([math.log(0.6), math.log(0.4)]).table.repeat(1009, axis=0))
    toy.table[toy.next_history(0, 0)] = [math.log(0.4), math.log(0.6)]
    how = BeamSettings(beams=4, alpha=alpha, until=(0,))
    beams = beam_search(toy, start(), [0], settings=how, length=2)
    assert beams[0].tokens == tokens
    assert beams[0].ended


@pytest.mark.parametrize(("length", "steps"), [(21, 1), (22, 2)])
def test_the_search_stops_when_no_open_text_can_still_win(length: int, steps: int) -> None:
    """Ending at once scores log 0.9; an open text of log 0.1 could beat it at 22 tokens, not 21.

    The first step reads the prompt. After one more, log 0.01 / 22 is out of reach too.
    """
    toy = constant_toy([math.log(0.9), math.log(0.1)])
    how = BeamSettings(beams=3, until=(0,))
    beams = beam_search(toy, start(), [1], settings=how, length=length)
    assert toy.steps == steps
    texts = [((0,), True), ((1, 0), True), ((1, 1), False)]
    assert [(beam.tokens, beam.ended) for beam in beams] == (
        [((0,), True), ((1,), False)] if steps == 1 else texts
    )


def test_a_text_that_ended_comes_before_a_likelier_one_cut_off() -> None:
    toy = constant_toy([math.log(0.2), math.log(0.8)])
    how = BeamSettings(beams=2, until=(0,))
    ended, cut_off = beam_search(toy, start(), [1], settings=how, length=3)
    assert (ended.tokens, ended.ended) == ((0,), True)
    assert (cut_off.tokens, cut_off.ended) == ((1, 1, 1), False)
    assert cut_off.score > ended.score


def test_the_prompt_is_no_part_of_an_end() -> None:
    toy = constant_toy([0.0, -9.0])
    how = BeamSettings(beams=1, until=(0, 0))
    (beam,) = beam_search(toy, start(), [0, 0], settings=how, length=5)
    assert beam == Beam(
        tokens=(0, 0),
        log_probability_nats=beam.log_probability_nats,
        score=beam.log_probability_nats / 2,
        ended=True,
    )


def test_texts_without_probability_are_left_out() -> None:
    toy = constant_toy([0.0, -math.inf, 0.0])
    beams = beam_search(toy, start(), [0], settings=BeamSettings(beams=50), length=2)
    assert [beam.tokens for beam in beams] == [(0, 0), (0, 2), (2, 0), (2, 2)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"beams": 0}, "beams: beams must be 1 or more, got 0"),
        ({"alpha": -0.1}, "beams: alpha must be 0 … 10, got -0.1"),
        ({"alpha": 11.0}, "beams: alpha must be 0 … 10, got 11.0"),
        ({"alpha": math.nan}, "beams: alpha must be 0 … 10, got nan"),
        ({"until": ()}, "beams: until must hold 1 token or more, got none"),
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        BeamSettings(**wrong)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("prompt", "length", "until", "message"),
    [
        ([], 3, None, "beams: prompt must hold 1 token or more, got none"),
        ([2], 3, None, "beams: prompt must hold tokens 0 … 1, got 2"),
        ([0], 0, None, "beams: length must be 1 or more, got 0"),
        ([0], 3, (0, 5), "beams: until must hold tokens 0 … 1, got 5"),
        ([0], 3, (0, 0, 0, 0), "beams: until must fit the length, 3, got 4 tokens"),
    ],
)
def test_a_search_that_cannot_be_is_refused(
    prompt: list[int], length: int, until: tuple[int, ...] | None, message: str
) -> None:
    toy = constant_toy([0.0, 0.0])
    with pytest.raises(ConfigError) as caught:
        beam_search(toy, start(), prompt, settings=BeamSettings(until=until), length=length)
    assert str(caught.value) == message
    assert toy.steps == 0
