import math

import pytest

from unroll.records.schema import finite_or_none


@pytest.mark.parametrize("value", [0.0, -1.5, 1e308])
def test_a_finite_number_stays(value: float) -> None:
    assert finite_or_none(value) == value


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_sqlite_cannot_hold_becomes_none(value: float) -> None:
    assert finite_or_none(value) is None
