from collections.abc import Mapping
from typing import Any

import pytest

from unroll.report.charts import Palette, travel_curves
from unroll.report.charts.travel_lines import DASHES
from unroll.report.page import figure_svg
from unroll.report.section import Figure
from unroll.report.travel_rows import Condition, TravelHorizonRow, TravelRow, Unit

PALETTES: dict[Unit, Palette] = {
    "steps": Palette.of(["rnn", "lstm"]),
    "hops": Palette.of(["on a path"]),
}


def used(cell: str, values: Mapping[int, float | None], seed: int = 0) -> list[TravelRow]:
    return [
        TravelRow(
            unit="steps",
            measure="use",
            line=cell,
            network=cell.upper(),
            condition="trained",
            seed=seed,
            distance=distance,
            value=value,
        )
        for distance, value in values.items()
    ]


def arrives(
    values: Mapping[int, float | None], condition: Condition = "before training", seed: int = 0
) -> list[TravelRow]:
    return [
        TravelRow(
            unit="steps",
            measure="influence",
            line="rnn",
            network="RNN",
            condition=condition,
            seed=seed,
            distance=distance,
            value=value,
        )
        for distance, value in values.items()
    ]


def came(last: int | None, failed: int | None, cell: str = "rnn") -> TravelHorizonRow:
    return TravelHorizonRow(
        unit="steps",
        line=cell,
        network=cell.upper(),
        kind="learned",
        trained_to=None,
        seed=0,
        last_passed=last,
        first_failed=failed,
    )


ROWS = [
    *arrives({1: 1.0, 10: 1e-3, 40: 1e-12, 99: 0.0}),
    *arrives({1: 1.0, 10: 0.5, 40: 0.25, 99: 2.0}, "trained"),
    *used("rnn", {4: 1.0, 9: 1.0, 40: 0.0}),
    *used("rnn", {4: 1.0, 9: 0.5, 40: 0.1}, seed=1),
]


def draw(rows: list[TravelRow], *horizons: TravelHorizonRow) -> Figure:
    return travel_curves(rows, horizons, palettes=PALETTES)


def points(figure: Figure, *names: str) -> list[dict[str, Any]]:
    """Return the drawn rows that have all of these fields, each once."""
    found = [
        row
        for rows in figure.spec["datasets"].values()
        for row in rows
        if all(name in row for name in names)
    ]
    return [row for index, row in enumerate(found) if row not in found[:index]]


def test_use_is_the_median_with_its_range() -> None:
    drawn = points(draw(ROWS, came(9, 40)), "path", "low", "condition")
    use = [(p["x"], p["y"], p["low"], p["high"]) for p in drawn if "kind" not in p]
    assert use == [(4, 1.0, 1.0, 1.0), (9, 0.75, 0.5, 1.0), (40, 0.05, 0.0, 0.1)]


def test_influence_below_the_axis_stands_at_its_foot_and_is_told() -> None:
    figure = draw(ROWS, came(9, 40))
    edges = [p for p in points(figure, "kind", "x") if p["kind"] == "edge"]
    assert [(p["x"], p["condition"]) for p in edges] == [
        (40, "before training"),
        (99, "before training"),
    ]
    assert "2 of 8 influences lie below 10⁻⁹: ticks at the foot." in figure.caption
    assert "below 10⁻⁹" in figure_svg(figure)


def test_a_horizon_is_marked_on_its_curve_and_open_ones_have_an_arrow() -> None:
    figure = draw([*ROWS, *used("lstm", {4: 1.0, 9: 0.5})], came(9, 40), came(9, None, "lstm"))
    marks = {p["path"]: p for p in points(figure, "size")}
    assert {name: (p["x"], p["y"], p["words"]) for name, p in marks.items()} == {
        "RNN": (9, 0.75, "9"),
        "LSTM": (9, 0.5, "9 →"),
    }
    assert "horizon, RNN: 9 steps" in figure.alt
    assert "horizon, LSTM: 9 or more steps" in figure.alt


def test_a_horizon_between_two_distances_lies_on_the_line_between_them() -> None:
    (mark,) = points(draw(used("rnn", {1: 1.0, 100: 0.0}), came(10, 100)), "size")
    # On a logarithmic axis 10 is half way from 1 to 100.
    assert mark["y"] == pytest.approx(0.5)


def test_marks_at_one_place_show_around_each_other() -> None:
    figure = draw(
        [*used("rnn", {4: 1.0, 9: 0.1}), *used("lstm", {4: 1.0, 9: 0.1})],
        came(4, 9),
        came(4, 9, "lstm"),
    )
    below, above = (p["size"] for p in points(figure, "size"))
    assert below > above


def test_nothing_passed_has_no_mark() -> None:
    figure = draw(ROWS, came(None, 4))
    assert points(figure, "size") == []
    assert "horizon, RNN: none steps" in figure.alt
    assert figure_svg(figure).startswith("<svg")


def test_the_legend_of_dashes_shows_what_is_drawn() -> None:
    drawing = figure_svg(draw(ROWS, came(9, 40)))
    assert ">before training<" in drawing
    assert ">trained nearer<" not in drawing
    assert len({tuple(dash) for dash in DASHES.values()}) == len(DASHES)


def test_all_units_share_the_axis_of_influence() -> None:
    hops = [
        TravelRow(
            unit="hops",
            measure=measure,
            line="on a path",
            network="GCN on a path",
            condition="trained",
            seed=0,
            distance=distance,
            value=1.0,
        )
        for measure in ("influence", "use")
        for distance in (1, 2)
    ]
    figure = draw([*ROWS, *hops], came(9, 40))
    steps, across = (stack["vconcat"][0] for stack in figure.spec["concat"])
    domains = {
        json_domain
        for panel in (steps, across)
        for layer in panel["layer"]
        if (json_domain := tuple(layer["encoding"]["y"].get("scale", {}).get("domain", ())))
    }
    assert len(domains) == 1


def test_what_is_not_finite_is_told_and_drawn_at_the_top() -> None:
    figure = draw([*ROWS, *arrives({40: None}, seed=1)], came(9, 40))
    assert "Not finite: 1; ticks at the top." in figure.caption
    assert "not finite" in figure_svg(figure)


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^travel: no rows: leave the figure out"):
        draw([])
