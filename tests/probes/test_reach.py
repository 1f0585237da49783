from typing import Any

import networkx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from unroll.graphs import Graph, a_hat, a_tilde, graph_from_pairs
from unroll.models.graph_network import GraphNetwork
from unroll.probes.reach import (
    first_reached,
    hops,
    influence,
    influence_map,
    influences,
    power_columns,
    squared,
    twins,
    updates_by_powers,
)
from unroll.seeding import make_generator

SIX = graph_from_pairs([(0, 1), (0, 4), (0, 5), (1, 3), (2, 3), (3, 5)], nodes=6)
C, E = 2, 4


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    N = draw(st.integers(1, 8))
    directed = draw(st.booleans())
    nodes = st.integers(0, N - 1)
    pairs = draw(st.sets(st.tuples(nodes, nodes), max_size=12))
    if not directed:
        pairs = {(min(p), max(p)) for p in pairs}
    return graph_from_pairs(sorted(pairs), nodes=N, directed=directed)


def make_network(layers: int, kind: str = "gcn", **more: Any) -> GraphNetwork:
    return GraphNetwork(
        kind,
        input_size=3,
        hidden_size=4,
        output_size=1,
        layers=layers,
        activation="tanh",
        generator=make_generator(0, "weights"),
        **more,
    ).double()


def make_inputs(nodes: int) -> Tensor:
    return torch.randn(nodes, 3, generator=make_generator(0, "x"), dtype=torch.float64)


@given(graph=graphs(), data=st.data())
def test_search_and_powers_find_the_shortest_way(graph: Graph, data: st.DataObject) -> None:
    source = data.draw(st.integers(0, graph.nodes - 1))
    drawn: Any = networkx.DiGraph()
    drawn.add_nodes_from(range(graph.nodes))
    drawn.add_edges_from(graph.edges.T.tolist())
    lengths = networkx.single_source_shortest_path_length(drawn, source)
    expected = [lengths.get(node) for node in range(graph.nodes)]
    assert hops(graph, source) == expected
    assert updates_by_powers(a_hat(graph), source) == expected
    halves = [None if k is None else (k + 1) // 2 for k in expected]
    assert updates_by_powers(squared(a_hat(graph)), source) == halves


def test_a_long_path_is_reached_though_its_powers_are_too_small_for_float64() -> None:
    path = graph_from_pairs([(i, i + 1) for i in range(999)], nodes=1000)
    assert float(power_columns(a_hat(path), 0, 999)[999, 999]) == 0.0
    assert updates_by_powers(a_hat(path), 0) == list(range(1000))


def test_columns_are_those_of_the_dense_powers() -> None:
    dense = a_hat(SIX).to(torch.float64).to_dense()
    columns = power_columns(a_hat(SIX), C, 5)
    for k in range(6):
        torch.testing.assert_close(columns[k], dense.matrix_power(k)[:, C])
    torch.testing.assert_close(squared(a_hat(SIX)).to_dense(), (dense @ dense).float())


@pytest.mark.parametrize("kind", ["gcn", "gat"])
@pytest.mark.parametrize("residual", [False, True])
def test_news_from_c_reaches_e_after_four_layers(kind: str, *, residual: bool) -> None:
    matrix, x = a_hat(SIX).to(torch.float64), make_inputs(6)
    found = [
        influence(make_network(layers, kind, residual=residual), x, matrix, C, E)
        for layers in (1, 2, 3, 4, 5)
    ]
    assert found[:3] == [0.0, 0.0, 0.0]
    assert min(found[3:]) > 0


@pytest.mark.parametrize("kind", ["gcn", "gat"])
def test_influence_is_the_norm_of_the_jacobian(kind: str) -> None:
    matrix, x, network = a_hat(SIX).to(torch.float64), make_inputs(6), make_network(4, kind)
    find_jacobian: Any = torch.autograd.functional.jacobian
    jacobian = find_jacobian(lambda x: torch.stack(network.hidden(x, matrix)), x)
    by_layer = influence_map(network, x, matrix, C)
    # Sums over copies of the graph may be taken in another order.
    torch.testing.assert_close(by_layer, jacobian[:, :, :, C].square().sum((2, 3)).sqrt())
    assert influence(network, x, matrix, C, E) == pytest.approx(float(by_layer[3, E]))
    assert first_reached(by_layer)[E] == 3


def test_pairs_in_graphs_side_by_side_are_told_apart() -> None:
    matrix, network = a_hat(SIX).to(torch.float64), make_network(4)
    x = make_inputs(12)
    both = influences(network, x, matrix.repeated(2), torch.tensor([C, 6]), torch.tensor([E, 9]))
    alone = [influence(network, x[:6], matrix, C, E), influence(network, x[6:], matrix, 0, 3)]
    torch.testing.assert_close(both, torch.tensor(alone, dtype=torch.float64))


def test_first_reached_counts_rows() -> None:
    rows = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.0, 1e-300]], dtype=torch.float64)
    assert first_reached(rows) == [0, None, 1]


def test_nodes_that_hear_the_same_are_twins() -> None:
    # B and F both hear A and D. On a star all leaves are alike; in a triangle everyone is.
    assert twins(a_tilde(SIX)) == [(1, 5)]
    star = graph_from_pairs([(0, 1), (0, 2), (0, 3)], nodes=4)
    assert twins(a_tilde(star)) == [(1, 2), (1, 3), (2, 3)]
    triangle = graph_from_pairs([(0, 1), (1, 2), (0, 2)], nodes=3)
    assert twins(a_tilde(triangle)) == [(0, 1), (0, 2), (1, 2)]
    # One hears the other, and not the other way round: they are told apart.
    arrow = graph_from_pairs([(0, 1)], nodes=2, directed=True)
    assert twins(a_tilde(arrow)) == []
