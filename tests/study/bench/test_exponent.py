import math

import numpy as np
import pytest

from unroll.study.bench.exponent import Exponent, fit_exponent, foresee

LENGTHS = (10, 30, 100, 300, 1_000, 3_000, 10_000)


@pytest.mark.parametrize(
    ("power", "verdict"),
    [
        (1.0, "linearly"),
        (0.5, "no faster than linearly"),
        (2.0, "faster than linearly"),
        (1.5, "faster than linearly"),
    ],
)
def test_a_power_law_gives_its_exponent(power: float, verdict: str) -> None:
    found = fit_exponent({length: 0.3 * length**power for length in LENGTHS})
    assert found is not None
    assert math.isclose(found.value, power)
    assert found.error < 1e-6
    assert found.verdict == verdict


def test_exponent_and_error_are_those_of_numpy() -> None:
    costs = {100: 1.0, 200: 2.3, 400: 3.6, 800: 9.1, 1600: 14.0}
    long_half = {length: costs[length] for length in (400, 800, 1600)}
    found = fit_exponent(costs)
    x, y = np.log(list(long_half)), np.log(list(long_half.values()))
    (slope, _), covariance = np.polyfit(x, y, 1, cov=True)
    assert found is not None
    assert math.isclose(found.value, float(slope))
    assert math.isclose(found.error, math.sqrt(covariance[0, 0]))
    assert (found.shortest, found.longest) == (400, 1600)


def test_what_a_sequence_costs_at_any_length_does_not_hide_how_it_grows() -> None:
    # 1 s at any length, and 1e-6 s · T²: nothing of it shows in the short half.
    found = fit_exponent({length: 1 + 1e-6 * length**2 for length in (*LENGTHS, 30_000)})
    assert found is not None
    assert found.shortest == 1_000
    assert found.verdict == "faster than linearly"


def test_a_steep_exponent_of_scattered_costs_is_said_with_care() -> None:
    found = Exponent(value=1.3, error=0.2, shortest=10, longest=100)
    assert found.verdict == "perhaps faster than linearly"
    assert found.told == "1.30 ± 0.20"
    assert Exponent(value=1.3, error=0.04, shortest=1, longest=2).verdict == "faster than linearly"


def test_two_lengths_and_costs_of_nothing_give_no_exponent() -> None:
    assert fit_exponent({10: 1.0, 100: 2.0}) is None
    assert fit_exponent({10: 0.0, 100: 1.0, 1_000: 2.0}) is None


def test_a_cost_is_foreseen_at_the_pace_of_the_last_two_lengths() -> None:
    assert foresee({10: 1.0, 100: 100.0}, 1_000) == pytest.approx(10_000)
    # A pace below the length's own is luck; one above its square too.
    assert foresee({10: 1.0, 100: 1.0}, 1_000) == pytest.approx(10)
    assert foresee({10: 1.0, 100: 1e6}, 1_000) == pytest.approx(1e8)
    assert foresee({10: 0.0, 100: 5.0}, 200) == pytest.approx(10)
