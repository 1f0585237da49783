import math
from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest

from unroll.report.bench_rows import CostRow
from unroll.report.charts import Palette
from unroll.report.charts.cost_by_length import cost_by_length
from unroll.report.page import figure_svg

PALETTE = Palette.of(["lstm", "linear"])


def row(line: str, length: int, *, step: str = "training", factor: float = 1.0) -> CostRow:
    return CostRow(
        line=line,
        cell=line.partition(" ")[0],
        engine="torch",
        step=step,
        length=length,
        least_seconds=1e-5 * factor * length,
        median_seconds=2e-5 * factor * length,
        greatest_seconds=4e-5 * factor * length,
        repetitions=5,
        peak_mib=0.01 * factor * length,
    )


ROWS = [
    row(line, length, step=step, factor=factor)
    for step in ("training", "evaluation")
    for line, factor in (("lstm", 1.0), ("linear", 0.2), ("linear (plain loop)", 3.0))
    for length in (3, 100, 10_000)
]


def points(spec: Any, kind: str) -> list[dict[str, Any]]:
    (data,) = spec["datasets"].values()
    return [point for point in data if point["kind"] == kind]


def test_caption_and_alt_text_say_what_is_drawn() -> None:
    rows = [r for r in ROWS if r.line == "lstm"]
    figure = cost_by_length(rows, quantity="seconds", palette=PALETTE, remark="On a laptop.")
    assert figure.id == "bench-cost-seconds"
    assert figure.caption == (
        "Time of a step against the length $T$; grey lines: as $T$ grows. Line: median of 5 "
        "repetitions; band: least to greatest. On a laptop."
    )
    assert figure.alt == (
        "Time of a step against the length of the sequence. lstm, training step: 0.06 ms at "
        "T = 3, 200 ms at T = 10,000; lstm, step without gradients: 0.06 ms at T = 3, 200 ms at "
        "T = 10,000."
    )
    assert len(figure.rows) == len(rows)


def test_memory_too_small_to_be_told_is_not_drawn() -> None:
    figure = cost_by_length(ROWS, quantity="mib", palette=PALETTE)
    drawn = points(figure.spec, "cost")
    assert {point["x"] for point in drawn} == {100, 10_000}
    assert len(drawn) == 2 * (2 + 2 + 2)
    assert figure.caption.endswith("Peaks below 0.1 MiB are not drawn.")
    assert len(figure.rows) == len(ROWS)


def test_a_point_stands_at_the_logarithm_of_its_median() -> None:
    figure = cost_by_length(ROWS, quantity="seconds", palette=PALETTE)
    first = next(p for p in points(figure.spec, "cost") if p["line"] == "lstm" and p["x"] == 100)
    assert first["y"] == pytest.approx(math.log10(2e-3), abs=1e-3)
    assert first["low"] == pytest.approx(math.log10(1e-3), abs=1e-3)
    assert first["high"] == pytest.approx(math.log10(4e-3), abs=1e-3)


def test_grey_lines_rise_as_the_length_does() -> None:
    figure = cost_by_length(ROWS, quantity="seconds", palette=PALETTE)
    guides = points(figure.spec, "guide")
    assert {point["panel"] for point in guides} == {"training step", "step without gradients"}
    for _, ends in groupby(guides, key=lambda point: (point["panel"], point["guide"])):
        left, right = ends
        rise = right["y"] - left["y"]
        assert rise == pytest.approx(math.log10(right["x"] / left["x"]))
        assert 3 <= left["x"] < right["x"] <= 10_000 * (1 + 1e-9)


def test_both_engines_of_a_cell_have_its_colour() -> None:
    figure = cost_by_length(ROWS, quantity="seconds", palette=PALETTE)
    scale = figure.spec["spec"]["layer"][2]["encoding"]["color"]["scale"]
    linear = PALETTE.styles["linear"].light
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
        "lstm": PALETTE.styles["lstm"].light,
        "linear": linear,
        "linear (plain loop)": linear,
    }
    assert ">linear (plain loop)<" in figure_svg(figure)


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="bench-cost-seconds: no rows"):
        cost_by_length([], quantity="seconds", palette=PALETTE)
    small = [replace(ROWS[0], peak_mib=0.0)]
    with pytest.raises(ValueError, match="bench-cost-mib: no rows"):
        cost_by_length(small, quantity="mib", palette=PALETTE)
