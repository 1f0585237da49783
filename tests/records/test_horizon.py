import pytest
from hypothesis import given
from hypothesis import strategies as st

from unroll.records import Horizon, Reading, read_horizon

DISTANCES = st.dictionaries(st.integers(0, 50), st.booleans(), max_size=8)


def horizon(*readings: Reading) -> Horizon:
    return Horizon(unit="steps", criterion="accuracy ≥ 0.99", budget="1 step", readings=readings)


def read(seed: int, last_passed: int | None, first_failed: int | None) -> Reading:
    return Reading(seed=seed, last_passed=last_passed, first_failed=first_failed)


@given(passed=DISTANCES, seed=st.integers(0, 9))
def test_a_reading_equals_its_definition(passed: dict[int, bool], seed: int) -> None:
    good = [d for d in passed if all(ok for other, ok in passed.items() if other <= d)]
    bad = [d for d, ok in passed.items() if not ok]
    reading = read_horizon(seed, passed)
    assert reading.seed == seed
    assert reading.last_passed == max(good, default=None)
    assert reading.first_failed == min(bad, default=None)


@pytest.mark.parametrize(
    ("passed", "last_passed", "first_failed"),
    [
        ({}, None, None),
        ({5: False}, None, 5),
        ({5: True}, 5, None),
        ({5: False, 10: True}, None, 5),
        ({30: True, 20: False, 10: True, 5: True}, 10, 20),
    ],
)
def test_readings_worked_out_by_hand(
    passed: dict[int, bool], last_passed: int | None, first_failed: int | None
) -> None:
    assert read_horizon(0, passed) == read(0, last_passed, first_failed)


@given(results=st.lists(DISTANCES, max_size=7))
def test_median_and_range_equal_their_definitions(results: list[dict[int, bool]]) -> None:
    readings = [read_horizon(seed, passed) for seed, passed in enumerate(results)]
    seeds = horizon(*readings)
    values = [-1 if r.last_passed is None else r.last_passed for r in readings]
    assert seeds.per_seed == tuple(r.last_passed for r in readings)
    if not readings:
        assert seeds.median is None
        assert seeds.range == (None, None)
        return
    as_number = [-1 if value is None else value for value in (seeds.median, *seeds.range)]
    # The lower median: the largest value that at least half of the seeds (rounded up) reach.
    enough = len(values) - (len(values) - 1) // 2
    lower = max(v for v in values if sum(other >= v for other in values) >= enough)
    assert as_number == [lower, min(values), max(values)]


@pytest.mark.parametrize(
    ("per_seed", "median"),
    [
        ([7], 7),
        ([5, 10], 5),
        ([10, 5, 20], 10),
        ([5, 10, 20, 30], 10),
        ([None, 10], None),
        ([None, 10, 20], 10),
        ([None, None, 20], None),
        ([None, 0], None),
    ],
)
def test_medians_worked_out_by_hand(per_seed: list[int | None], median: int | None) -> None:
    seeds = horizon(*(read(seed, value, 99) for seed, value in enumerate(per_seed)))
    assert seeds.median == median


@pytest.mark.parametrize(
    ("readings", "is_open"),
    [
        ([], False),
        ([(30, None)], True),
        ([(20, 30)], False),
        ([(None, 5)], False),
        ([(None, None)], False),
        ([(30, None), (30, None), (10, 20)], True),
        ([(30, None), (10, 20), (10, 20)], False),
        # The lower median of two is the seed that failed.
        ([(30, None), (10, 20)], False),
    ],
)
def test_a_horizon_is_open_where_the_median_seed_passed_everything(
    readings: list[tuple[int | None, int | None]], is_open: bool
) -> None:
    assert horizon(*(read(0, *pair) for pair in readings)).is_open is is_open
