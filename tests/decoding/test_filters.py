"""Laws of temperature, top-k and top-p, on random scores full of ties."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unroll.decoding import (
    SamplingSettings,
    at_temperature,
    filtered,
    keep_top_k,
    keep_top_p,
    log_softmax,
    peak_at_zero,
    softmax,
)
from unroll.decoding.step import Scores
from unroll.errors import ConfigError

GRID = st.integers(-40, 40).map(lambda n: n / 8)


@st.composite
def rows(draw: st.DrawFn) -> Scores:
    """Return one row with maximum 0; now and then a token is ruled out."""
    row = draw(st.lists(st.one_of(GRID, st.just(-math.inf)), min_size=1, max_size=9))
    return peak_at_zero(np.array([*row, draw(GRID)]))


temperatures = st.floats(1e-3, 1e3)
shares = st.floats(0, 1, exclude_min=True)


def kept(scores: Scores) -> list[int]:
    return np.flatnonzero(scores > -math.inf).tolist()


def from_the_likeliest(scores: Scores) -> list[int]:
    return sorted(range(len(scores)), key=lambda token: (-scores[token], token))


@given(rows(), temperatures, st.data())
def test_probabilities_sum_to_one_after_all_filters(
    scores: Scores, temperature: float, data: st.DataObject
) -> None:
    k = data.draw(st.none() | st.integers(1, len(scores)))
    p = data.draw(st.none() | shares)
    probabilities = softmax(filtered(scores, temperature=temperature, top_k=k, top_p=p))
    # Ten terms, each rounded once or twice.
    assert math.fsum(probabilities) == pytest.approx(1, abs=1e-14)
    assert (probabilities >= 0).all()


@given(rows())
def test_softmax_is_exp_over_the_sum(scores: Scores) -> None:
    chances = [math.exp(x) for x in scores]
    assert softmax(scores).tolist() == pytest.approx(
        [chance / sum(chances) for chance in chances], rel=1e-14
    )
    # log_softmax of a token ruled out is −∞ in both; elsewhere one logarithm, rounded once.
    with np.errstate(divide="ignore"):
        wanted = np.log(softmax(scores))
    assert log_softmax(scores).tolist() == pytest.approx(wanted.tolist(), abs=1e-13)
    assert (log_softmax(scores) <= 0).all()


@given(rows(), temperatures)
def test_temperature_divides_log_odds(scores: Scores, temperature: float) -> None:
    log_p = log_softmax(at_temperature(scores, temperature))
    top = int(scores.argmax())
    for token in kept(scores):
        odds = (scores[token] - scores[top]) / temperature
        # Log odds up to 1e4, rounded at 1e-16 of that.
        assert log_p[token] - log_p[top] == pytest.approx(odds, rel=1e-12, abs=1e-12)


def test_tau_is_one_over_the_temperature() -> None:
    scores = peak_at_zero(np.array([0.3, -1.2, 2.0]))
    tau = 4.0
    wanted = np.exp(tau * scores) / np.exp(tau * scores).sum()
    assert softmax(at_temperature(scores, 1 / tau)).tolist() == pytest.approx(
        wanted.tolist(), rel=1e-15
    )


@given(rows())
def test_a_falling_temperature_approaches_greedy_and_a_rising_one_uniform(scores: Scores) -> None:
    best = scores == 0
    chances = [
        softmax(at_temperature(scores, t))[best].sum() for t in (1e3, 10, 1, 0.1, 0.01, 5e-324)
    ]
    # Never less of the likeliest as it falls, but for rounding; scores differ by 1/8 at least.
    assert all(later >= sooner - 1e-14 for sooner, later in itertools.pairwise(chances))
    assert chances[-2] >= 1 - 10 * math.exp(-0.125 / 0.01)
    assert chances[-1] == pytest.approx(1, abs=1e-15)
    # |x| / T ≤ 1e-2: no more than that from uniform.
    possible = softmax(at_temperature(scores, 1e3))[kept(scores)]
    assert possible.tolist() == pytest.approx([1 / len(possible)] * len(possible), rel=0.021)


@given(rows(), st.data())
def test_top_k_keeps_exactly_k_the_lower_of_equals(scores: Scores, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(scores)))
    left = keep_top_k(scores, k)
    first = from_the_likeliest(scores)[:k]
    assert kept(left) == sorted(set(first) & set(kept(scores)))
    assert left[first].tolist() == scores[first].tolist()


def test_equals_are_kept_by_index() -> None:
    assert keep_top_k(np.array([-1.0, 0.0, 0.0, 0.0]), 2).tolist() == [
        -math.inf,
        0.0,
        0.0,
        -math.inf,
    ]


@given(rows(), shares)
def test_top_p_keeps_the_smallest_set_that_reaches_p(scores: Scores, p: float) -> None:
    left = keep_top_p(scores, p)
    order, chances = from_the_likeliest(scores), softmax(scores)
    n = len(kept(left))
    assert n >= 1
    assert kept(left) == sorted(order[:n])
    # The set reaches p, and without its last token it would not: rounding of ten terms aside.
    assert p == 1 or math.fsum(chances[order[:n]]) >= p - 1e-14
    assert math.fsum(chances[order[: n - 1]]) <= p + 1e-14


def test_top_p_by_hand() -> None:
    scores = peak_at_zero(np.log(np.array([0.125, 0.5, 0.25, 0.125])))
    wanted = [(0.001, [1]), (0.4, [1]), (0.6, [1, 2]), (0.74, [1, 2]), (0.8, [0, 1, 2])]
    assert [(p, kept(keep_top_p(scores, p))) for p, _ in wanted] == wanted
    assert kept(keep_top_p(scores, 0.9)) == [0, 1, 2, 3]


def test_top_p_of_one_keeps_even_what_rounding_hides() -> None:
    scores = np.array([0.0, -60.0, -700.0])
    assert keep_top_p(scores, 1).tolist() == scores.tolist()
    # 1 + e⁻⁶⁰ is 1 in float64: any other p is reached by the first alone.
    assert kept(keep_top_p(scores, 1 - 2**-53)) == [0]


def test_filters_come_in_their_stated_order() -> None:
    """Each pair of filters swapped would keep other tokens."""
    scores = peak_at_zero(np.log(np.array([0.4, 0.3, 0.2, 0.1])))
    # Of the two likeliest the first has 4/7: enough. Of all four it has 0.4: not enough.
    assert kept(filtered(scores, top_k=2, top_p=0.5)) == [0]
    # At T = 1/2 the first has 0.16/0.30: enough.
    assert kept(filtered(scores, temperature=0.5, top_p=0.5)) == [0]
    assert kept(filtered(scores, top_p=0.5)) == [0, 1]


@given(st.lists(rows(), min_size=2, max_size=4), temperatures, shares)
def test_rows_are_filtered_one_by_one(several: list[Scores], temperature: float, p: float) -> None:
    width = min(len(row) for row in several)
    batch = np.array([peak_at_zero(row[-width:]) for row in several])
    together = filtered(batch, temperature=temperature, top_k=width, top_p=p)
    for row, scores in zip(together, batch, strict=True):
        alone = filtered(scores, temperature=temperature, top_k=width, top_p=p)
        assert row.tolist() == alone.tolist()


@given(rows(), temperatures, shares)
def test_filters_leave_what_they_are_given(scores: Scores, temperature: float, p: float) -> None:
    before = scores.tolist()
    filtered(scores, temperature=temperature, top_k=1, top_p=p)
    assert scores.tolist() == before


POSITIVE = "sampling: temperature must be positive and finite, got "


@pytest.mark.parametrize(
    ("temperature", "message"),
    [
        (0.0, POSITIVE + "0.0: for the likeliest token each time, ask for greedy"),
        (-1.0, POSITIVE + "-1.0"),
        (math.nan, POSITIVE + "nan"),
        (math.inf, POSITIVE + "inf"),
    ],
)
def test_a_temperature_out_of_range_is_refused(temperature: float, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        SamplingSettings(temperature=temperature)
    assert str(caught.value) == message
    with pytest.raises(ConfigError) as caught:
        filtered(np.zeros(3), temperature=temperature)
    assert str(caught.value) == message


@pytest.mark.parametrize("k", [0, -3])
def test_a_top_k_below_one_is_refused(k: int) -> None:
    with pytest.raises(ConfigError) as caught:
        SamplingSettings(top_k=k)
    assert str(caught.value) == f"sampling: top_k must be 1 … V, got {k}"


@pytest.mark.parametrize("k", [0, 5])
def test_a_top_k_outside_the_vocabulary_is_refused(k: int) -> None:
    with pytest.raises(ConfigError) as caught:
        keep_top_k(np.zeros(4), k)
    assert str(caught.value) == f"sampling: top_k must be 1 … V=4, got {k}"


@pytest.mark.parametrize("p", [0.0, -0.1, 1.0001, math.nan, math.inf])
def test_a_top_p_out_of_range_is_refused(p: float) -> None:
    for refuse in (lambda: SamplingSettings(top_p=p), lambda: keep_top_p(np.zeros(3), p)):
        with pytest.raises(ConfigError) as caught:
            refuse()
        assert str(caught.value) == f"sampling: top_p must be above 0 and at most 1, got {p}"


@pytest.mark.parametrize("other", [{"temperature": 0.5}, {"top_k": 3}, {"top_p": 0.9}])
def test_greedy_with_a_filter_is_refused(other: dict[str, float]) -> None:
    with pytest.raises(ConfigError) as caught:
        SamplingSettings(greedy=True, **other)  # type: ignore[arg-type]
    wanted = "sampling: greedy draws nothing: leave out temperature, top_k and top_p, or greedy"
    assert str(caught.value) == wanted
