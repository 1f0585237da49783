from typing import Any

import pytest
import torch
from torch import Tensor

from unroll.errors import ConfigError
from unroll.graphs import GCNLayer, Graph, a_hat, graph_from_pairs
from unroll.models.graph_network import GraphNetwork
from unroll.seeding import make_generator

PAIRS = [(0, 1), (0, 4), (0, 5), (1, 3), (2, 3), (3, 5)]
GRAPH = graph_from_pairs(PAIRS, nodes=6)
KINDS: list[dict[str, Any]] = [
    {"kind": "gcn"},
    {"kind": "gcn", "residual": True},
    {"kind": "gcn", "activation": "tanh"},
    {"kind": "gat"},
    {"kind": "gat", "residual": True, "activation": "tanh"},
]
every_kind = pytest.mark.parametrize("kind", KINDS)


def make_network(layers: int = 3, hidden_size: int = 8, **kind: Any) -> GraphNetwork:
    generator = make_generator(0, "weights")
    return GraphNetwork(
        input_size=5,
        hidden_size=hidden_size,
        output_size=2,
        layers=layers,
        generator=generator,
        **kind,
    ).double()


def make_inputs(graph: Graph = GRAPH) -> Tensor:
    return torch.randn(graph.nodes, 5, generator=make_generator(0, "x"), dtype=torch.float64)


@every_kind
def test_nodes_in_another_order_give_the_same_scores(kind: dict[str, Any]) -> None:
    network, x = make_network(**kind), make_inputs()
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    matrix, other = (a_hat(g).to(torch.float64) for g in (GRAPH, GRAPH.relabelled(order)))
    torch.testing.assert_close(network(x[order], other), network(x, matrix)[order])


@every_kind
def test_a_graph_beside_others_gives_the_same_scores(kind: dict[str, Any]) -> None:
    network, x = make_network(**kind), make_inputs()
    matrix = a_hat(GRAPH).to(torch.float64)
    batch = network(torch.cat([x, x + 1]), matrix.repeated(2))
    torch.testing.assert_close(batch[:6], network(x, matrix))
    torch.testing.assert_close(batch[6:], network(x + 1, matrix))


@every_kind
def test_the_last_state_is_read_at_each_node(kind: dict[str, Any]) -> None:
    network, x = make_network(**kind), make_inputs()
    matrix = a_hat(GRAPH).to(torch.float64)
    states = network.hidden(x, matrix)
    assert [tuple(state.shape) for state in states] == [(6, 8)] * 3
    assert torch.equal(network.embed(x, matrix), states[-1])
    read = states[-1] @ network.weight_y.T + network.bias_y
    assert torch.equal(network(x, matrix), read)


@pytest.mark.parametrize("residual", [False, True])
def test_gcn_layers_written_out_with_a_dense_matrix(*, residual: bool) -> None:
    network = make_network(kind="gcn", residual=residual)
    x = make_inputs()
    dense = a_hat(GRAPH).to(torch.float64).to_dense()
    h = x
    for number, layer in enumerate(network.layers):
        assert isinstance(layer, GCNLayer)
        assert layer.bias is not None
        news = dense @ h @ layer.weight + layer.bias
        # The first layer makes 8 numbers of 5, to which nothing can be added.
        h = torch.relu(news) + (h if residual and number else 0)
    torch.testing.assert_close(network.embed(x, a_hat(GRAPH).to(torch.float64)), h)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"kind": "gnc"}, "unknown graph layer 'gnc': expected one of gat, gcn (nearest: gcn)"),
        (
            {"activation": "elu"},
            "unknown activation 'elu': expected one of relu, tanh (nearest: relu)",
        ),
        ({"layers": 0}, "graph network: layers must be 1 or more, got 0"),
        (
            {"kind": "gat", "hidden_size": 6},
            "graph network: hidden_size must be a multiple of its heads, 4, got 6",
        ),
    ],
)
def test_what_cannot_be_built_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_network(**changed)
    assert str(caught.value) == message
