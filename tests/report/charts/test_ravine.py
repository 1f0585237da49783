import math
from dataclasses import replace
from typing import Any

import pytest

from tests.report.study_samples import OPTIMISERS, SURFACES, path_rows
from unroll.report.charts import Palette, ravine_paths
from unroll.report.page import figure_svg
from unroll.report.rows import PathRow

PALETTE = Palette.of_optimisers(OPTIMISERS)
START = path_rows(0)[0]


def points_of(rows: list[PathRow]) -> list[dict[str, Any]]:
    figure = ravine_paths(rows, surfaces=SURFACES, palette=PALETTE)
    (points,) = figure.spec["datasets"].values()
    return list(points)


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_contours_are_of_equal_height(surface: Any) -> None:
    levels: dict[int, list[float]] = {}
    for point in points_of(path_rows(5)):
        if point["kind"] == "contour" and point["panel"] == surface.name:
            a = math.radians(surface.angle_degrees)
            u = point["x"] * math.cos(a) + point["y"] * math.sin(a)
            v = -point["x"] * math.sin(a) + point["y"] * math.cos(a)
            height = (u * u + surface.curvature * v * v) / 2
            levels.setdefault(point["level"], []).append(height)
    tops = [sum(heights) / len(heights) for heights in levels.values()]
    for heights, top in zip(levels.values(), tops, strict=True):
        # Places are rounded to 0.001, which weighs most where the surface is steep.
        assert heights == pytest.approx([top] * len(heights), rel=0.05)
    assert tops[0] / tops[1] == pytest.approx(4, rel=0.02)


def test_each_path_begins_at_its_ring_and_has_a_mark_per_step() -> None:
    points = points_of(path_rows(10))
    assert sum(point["kind"] == "start" for point in points) == 8
    assert sum(point["kind"] == "path" for point in points) == 80
    assert {(p["x"], p["y"]) for p in points if p["kind"] == "start"} == {(-2.0, 0.8)}


def test_a_path_that_leaves_is_cut_off_and_told() -> None:
    gone = [replace(START, step=1, x=1e9), replace(START, step=2, x=math.inf)]
    figure = ravine_paths([START, *gone], surfaces=SURFACES, palette=PALETTE)
    assert "Paths that leave the panel are cut off at its edge (sgd)." in figure.caption
    low, high = figure.spec["spec"]["encoding"]["x"]["scale"]["domain"]
    assert -4 < low < -2
    assert 0 < high < 4
    assert figure_svg(figure).startswith("<svg")


def test_caption_and_alt_text_say_what_is_drawn() -> None:
    end = replace(START, step=9, x=0.0, y=0.0, loss=0.25)
    figure = ravine_paths([START, end], surfaces=SURFACES, palette=PALETTE)
    assert figure.caption == (
        "Paths of the optimisers from one starting point (ring) towards the lowest point (cross); "
        "each mark is one step, and each contour stands four times as high as the next one inside."
    )
    assert figure.alt == (
        "Paths of optimisers over surfaces of two parameters. κ = 40, along the axes: sgd at rate "
        "0.045 reaches height 0.25 in 9 steps."
    )


def test_a_path_on_an_unknown_surface_is_refused() -> None:
    with pytest.raises(ValueError, match="saddle") as error:
        ravine_paths([replace(START, surface="saddle")], surfaces=SURFACES, palette=PALETTE)
    assert str(error.value) == (
        "ravine-paths: surfaces must name every path's, got none for ['saddle']"
    )


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="ravine-paths: no rows"):
        ravine_paths([], surfaces=SURFACES, palette=PALETTE)
