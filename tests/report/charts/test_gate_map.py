import base64
import json
from dataclasses import replace
from itertools import pairwise

import pytest
import vl_convert

from tests.report.charts.test_palette import luminance
from tests.report.charts.test_raster import decode
from tests.report.study_samples import sample_maps
from unroll.report.charts import gate_maps
from unroll.report.charts.frame import fitted
from unroll.report.charts.gate_map import _SHARE, _SIGNED
from unroll.report.page import figure_svg
from unroll.report.rows import GateMap

SMALL = GateMap(cell="lstm", gate="i", seed=4, digits=(7, 7), values=((0.0, 1.0), (0.5, 0.25)))


def test_each_value_is_one_pixel() -> None:
    (points,) = gate_maps([SMALL]).spec["datasets"].values()
    image = decode(base64.b64decode(points[0]["image"].partition(",")[2]))
    least, most = image[0]
    assert least == tuple(bytes.fromhex(_SHARE[0][1:]))
    assert most == tuple(bytes.fromhex(_SHARE[-1][1:]))
    assert [len(row) for row in image] == [2, 2]


@pytest.mark.parametrize(
    ("gate", "value", "ends"),
    [
        ("f", 0.5, ("0", "1")),
        ("g", 0.5, ("−1", "1")),
        ("c", -3.14, ("−3.1", "3.1")),
        ("c", 0.0, ("−1", "1")),
    ],
)
def test_each_map_has_the_range_of_its_gate(gate: str, value: float, ends: tuple[str, str]) -> None:
    (points,) = (
        gate_maps([replace(SMALL, gate=gate, values=((value, 0.1 * value),))])
        .spec["datasets"]
        .values()
    )
    assert (points[0]["low"], points[0]["high"]) == ends


@pytest.mark.parametrize("stops", [_SHARE, _SIGNED])
def test_colours_keep_their_order_in_grey_print(stops: tuple[str, ...]) -> None:
    greys = [luminance(stop) for stop in stops]
    assert greys == sorted(greys)
    assert all(later > 1.4 * former for former, later in pairwise(greys))


def test_rows_to_download_are_all_values() -> None:
    assert gate_maps([SMALL]).rows == tuple(
        {
            "cell": "lstm",
            "gate": "i",
            "seed": 4,
            "unit": unit,
            "step": step,
            "digit": 7,
            "value": value,
        }
        for unit, step, value in ((0, 1, 0.0), (0, 2, 1.0), (1, 1, 0.5), (1, 2, 0.25))
    )


def test_drawing_names_gates_digits_and_ranges() -> None:
    drawing = figure_svg(gate_maps(sample_maps()))
    for name in ("input gate i", "forget gate f", "output gate o", "candidate g", "cell state c"):
        assert f">{name}<" in drawing
    assert drawing.count("data:image/png") == 10
    assert drawing.count(">−1<") == 1


def test_caption_and_alt_text_say_what_is_drawn() -> None:
    figure = gate_maps([SMALL])
    assert figure.caption == (
        "What 2 units (one row each, in the same order in every panel) hold while the first 2 "
        "digits of a palindrome are read, from left to right; seed 4. Below each map: its colours "
        "and their range."
    )
    assert figure.alt == (
        "Every unit while 77 is read; mean over units: input gate i: 0.25 at the first step, 0.62 "
        "at the last."
    )


def test_maps_of_several_cells_and_seeds_are_told_apart() -> None:
    figure = gate_maps([SMALL, replace(SMALL, cell="gru", gate="z", seed=1)])
    assert figure.spec["facet"]["sort"] == [
        "input gate i, lstm, seed 4",
        "update gate z, gru, seed 1",
    ]


def test_maps_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="one palindrome") as error:
        gate_maps([SMALL, replace(SMALL, digits=(1, 1))])
    assert str(error.value) == "gate-maps: maps must be of one palindrome, got two"
    with pytest.raises(ValueError, match="2 steps") as error:
        gate_maps([replace(SMALL, values=((0.5,),))])
    assert str(error.value) == "gate-maps: maps must have 2 steps, one per digit"
    with pytest.raises(ValueError, match="gate-maps: no maps"):
        gate_maps([])


@pytest.mark.parametrize(("width", "sevens", "tenths"), [(756, 100, 0), (356, 0, 10)])
def test_digits_are_shown_all_or_none(width: int, sevens: int, tenths: int) -> None:
    long = GateMap(cell="lstm", gate="i", seed=0, digits=(7,) * 100, values=((0.5,) * 100,))
    figure = gate_maps([long])
    drawing = vl_convert.vegalite_to_svg(json.dumps(fitted(figure.spec, width)))
    assert drawing.count(">7</text>") == sevens
    assert sum(f">{step}</text>" in drawing for step in range(10, 101, 10)) == tenths
    assert "Where there is no room for the digits, steps are numbered." in figure.caption
