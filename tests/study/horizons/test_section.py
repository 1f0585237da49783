import functools
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.study.graphs.made_up import hops_view
from tests.study.horizons.made_up import all_views, cliff, texts
from unroll.report.charts.frame import fitted
from unroll.report.page import figure_svg, render
from unroll.report.section import Figure, Prose, Section, Table
from unroll.study.document import build_document
from unroll.study.horizons.section import closing_sections
from unroll.study.parts import TOGETHER
from unroll.study.views import Views


def closing(views: Views) -> Section:
    (section,) = closing_sections(views)
    return section


@functools.cache
def whole() -> Section:
    """Return the section of all three units, drawn once for all who look at it."""
    return closing(all_views())


def figures(section: Section) -> dict[str, Figure]:
    return {block.id: block for block in section.blocks if isinstance(block, Figure)}


def table(section: Section) -> Table:
    (found,) = (block for block in section.blocks if isinstance(block, Table))
    return found


def prose(section: Section, role: str) -> str:
    (text,) = (b.text for b in section.blocks if isinstance(b, Prose) and b.role == role)
    return text


def heads(figure: Figure) -> list[str]:
    stacks: list[dict[str, Any]] = figure.spec["concat"]
    return [panel["title"]["text"] for stack in stacks for panel in stack["vconcat"]]


def test_three_units_stand_side_by_side_at_the_end() -> None:
    document = build_document(all_views())
    section = document.sections[-1]
    assert (section.title, section.part, section.number) == (
        "How far, and what stops it?",
        TOGETHER,
        "",
    )
    assert [block.role for block in section.blocks if isinstance(block, Prose)] == [
        "asked",
        "ran",
        "measured",
        "follows",
    ]
    assert list(figures(section)) == ["travel", "horizons"]
    assert heads(figures(section)["travel"]) == [
        "Through time: influence",
        "Through time: use",
        "Through text: influence",
        "Through text: use",
        "Across graphs: influence",
        "Across graphs: use",
    ]
    assert "How far, and what stops it?" in render(document)


def test_the_furthest_of_each_unit_is_told() -> None:
    assert prose(whole(), "measured") == (
        "The furthest, by use: **100 steps** or more (RNN, trained at T ≤ 6; retained), "
        "**64 characters** (quick; retained) and **6 hops** (residual GCN on a path; learned). "
        "Medians over seeds."
    )


def test_the_table_holds_every_network_with_its_influence() -> None:
    found = table(whole())
    rows = {row[0]: row for row in found.rows}
    assert len(rows) == 3 + 1 + 8
    assert rows["RNN, trained at each distance"][1:6] == (
        "steps, learned",
        "4",
        2,
        "100%",
        "5e-10 at d = 5",
    )
    assert rows["RNN, frozen (identity:1)"][1:6] == (
        "steps, by construction",
        "none",
        1,
        None,
        None,
    )
    assert rows["quick"][1:6] == ("characters, retained", "64", 2, "1.6%", "0.2% at d = 512")
    assert rows["plain GCN on a path"][1:6] == (
        "hops, learned",
        "4",
        3,
        "12% (12%–13%)",
        "0.78% at d = 8",
    )
    assert "hops, accuracy 0.9 or more, with as many layers as hops" in found.caption


def test_what_follows_answers_and_compares_each_unit() -> None:
    follows = prose(whole(), "follows").split("\n\n")
    assert [paragraph.partition(" ")[0] for paragraph in follows] == [
        "**What",
        "In",
        "In",
        "**Steps.**",
        "**Characters.**",
        "**Hops.**",
    ]


EVERYTHING = all_views()


@pytest.mark.parametrize(
    ("views", "units"),
    [
        (replace(EVERYTHING, texts=()), ["Through time", "Across graphs"]),
        (replace(EVERYTHING, graphs=()), ["Through time", "Through text"]),
        (replace(EVERYTHING, memory=(), gradients=()), ["Through text", "Across graphs"]),
    ],
    ids=["no texts", "no graphs", "no steps"],
)
def test_two_units_have_the_panels_that_exist(views: Views, units: list[str]) -> None:
    section = closing(views)
    found = heads(figures(section)["travel"])
    assert found == [f"{unit}: {measure}" for unit in units for measure in ("influence", "use")]
    for figure in figures(section).values():
        assert figure_svg(figure).startswith("<svg")


def test_one_unit_has_nothing_to_stand_beside() -> None:
    views = all_views()
    assert closing_sections(replace(views, texts=(), graphs=())) == ()
    assert closing_sections(Views(texts=(texts(),))) == ()
    assert closing_sections(Views(graphs=(hops_view(),))) == ()
    assert closing_sections(Views()) == ()


def test_a_unit_without_influence_says_so() -> None:
    views = Views(memory=(cliff({3: (1.0,), 5: (0.1,)}),), texts=(texts(),))
    drawing = figure_svg(figures(closing(views))["travel"])
    assert drawing.count("not measured here") == 1


def test_the_figures_carry_what_measures_them() -> None:
    # The book's networks come out of a study alone, which measures all the rest as well.
    for figure in figures(whole()).values():
        assert figure.command == "unroll study"
    apart = figures(closing(replace(all_views(), texts=())))["travel"].command.splitlines()
    assert [line.partition(" {")[0] for line in apart] == ["unroll memory", "unroll graph horizon"]


def test_figures_hold_no_number_that_json_has_not() -> None:
    for figure in figures(whole()).values():
        json.dumps(figure.spec, allow_nan=False)
        json.dumps(figure.rows, allow_nan=False)


@pytest.mark.parametrize(("width", "columns"), [(860, 3), (600, 2), (340, 1)])
def test_the_columns_stack_where_the_page_is_narrow(width: int, columns: int) -> None:
    spec = fitted(figures(whole())["travel"].spec, width)
    assert spec["columns"] == columns
    widths = {panel["width"] for stack in spec["concat"] for panel in stack["vconcat"]}
    assert len(widths) == 1
    assert 0.6 * width < columns * widths.pop() < width
