import networkx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from unroll.errors import ConfigError
from unroll.graphs import a_hat
from unroll.seeding import make_generator
from unroll.tasks.random_graphs import connected_graphs, hop_distances, union_graph


def as_networkx(adjacency: Tensor) -> "networkx.DiGraph[int]":
    return networkx.from_numpy_array(adjacency.numpy(), create_using=networkx.DiGraph)


@given(nodes=st.integers(2, 12), extra=st.integers(0, 8), seed=st.integers(0, 2**31))
def test_graphs_are_connected_and_have_so_many_edges(nodes: int, extra: int, seed: int) -> None:
    extra = min(extra, (nodes - 1) * (nodes - 2) // 2)
    drawn = connected_graphs(5, nodes, extra, make_generator(seed, "test"))
    assert drawn.shape == (5, nodes, nodes)
    assert torch.equal(drawn, drawn.mT)
    assert not drawn.diagonal(dim1=1, dim2=2).any()
    assert drawn.sum((1, 2)).tolist() == [2 * (nodes - 1 + extra)] * 5
    assert all(networkx.is_strongly_connected(as_networkx(graph)) for graph in drawn)


def test_a_number_says_nothing_of_its_node() -> None:
    # Unshuffled, the first node of a recursive tree of 16 has 3.3 edges and the last has 1. Here
    # all have 15/8 on average, with a deviation of 1.1 a tree: of 4,000, 5 deviations are 0.09.
    degrees = connected_graphs(4000, 16, 0, make_generator(0, "test")).float().sum(2).mean(0)
    assert (degrees - 30 / 16).abs().max() < 0.09


def test_every_pair_can_be_joined() -> None:
    joined = connected_graphs(2000, 5, 2, make_generator(0, "test")).any(0)
    assert torch.equal(joined, ~torch.eye(5, dtype=torch.bool))


@pytest.mark.parametrize(("nodes", "extra", "room"), [(1, 0, 0), (4, 4, 3), (4, -1, 3)])
def test_sizes_that_cannot_be_are_refused(nodes: int, extra: int, room: int) -> None:
    with pytest.raises(ConfigError) as caught:
        connected_graphs(3, nodes, extra, make_generator(0, "test"))
    assert str(caught.value) == (
        f"random graphs: nodes must be 2 or more and extra 0 … {room}, got {nodes} and {extra}"
    )


@given(nodes=st.integers(1, 9), share=st.floats(0, 0.5), seed=st.integers(0, 2**31))
def test_hops_are_those_of_a_search(nodes: int, share: float, seed: int) -> None:
    drawn = torch.rand(4, nodes, nodes, generator=make_generator(seed, "test")) < share
    hops = hop_distances(drawn)
    for graph, found in zip(drawn, hops, strict=True):
        lengths = dict(networkx.all_pairs_shortest_path_length(as_networkx(graph)))
        wanted = [[lengths[i].get(j, -1) for j in range(nodes)] for i in range(nodes)]
        assert found.tolist() == wanted


def test_graphs_side_by_side_stay_apart() -> None:
    drawn = connected_graphs(3, 5, 2, make_generator(0, "test"))
    union = union_graph(drawn)
    assert (union.nodes, union.is_directed) == (15, False)
    wanted = torch.zeros(15, 15, dtype=torch.bool)
    for k in range(3):
        wanted[5 * k : 5 * k + 5, 5 * k : 5 * k + 5] = drawn[k]
    assert torch.equal(a_hat(union).to_dense() > 0, wanted | torch.eye(15, dtype=torch.bool))


def test_a_row_gathers_along_a_directed_edge() -> None:
    hears = torch.tensor([[[False, True], [False, False]]])
    union = union_graph(hears, is_directed=True)
    assert union.edges.tolist() == [[1], [0]]
