"""The charts of part 3: what is drawn, and what their words say of it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.report.charts.test_palette import contrast
from unroll.report.charts import (
    Palette,
    accuracy_by_depth,
    accuracy_by_hops,
    attention_by_head,
    attention_drawing,
    classified_graph,
    contest_dots,
    cosine_by_depth,
    energy_by_depth,
    influence_by_hops,
    reach_cells,
    spreading_news,
)
from unroll.report.charts.palette import NIGHT, PAPER
from unroll.report.graph_rows import (
    AttentionRow,
    ClassifiedNode,
    ContestRow,
    DepthRow,
    HopRow,
    PlacedNode,
    ReachRow,
)
from unroll.report.page import figure_svg
from unroll.report.section import Figure

NODES = [
    PlacedNode(name=name, x=x, y=y)
    for name, x, y in (("A", 0.0, 0.0), ("B", 0.5, 1.0), ("C", 1.0, 0.0), ("D", 1.0, 1.0))
]
EDGES = [(0, 1), (1, 2)]
HOPS = [0, 1, 2, None]
CLASSIFIED = [
    ClassifiedNode(name=str(n), x=n / 4, y=0.5, label=n % 2, predicted=0, role=role)
    for n, role in enumerate(("train", "test", "validation", "test", "none"))
]
ATTENTION = [
    AttentionRow(target=0, source=0, by_head=(0.1, 0.3)),
    AttentionRow(target=0, source=1, by_head=(0.9, 0.7)),
    AttentionRow(target=1, source=1, by_head=(0.5, 0.5)),
    AttentionRow(target=1, source=0, by_head=(0.5, 0.5)),
]
DEPTHS = [
    DepthRow(
        variant=variant,
        depth=depth,
        seed=seed,
        accuracy=0.8 - 0.01 * seed,
        dirichlet_energy=0.0 if depth == 8 else 4.0 / depth,
        dirichlet_start=8.0,
        mean_cosine=0.5,
    )
    for variant in ("smoothing", "plain")
    for depth in (2, 8)
    for seed in (0, 1)
]
CARRIED = [
    HopRow(
        shape=shape,
        model=model,
        is_residual=is_residual,
        distance=distance,
        seed=0,
        accuracy=1 / distance,
        chance=0.25,
        untrained=0.1,
        trained=0.1**distance,
    )
    for shape in ("path", "tree")
    for model in ("GCN", "GAT")
    for is_residual in (False, True)
    for distance in (1, 2)
]
CONTEST = [
    ContestRow(
        case=case,
        role=role,
        contestant=name,
        seed=seed,
        value=value + 0.01 * seed,
        examples=100,
        chance=0.5,
    )
    for case, role in (("as trained", "trained"), ("turned", "losing"))
    for name, value in (("GCN", 0.9), ("LSTM", 0.6))
    for seed in (0, 1)
]
NETWORKS = Palette.of_networks(["GCN", "LSTM"])


DRAWN: dict[str, Callable[[], Figure]] = {
    "graph-classified": lambda: classified_graph(CLASSIFIED, EDGES, classes=["red", "blue"]),
    "graph-hops": lambda: spreading_news(NODES, EDGES, HOPS, target=2),
    "arrows": lambda: spreading_news(
        NODES, EDGES, HOPS, target=2, is_directed=True, figure_id="arrows"
    ),
    "gat-attention": lambda: attention_drawing(NODES, ATTENTION),
    "gat-heads": lambda: attention_by_head({0: "A", 1: "B"}, ATTENTION[:2]),
    "depth-accuracy": lambda: accuracy_by_depth(DEPTHS),
    "depth-energy": lambda: energy_by_depth(DEPTHS),
    "depth-cosine": lambda: cosine_by_depth(DEPTHS),
    "hop-accuracy": lambda: accuracy_by_hops(CARRIED),
    "hop-influence": lambda: influence_by_hops(CARRIED),
    "contest": lambda: contest_dots(
        CONTEST, metric="error", unit="error", palette=NETWORKS, figure_id="contest"
    ),
}


def shapes(figure: Figure) -> list[dict[str, Any]]:
    """Return all rows that a figure is drawn from."""
    return [row for rows in figure.spec["datasets"].values() for row in rows]


@pytest.mark.parametrize("name", DRAWN)
def test_every_chart_can_be_drawn(name: str) -> None:
    figure = DRAWN[name]()
    assert figure.id == name
    assert figure_svg(figure).startswith("<svg")
    assert figure.alt.endswith(".")
    assert figure.caption.endswith(".")
    assert figure.rows


def test_nodes_in_error_are_told_apart_from_those_trained_on() -> None:
    figure = classified_graph(CLASSIFIED, EDGES, classes=["red", "blue"])
    assert "Squares: the 1 nodes whose class was trained on." in figure.caption
    assert "Ringed: 2 of the other 4 nodes" in figure.caption
    assert figure.alt == (
        "A graph of 5 nodes, coloured by the class predicted: red: 5, blue: 0. "
        "Predicted wrong: 2 nodes (1, 3)."
    )


def test_a_graph_as_large_as_cora_takes_less_than_half_a_megabyte() -> None:
    nodes = [
        ClassifiedNode(name=str(n), x=n / 2708, y=(n % 53) / 53, label=0, predicted=0, role="test")
        for n in range(2708)
    ]
    edges = [(n, (7 * n + 1) % 2708) for n in range(2708)] * 2
    figure = classified_graph(nodes, edges, classes=["red", "blue"])
    assert len(str(figure.spec)) < 500_000


def test_a_node_is_filled_once_the_news_has_come_as_far() -> None:
    figure = spreading_news(NODES, EDGES, HOPS, target=2)
    drawn = [row for row in shapes(figure) if row["kind"] == "node"]
    states = {(row["panel"], row["name"]): row["state"] for row in drawn}
    assert [states["after 1 update", name] for name in "ABCD"] == [
        "source", "heard", "not yet", "not yet",
    ]  # fmt: skip
    assert states["after 2 updates", "C"] == "heard"
    strong = {
        (row["panel"], row["x"])
        for row in shapes(figure)
        if row["kind"] == "edge" and row["strong"]
    }
    assert strong == {("after 1 update", 0.0), ("after 2 updates", 0.5)}
    assert figure.alt.endswith("A is the source; B after 1; C after 2; never: D.")


def test_half_an_edge_is_coloured_by_its_share_of_its_own_node() -> None:
    halves = [row for row in shapes(attention_drawing(NODES, ATTENTION)) if "times" in row]
    found = {(row["target"], row["source"]): (row["times"], row["kind"]) for row in halves}
    assert found == {("A", "B"): (1.6, "more than an even share"), ("B", "A"): (1.0, "about even")}


def test_a_cell_without_news_is_without_shade() -> None:
    rows = [
        ReachRow(node=name, hops=hops, updates=k, power=power, jacobian=2 * power)
        for k in (0, 1)
        for name, hops, power in (("A", 0, 1.0), ("B", 1, 0.25 * k), ("C", None, 0.0))
    ]
    figure = reach_cells(rows)
    shades = {(row["node"], row["y"]): row["shade"] for row in shapes(figure)}
    assert shades["A", 0] == 1.0
    assert shades["B", 0] == shades["C", 1] == 0.0
    assert 0.5 < shades["B", 1] < 0.7
    assert "so are 3 of the 3 cells where k is less than the hops, and 0 of the 3 others" in (
        figure.caption
    )
    assert figure_svg(figure).startswith("<svg")


def test_energy_that_is_gone_stands_below_the_axis() -> None:
    figure = energy_by_depth(DEPTHS)
    assert "Off the axis, of 8 values: 4 exactly 0" in figure.caption
    assert "plain: 0.25 at 2, 0 at 8" in figure.alt


def test_dots_stand_in_the_lane_of_their_case_and_network() -> None:
    figure = contest_dots(CONTEST, metric="accuracy", unit="share", palette=NETWORKS, figure_id="x")
    lanes = {(row["case"], row["contestant"]): row["y"] for row in shapes(figure) if "seed" in row}
    assert sorted(lanes, key=lambda lane: lanes[lane]) == list(lanes)
    assert figure.alt == (
        "share, median over seeds. Case as trained: GCN 0.905; LSTM 0.605. Case turned: GCN "
        "0.905; LSTM 0.605."
    )
    assert "Shaded: cases made for the usual winner to lose." in figure.caption


def test_errors_far_apart_stand_on_a_logarithmic_axis() -> None:
    far = [
        ContestRow(
            case="c", role="trained", contestant=name, seed=0, value=value, examples=1, chance=None
        )
        for name, value in (("GCN", 0.001), ("LSTM", 1.0))
    ]
    figure = contest_dots(far, metric="error", unit="error", palette=NETWORKS, figure_id="x")
    assert "error (logarithmic)" in str(figure.spec["layer"])
    near = contest_dots(CONTEST, metric="error", unit="error", palette=NETWORKS, figure_id="x")
    assert "logarithmic" not in str(near.spec)


def test_what_is_not_finite_is_told_and_not_drawn() -> None:
    lost = ContestRow(
        case="as trained",
        role="trained",
        contestant="LSTM",
        seed=2,
        value=None,
        examples=1,
        chance=0.5,
    )
    figure = contest_dots(
        [*CONTEST, lost], metric="accuracy", unit="share", palette=NETWORKS, figure_id="x"
    )
    assert "Without a finite value: 1 (LSTM)." in figure.caption
    assert figure_svg(figure).startswith("<svg")


def test_networks_on_graphs_look_alike_everywhere_and_the_lstm_as_ever() -> None:
    networks = Palette.of_networks(["LSTM", "GCN + LSTM", "GCN", "GCN, directed", "other"]).styles
    assert list(networks) == ["LSTM", "GCN + LSTM", "GCN", "GCN, directed", "other"]
    assert networks["LSTM"] == Palette.of(["lstm"]).styles["lstm"]
    assert networks["GCN"] == Palette.of_networks(["GCN"]).styles["GCN"]
    assert len({style.light for style in networks.values()}) == 5


def test_colours_of_networks_and_classes_stand_out_from_their_ground() -> None:
    names = ["GCN", "GCN 2", "GCN 3", "GAT", "LSTM", "LSTM 2", "GCN + LSTM", "Tree-LSTM"]
    names += ["plain", "residual", "smoothing"]
    classes = Palette.of_classes(map(str, range(8))).styles.values()
    for style in (*Palette.of_networks(names).styles.values(), *classes):
        # 3 is what the accessibility guidelines ask of a mark.
        assert contrast(style.light, PAPER) > 3
        assert contrast(style.dark, NIGHT[PAPER]) > 3
        assert NIGHT[style.light] == style.dark
    assert len({style.light for style in classes}) == 8


def test_nothing_to_draw_is_refused() -> None:
    for draw, name in (
        (accuracy_by_depth, "depth-accuracy"),
        (energy_by_depth, "depth-energy"),
        (accuracy_by_hops, "hop-accuracy"),
        (influence_by_hops, "hop-influence"),
        (reach_cells, "reach-map"),
    ):
        with pytest.raises(ValueError, match=f"{name}: no rows: leave the figure out"):
            draw([])
    with pytest.raises(ValueError, match="x: no rows"):
        contest_dots([], metric="error", unit="error", palette=NETWORKS, figure_id="x")
    with pytest.raises(ValueError, match="graph-classified: no nodes"):
        classified_graph([], [], classes=[])
    with pytest.raises(ValueError, match="gat-attention: no rows"):
        attention_drawing(NODES, [])
    with pytest.raises(ValueError, match="gat-heads: no rows"):
        attention_by_head({}, [])


def test_what_does_not_belong_together_is_refused() -> None:
    with pytest.raises(ValueError, match="graph-hops: edges must join 4 nodes, got node 4"):
        spreading_news(NODES, [(0, 4)], HOPS, target=2)
    with pytest.raises(ValueError, match="graph-hops: hops must hold 0 once, for the source"):
        spreading_news(NODES, EDGES, [None, 1, 2, None], target=2)
    with pytest.raises(ValueError, match="gat-heads: rows must be of one node, got several"):
        attention_by_head({0: "A", 1: "B"}, ATTENTION)
