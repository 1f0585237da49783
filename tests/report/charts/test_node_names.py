"""Names of nodes that are too long for their circles, and classes that outnumber the colours."""

import json
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unroll.report.charts import (
    attention_by_head,
    attention_drawing,
    classified_graph,
    reach_cells,
    spreading_news,
)
from unroll.report.charts.canvas import Canvas
from unroll.report.charts.node_names import (
    LONGEST,
    NO_ROOM,
    is_crowded,
    letters,
    placed_names,
    shortened,
)
from unroll.report.graph_rows import AttentionRow, ClassifiedNode, PlacedNode, ReachRow
from unroll.report.page import figure_svg

LONG = ("Zürich", "Bern", "</script><b>x", 'A "very" \\ long name')
PLACES = ((0.0, 0.0), (0.5, 0.5), (1.0, 0.0), (1.0, 1.0))
EDGES = [(0, 1), (1, 2), (1, 3)]


def nodes(names: tuple[str, ...] = LONG) -> list[PlacedNode]:
    return [PlacedNode(name=name, x=x, y=y) for name, (x, y) in zip(names, PLACES, strict=False)]


def drawn(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [row for rows in spec["datasets"].values() for row in rows]


def reach_spec(name: str) -> str:
    """Return the specification of a map of six nodes, one of them of this name."""
    rows = [
        ReachRow(node=node, hops=hops, updates=0, power=float(not hops), jacobian=float(not hops))
        for node, hops in (("A", 0), (name, 1), *((letter, 2) for letter in "CDEF"))
    ]
    return json.dumps(reach_cells(rows).spec["spec"], ensure_ascii=False)


@given(st.lists(st.text(min_size=1, max_size=40), max_size=8))
def test_a_shortened_name_fits_and_a_short_one_stays(names: list[str]) -> None:
    for name, short in zip(names, shortened(names), strict=True):
        assert letters(short) <= LONGEST
        assert (short == name) == (letters(name) <= LONGEST) or "…" in name


@given(
    st.lists(
        st.builds(
            PlacedNode,
            name=st.text("aM京", min_size=1, max_size=20),
            x=st.floats(0, 1),
            y=st.floats(0, 1),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_names_beside_nodes_cover_neither_nodes_nor_each_other(some: list[PlacedNode]) -> None:
    canvas, radius, width = Canvas(height=200, margin=32), 16.0, 220
    rows = placed_names(some, canvas, radius=radius, widths=[width])
    boxes = []
    for node, row in zip(some, rows, strict=True):
        assert row["named"] == (node.name if letters(node.name) <= 3 else "")
        if "beside" in row:
            x, y = canvas.spot(node, width)
            middle = min(max(x + row["dx"], row["half"]), width - row["half"])
            boxes.append((middle, y + row["dy"], row["half"]))
    for x, y, half in boxes:
        assert half <= x <= width - half
        assert 0 < y < canvas.height
        for node in some:
            at_x, at_y = canvas.spot(node, width)
            assert abs(x - at_x) >= half + radius or abs(y - at_y) >= radius
    for one, other in combinations(boxes, 2):
        assert abs(one[0] - other[0]) >= one[2] + other[2] or abs(one[1] - other[1]) >= 10


def test_a_wider_room_moves_no_name_and_finds_room_for_more() -> None:
    some = [
        PlacedNode(name=f"a long name {n}", x=n / 9, y=(0.45, 0.5, 0.55)[n % 3]) for n in range(10)
    ]
    canvas = Canvas(height=120, margin=32, aspect=8)
    few = placed_names(some, canvas, radius=10, widths=[300])
    more = placed_names(some, canvas, radius=10, widths=[300, 900])
    assert is_crowded(few)
    assert [row for row in more if row.get("least") == 0] == [row for row in few if len(row) > 1]
    assert any(row.get("least") == 900 for row in more)


def test_long_names_stand_beside_the_nodes_that_news_reaches() -> None:
    figure = spreading_news(nodes(), EDGES, [0, 1, 2, 2], target=2)
    rows = [row for row in drawn(figure.spec) if row["kind"] == "node"]
    assert {row["named"] for row in rows} == {""}
    assert {row["beside"] for row in rows} == {"Zürich", "Bern", "</script><b…", 'A "very" \\…'}
    assert [row["name"] for row in figure.rows] == list(LONG)
    assert NO_ROOM not in figure.caption
    assert "Bern</text>" in figure_svg(figure)


def test_names_that_fit_are_written_into_their_nodes_as_ever() -> None:
    figure = spreading_news(nodes(("A", "B", "C", "100")), EDGES, [0, 1, 2, 2], target=2)
    assert "beside" not in json.dumps(figure.spec)
    assert figure.spec["spec"]["height"] == 170


def test_what_finds_no_room_is_told_of() -> None:
    crowd = [PlacedNode(name=f"a long name {n}", x=0.5, y=0.5) for n in range(9)]
    figure = spreading_news(crowd, [(0, 1)], [0, 1, *[None] * 7], target=1)
    assert NO_ROOM in figure.caption


def test_the_head_of_a_column_is_shown_however_long_the_name() -> None:
    assert "labelAngle" not in reach_spec("B")
    long = reach_spec("The name of a place that is far off")
    assert '"labelAngle": -90' in long
    assert "The name of… · 1" in long
    assert '"labelOverlap": false' in long


@pytest.mark.parametrize("name", LONG)
def test_names_with_marks_of_any_kind_are_drawn(name: str) -> None:
    rows = [
        AttentionRow(target=0, source=0, by_head=(0.3,)),
        AttentionRow(target=0, source=1, by_head=(0.7,)),
    ]
    heads = figure_svg(attention_by_head({0: name, 1: "B"}, rows))
    assert "(itself)" in heads
    drawing = attention_drawing(nodes((name, "B")), rows)
    assert sum(row.get("beside") == shortened([name])[0] for row in drawn(drawing.spec)) == 1
    assert figure_svg(drawing).startswith("<svg")


def classified(classes: int) -> Any:
    some = [
        ClassifiedNode(name=f"n{n}", x=n / classes, y=0.5, label=n, predicted=n, role="test")
        for n in range(classes)
    ]
    return classified_graph(some, [], classes=[f"class {n}" for n in range(classes)])


def test_classes_of_one_colour_have_marks_of_their_own() -> None:
    figure = classified(19)
    assert "19 classes share 8 colours" in figure.caption
    encoded = next(layer for layer in figure.spec["layer"] if "shape" in layer["encoding"])
    looks = [encoded["encoding"][channel]["scale"]["range"] for channel in ("color", "shape")]
    assert len(set(zip(*looks, strict=True))) == 19
    assert figure_svg(figure).startswith("<svg")


def test_as_many_classes_as_colours_share_none() -> None:
    figure = classified(8)
    assert "share" not in figure.caption
    assert all("shape" not in layer["encoding"] for layer in figure.spec["layer"])
