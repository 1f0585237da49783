import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from tests.graphs.examples import SIX, draw, random_graph
from tests.graphs.peer import add_remaining_self_loops
from unroll.errors import ConfigError, ShapeError
from unroll.graphs import (
    Graph,
    a_hat,
    a_tilde,
    adjacency_matrix,
    graph_from_pairs,
    propagate,
    propagate_plain,
    repeated,
)

GRAPHS = [
    random_graph(9, 0.4, 0),
    random_graph(9, 0.4, 1, directed=True),
    graph_from_pairs([(0, 0), (0, 1)], nodes=3),
    graph_from_pairs([], nodes=2),
]


@pytest.mark.parametrize("graph", GRAPHS)
def test_a_tilde_and_a_hat_are_their_definitions_in_dense_form(graph: Graph) -> None:
    adjacency = torch.zeros(graph.nodes, graph.nodes, dtype=torch.float64)
    adjacency[graph.edges[1], graph.edges[0]] = 1
    assert torch.equal(adjacency_matrix(graph).to_dense().double(), adjacency)
    with_loops = adjacency.clone().fill_diagonal_(1)
    assert torch.equal(a_tilde(graph).to_dense().double(), with_loops)
    scale = torch.diag(with_loops.sum(1) ** -0.5)
    wanted = scale @ with_loops @ scale
    assert_close(a_hat(graph, dtype=torch.float64).to_dense(), wanted)
    assert_close(a_hat(graph, dtype=torch.float64).row_sums(), wanted.sum(1))
    assert_close(a_hat(graph).to_dense(), wanted.float())


def test_a_loop_of_the_graphs_own_is_kept_once_as_in_torch_geometric() -> None:
    graph = graph_from_pairs([(0, 0), (0, 1)], nodes=3)
    edges, _ = add_remaining_self_loops(graph.edges, num_nodes=3)
    wanted = torch.zeros(3, 3)
    wanted[edges[1], edges[0]] = 1
    assert torch.equal(a_tilde(graph).to_dense(), wanted)


def test_rows_of_a_hat_do_not_sum_to_one() -> None:
    sums = a_hat(SIX).row_sums()
    assert float(sums.min()) < 0.9
    assert float(sums.max()) > 1.1
    regular = graph_from_pairs([(0, 1), (1, 2), (2, 0)], nodes=3)
    assert_close(a_hat(regular).row_sums(), torch.ones(3))


@given(
    nodes=st.integers(1, 12),
    columns=st.integers(1, 40),
    share=st.floats(0, 1),
    seed=st.integers(0, 99),
    directed=st.booleans(),
)
def test_fast_form_equals_the_plain_sum_with_its_gradient(
    nodes: int, columns: int, share: float, seed: int, directed: bool
) -> None:
    graph = random_graph(nodes, share, seed, directed=directed)
    matrix = a_hat(graph)
    x = draw(graph.nodes, columns, seed=seed).float().requires_grad_()
    weights = draw(graph.nodes, columns, seed=seed + 1).float()
    fast, plain = propagate(matrix, x), propagate_plain(matrix, x)
    # Sums of at most 14 numbers of size 1, in another order: a few ends of float32.
    assert_close(fast, plain, atol=1e-5, rtol=1e-5)
    gradients = [torch.autograd.grad((y * weights).sum(), x)[0] for y in (fast, plain)]
    assert_close(*gradients, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("graph", GRAPHS)
def test_gradients_of_first_and_second_order(graph: Graph) -> None:
    matrix = a_hat(graph, dtype=torch.float64)
    x = draw(graph.nodes, 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: propagate(matrix, x).tanh(), x)
    assert torch.autograd.gradgradcheck(lambda x: propagate(matrix, x).tanh(), x)


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_transpose_is_the_transpose(graph: Graph) -> None:
    matrix = a_hat(graph)
    assert torch.equal(matrix.transpose().to_dense(), matrix.to_dense().T)
    assert (matrix.transpose() is matrix) == (not graph.is_directed)
    order = matrix.by_source
    assert torch.equal(matrix.transpose().sources, matrix.targets[order])
    assert torch.equal(matrix.transpose().targets, matrix.sources[order])


def test_k_products_reach_exactly_k_hops() -> None:
    matrix, x = a_hat(SIX), torch.zeros(6, 1)
    x[2] = 1
    reached = []
    for _ in range(4):
        x = propagate(matrix, x)
        reached.append(x.squeeze(1).nonzero().squeeze(1).tolist())
    assert reached == [[2, 3], [1, 2, 3, 5], [0, 1, 2, 3, 5], [0, 1, 2, 3, 4, 5]]


@pytest.mark.parametrize("graph", GRAPHS)
def test_repeated_is_the_matrix_of_the_repeated_graph(graph: Graph) -> None:
    copies, whole = a_hat(graph).repeated(3), a_hat(repeated(graph, 3))
    for field in ("offsets", "sources", "weights", "nodes", "is_symmetric"):
        assert_close(getattr(copies, field), getattr(whole, field), atol=0, rtol=0)


def test_the_order_of_edges_does_not_matter() -> None:
    turned = Graph(nodes=6, edges=SIX.edges.flip(1))
    assert torch.equal(a_hat(SIX).to_dense(), a_hat(turned).to_dense())


def test_moved_to_another_dtype_or_device_it_is_the_same_matrix() -> None:
    matrix = a_hat(SIX)
    assert torch.equal(matrix.to(torch.float64).to_dense(), matrix.to_dense().double())
    moved = matrix.to(torch.device("meta"))
    assert {moved.offsets.device.type, moved.sources.device.type} == {"meta"}
    assert moved.is_symmetric


def test_indices_take_four_bytes() -> None:
    matrix = a_hat(SIX)
    assert matrix.offsets.dtype == matrix.sources.dtype == torch.int32


def test_dense_form_of_a_large_matrix_is_refused() -> None:
    with pytest.raises(ConfigError) as error:
        a_hat(graph_from_pairs([], nodes=20_001)).to_dense()
    assert str(error.value) == (
        "Propagation.to_dense: at most 20,000 nodes, got 20,001: use the sparse form (propagate)"
    )


def test_wrong_rows_are_said_in_one_line() -> None:
    matrix = a_hat(SIX)
    with pytest.raises(ShapeError) as shape:
        propagate(matrix, torch.ones(5, 2))
    assert str(shape.value) == "propagate: x must be (N=6, F), got (5, 2): axis N differs"
    with pytest.raises(ConfigError) as dtype:
        propagate_plain(matrix, torch.ones(6, 2, dtype=torch.float64))
    assert str(dtype.value) == (
        "propagate_plain: x must be torch.float32 as the matrix, got torch.float64: "
        "use matrix.to(torch.float64)"
    )
    with pytest.raises(ConfigError) as times:
        matrix.repeated(0)
    assert str(times.value) == "Propagation.repeated: times must be at least 1, got 0"
