import math

import pytest

from unroll.app.remember.wilson import wilson_interval


@pytest.mark.parametrize(("right", "of"), [(1, 10), (50, 100), (198, 200), (1, 1000)])
def test_at_both_ends_the_count_lies_1_96_standard_deviations_away(right: int, of: int) -> None:
    for end in wilson_interval(right, of):
        deviation = math.sqrt(end * (1 - end) / of)
        assert abs(right / of - end) / deviation == pytest.approx(1.959964, abs=1e-5)


@pytest.mark.parametrize("of", [1, 7, 500])
def test_none_and_all_are_mirror_images_that_stay_within_0_and_1(of: int) -> None:
    low, high = wilson_interval(0, of)
    assert low == pytest.approx(0, abs=1e-15)
    assert 0 < high < 1
    assert wilson_interval(of, of) == pytest.approx((1 - high, 1))
