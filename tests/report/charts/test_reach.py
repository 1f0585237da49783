from dataclasses import replace

import pytest

from tests.report.study_samples import reach_rows
from unroll.report.charts import accuracy_by_reach
from unroll.report.charts.frame import fitted
from unroll.report.page import figure_svg

CLIFF = [row for row in reach_rows() if row.series.startswith("assignment")]


def test_caption_says_what_is_drawn_and_over_how_many_seeds() -> None:
    figure = accuracy_by_reach(reach_rows(), longest_trained=30, remark="Trained *once*.")
    assert figure.caption == (
        "Accuracy against the length $T$ that is tested, on a logarithmic axis; each mark is one "
        "trained network. Line: median of 3 seeds; bar: lowest to highest seed. Dotted: chance, "
        "0.10. Shaded: up to $T$ = 30, the longest length trained on. Hollow marks: not held "
        "out. Series that share a $T$ are set side by side. Where two lines coincide, one lies "
        "dashed over the other. Trained *once*."
    )


def test_alt_text_names_every_median() -> None:
    rows = [replace(row, accuracy=0.5) for row in CLIFF if row.length in (5, 10)]
    assert accuracy_by_reach(rows, longest_trained=30).alt == (
        "Accuracy against tested length T, trained up to T = 30, median over seeds. "
        "assignment: trained at each T: 0.5 at T = 5, 0.5 at T = 10."
    )


def test_the_line_is_the_median_and_every_seed_is_a_mark() -> None:
    rows = [
        replace(row, accuracy=accuracy)
        for row, accuracy in zip(CLIFF[::7], (0.2, 0.9, 1.0), strict=True)
    ]
    data = accuracy_by_reach(rows, longest_trained=None).spec["datasets"].values()
    (median,) = [row for rows in data for row in rows if "low" in row]
    assert (median["y"], median["low"], median["high"], median["seeds"]) == (0.9, 0.2, 1.0, 3)
    assert [r["y"] for rows in data for r in rows if "trained" in r] == [0.2, 0.9, 1.0]


def test_tests_without_a_value_are_told_and_drawn() -> None:
    rows = [replace(CLIFF[0], accuracy=None), *CLIFF[1:]]
    figure = accuracy_by_reach(rows, longest_trained=None)
    assert "Without a value: 1 test (assignment: trained at each T), the cross." in figure.caption
    data = figure.spec["datasets"].values()
    assert [r["T"] for rows in data for r in rows if r.get("lost")] == [5]


@pytest.mark.parametrize(
    ("longest", "is_marked"), [(30, True), (None, False), (3, False), (20_000, False)]
)
def test_what_lies_beyond_training_is_named_where_the_axis_shows_it(
    longest: int | None, is_marked: bool
) -> None:
    drawing = figure_svg(accuracy_by_reach(reach_rows(), longest_trained=longest))
    assert ("beyond training, T &gt;" in drawing) == is_marked


def test_axis_reaches_from_the_shortest_to_the_longest_length() -> None:
    figure = accuracy_by_reach(reach_rows(), longest_trained=30)
    scale = figure.spec["encoding"]["x"]["scale"]
    assert scale["type"] == "log"
    assert scale["domain"][0] < 5
    assert 10_000 < scale["domain"][1] < 14_000
    drawing = figure_svg(figure)
    assert ">chance, 0.10<" in drawing
    assert ">10,000<" in drawing


def test_each_series_has_a_style_of_its_own_in_the_order_given() -> None:
    figure = accuracy_by_reach(reach_rows()[::-1], longest_trained=30)
    (scale,) = {
        str(layer["encoding"]["color"]["scale"]): layer["encoding"]["color"]["scale"]
        for layer in figure.spec["layer"]
        if "field" in layer.get("encoding", {}).get("color", {})
    }.values()
    assert scale["domain"][0] == "identity:2.5, recurrence frozen"
    assert len(set(scale["range"])) == len(scale["domain"]) == 5


@pytest.mark.parametrize("width", [356, 756])
def test_the_legend_knows_the_width_that_there_is(width: int) -> None:
    figure = accuracy_by_reach(reach_rows(), longest_trained=30)
    params = {p["name"]: p.get("value") for p in fitted(figure.spec, width)["params"]}
    assert params["room"] == width


def test_one_seed_at_one_length_is_drawn() -> None:
    figure = accuracy_by_reach(CLIFF[:1], longest_trained=5)
    assert "1 seed each." in figure.caption
    assert figure_svg(figure).startswith("<svg")


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="no rows") as error:
        accuracy_by_reach([], longest_trained=30)
    assert str(error.value) == "reach: no rows: leave the figure out until a trial is in"


def test_a_series_alone_at_a_length_stands_on_its_tick_and_no_line_hides_another() -> None:
    rows = [replace(row, accuracy=1.0) for row in reach_rows()]
    data = [r for rows in accuracy_by_reach(rows, longest_trained=30).spec["datasets"].values()
            for r in rows if "low" in r]  # fmt: skip
    by_length = {n: {r["series"] for r in data if r["T"] == n} for n in (r["T"] for r in data)}
    alone = [r for r in data if len(by_length[r["T"]]) == 1]
    assert alone
    assert all(r["x"] == r["T"] for r in alone)
    shared = [r for r in data if len(by_length[r["T"]]) > 1]
    assert len({(r["x"], r["T"]) for r in shared}) == len(shared)
    assert {tuple(r["dash"]) for r in data if r["series"] != data[0]["series"]} == {(5, 6)}
