import math
from itertools import pairwise
from typing import Any

import pytest

from unroll.report.charts.decades import Decades, power


def encoded(axis: Decades) -> dict[str, Any]:
    """The vertical axis as the specification has it."""
    found: Any = axis.axis().to_dict()
    return dict(found)


def test_values_stand_at_their_logarithm() -> None:
    axis = Decades.of([1e-6, 1.0, 100.0], height=200)
    assert [axis.place(value) for value in (1e-6, 1.0, 100.0)] == [-6, 0, 2]
    assert axis.edges == frozenset()
    assert axis.bands() == []
    assert axis.low < -6 < 2 < axis.high


def test_all_that_no_power_can_show_has_a_band_of_its_own() -> None:
    values = [1.0, 1e-50, 1e-300, 0.0, None, math.nan, math.inf]
    axis = Decades.of(values, height=200, lanes=3)
    assert [axis.edge(value) for value in values] == [
        None,
        "below",
        "below",
        "zero",
        "beyond",
        "beyond",
        "beyond",
    ]
    assert {band["words"] for band in axis.bands()} == {
        "below 10⁻⁴⁰",
        "0 (underflow)",
        "not finite",
    }


def test_bands_follow_one_another_and_stay_on_the_axis() -> None:
    axis = Decades.of([1.0, 1e-50, 0.0, None], height=200, lanes=2)
    places = [
        axis.place(value, lane) for value, lane in ((None, 1), (None, 0), (1.0, 0), (1e-40, 0))
    ]
    places += [axis.place(value, lane) for value in (1e-50, 0.0) for lane in (0, 1)]
    bottom, top = encoded(axis)["scale"]["domain"]
    assert all(lower < higher for higher, lower in pairwise([top, *places, bottom]))
    for band in axis.bands():
        assert bottom < band["at"] < top
        assert bottom < band["y"] < top


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0.001, 3.0], '{"-3": "0.001", "-2": "0.01", "-1": "0.1", "0": "1"}'),
        ([1e-12, 1e3], '{"-10": "10⁻¹⁰", "-5": "10⁻⁵", "0": "10⁰"}'),
        ([0.5, 40.0], '{"0": "1", "1": "10"}'),
    ],
)
def test_powers_are_written_as_numbers_while_they_are_short(
    values: list[float], labels: str
) -> None:
    axis = encoded(Decades.of(values, height=200))["axis"]
    assert axis["labelExpr"] == f"{labels}[datum.value]"


@pytest.mark.parametrize("values", [[], [0.0], [None], [1.0], [1e-60]])
def test_an_axis_without_numbers_is_still_an_axis(values: list[float | None]) -> None:
    axis = Decades.of(values, height=200)
    assert axis.low < axis.high
    assert all(math.isfinite(axis.place(value)) for value in values)


def test_exponents_are_raised() -> None:
    assert power(-40) == "10⁻⁴⁰"


@pytest.mark.parametrize("values", [[1.1, 5.5], [2.0, 3.0], [0.02, 0.3]])
def test_within_a_power_of_ten_its_halves_and_fifths_are_marked(values: list[float]) -> None:
    axis = encoded(Decades.of(values, height=200))
    marks = [10**mark for mark in axis["axis"]["values"]]
    bottom, top = (10**end for end in axis["scale"]["domain"])
    expected = [n * 10.0**p for p in range(-3, 3) for n in (1, 2, 5)]
    assert marks == pytest.approx([n for n in expected if bottom <= n <= top], rel=1e-4)
    assert len(marks) > 2
