import math

import pytest

from unroll.report.charts.decades import Decades
from unroll.report.charts.palette import Palette
from unroll.report.charts.traces import Sample, points, said

STYLES = Palette.of_series(["a", "b"]).styles


def drawn(*values: float | None) -> list[dict[str, object]]:
    samples = [Sample(line="b", x=3, values=values), Sample(line="a", x=3, values=(1e-5,))]
    axis = Decades.of([v for s in samples for v in s.values], height=200, lanes=2)
    return [row for row in points(samples, STYLES, axis) if row.get("line") == "b"]


def test_line_is_the_median_and_band_the_range() -> None:
    (row,) = drawn(0.001, 1.0, 0.1)
    assert (row["y"], row["low"], row["high"], row["seeds"]) == (-1, -3, 0, 3)


def test_line_breaks_where_the_median_underflowed_and_each_seed_is_counted() -> None:
    middle, edge = drawn(0.0, 0.1, 0.0)
    assert middle["y"] is None
    assert middle["value"] == "0"
    assert middle["high"] == -1
    assert edge["kind"] == "edge"
    assert edge["said"] == "2 of 3 seeds"


def test_one_underflow_leaves_the_line_and_lowers_the_band() -> None:
    middle, edge = drawn(0.0, 0.1, 0.1)
    axis = Decades.of([0.0, 0.1, 1e-5], height=200, lanes=2)
    assert middle["y"] == -1
    assert middle["low"] == pytest.approx(axis.low)
    assert edge["said"] == "1 of 3 seeds"


def test_a_value_that_is_not_finite_counts_as_endless() -> None:
    assert Sample(line="a", x=0, values=(None, 1.0, 2.0)).median == 2.0
    assert Sample(line="a", x=0, values=(None, math.nan, 2.0)).median == math.inf
    middle, edge = drawn(None, math.inf, 2.0)
    assert middle["y"] is None
    assert edge["said"] == "2 of 3 seeds"


def test_caption_counts_what_stands_off_the_axis() -> None:
    samples = [
        Sample(line="a", x=0, values=(0.0, 1e-60, 1.0)),
        Sample(line="a", x=1, values=(1.0,)),
    ]
    axis = Decades.of([v for s in samples for v in s.values], height=200)
    assert said(samples, axis) == (
        "Off the axis, of 4 values: 1 below $10^{-40}$, 1 exactly 0 (underflow); ticks in the "
        "bands show where."
    )
    whole = [Sample(line="a", x=1, values=(1.0,))]
    assert said(whole, Decades.of([1.0], height=200)) == ""


def test_a_point_between_two_gaps_is_marked_lest_no_line_show_it() -> None:
    heights = (0.1, 0.0, 0.2, 0.0, 0.3, 0.4)
    samples = [Sample(line="a", x=x, values=(value,)) for x, value in enumerate(heights)]
    axis = Decades.of(heights, height=200, lanes=2)
    rows = points(samples[::-1], STYLES, axis)
    assert sorted(row["x"] for row in rows if row.get("alone")) == [0, 2]
