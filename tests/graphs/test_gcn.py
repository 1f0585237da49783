import math

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from tests.graphs.examples import draw, random_graph
from tests.graphs.peer import GCNConv
from unroll.errors import ShapeError
from unroll.graphs import GCNLayer, Graph, SparseFeatures, a_hat, gcn_plain
from unroll.seeding import make_generator

GRAPHS = [random_graph(10, 0.3, 0), random_graph(10, 0.3, 1, directed=True)]
SIZES = [(5, 3), (3, 5)]  # each order of the two products


def make_layer(sizes: tuple[int, int], *, bias: bool = True) -> GCNLayer:
    layer = GCNLayer(*sizes, bias=bias, generator=make_generator(0, "weights")).double()
    if layer.bias is not None:
        with torch.no_grad():
            layer.bias.copy_(draw(sizes[1], seed=7))
    return layer


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("sizes", SIZES)
def test_equals_torch_geometric_with_copied_weights(graph: Graph, sizes: tuple[int, int]) -> None:
    layer, peer = make_layer(sizes), GCNConv(*sizes).double()
    with torch.no_grad():
        peer.lin.weight.copy_(layer.weight.T)
        peer.bias.copy_(layer.bias)
    ours = draw(graph.nodes, sizes[0]).requires_grad_()
    theirs = ours.detach().clone().requires_grad_()
    arriving = draw(graph.nodes, sizes[1], seed=1)
    out, wanted = layer(ours, a_hat(graph, dtype=torch.float64)), peer(theirs, graph.edges)
    assert_close(out, wanted, atol=1e-9, rtol=1e-9)
    out.backward(arriving)
    wanted.backward(arriving)
    for mine, other in (
        (ours.grad, theirs.grad),
        (layer.weight.grad, peer.lin.weight.grad.T),
        (layer.bias.grad, peer.bias.grad),  # type: ignore[union-attr]
    ):
        assert_close(mine, other, atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("bias", [True, False])
def test_equals_its_plain_form(graph: Graph, sizes: tuple[int, int], bias: bool) -> None:
    layer, matrix = make_layer(sizes, bias=bias), a_hat(graph, dtype=torch.float64)
    x = draw(graph.nodes, sizes[0]).requires_grad_()
    inputs = [x, *layer.parameters()]
    outputs = [layer(x, matrix), gcn_plain(layer, x, matrix)]
    assert_close(*outputs)
    arriving = draw(graph.nodes, sizes[1], seed=1)
    gradients = [torch.autograd.grad(out, inputs, arriving) for out in outputs]
    for fast, plain in zip(*gradients, strict=True):
        assert_close(fast, plain)


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("sizes", SIZES)
def test_gradients_are_right_by_finite_differences(graph: Graph, sizes: tuple[int, int]) -> None:
    layer, matrix = make_layer(sizes), a_hat(graph, dtype=torch.float64)

    def run(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        called = torch.func.functional_call(layer, {"weight": weight, "bias": bias}, (x, matrix))
        assert isinstance(called, Tensor)
        return called

    inputs = (draw(graph.nodes, sizes[0]).requires_grad_(), *layer.parameters())
    assert torch.autograd.gradcheck(run, inputs)


@pytest.mark.parametrize("graph", GRAPHS)
def test_blocks_of_any_size_give_the_same(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, matrix = make_layer((3, 5)), a_hat(graph, dtype=torch.float64)
    x = draw(graph.nodes, 3).requires_grad_()
    wanted = layer(x, matrix)
    arriving = draw(graph.nodes, 5, seed=1)
    gradients = torch.autograd.grad(wanted, [x, layer.weight], arriving)
    for rows in (1, 5, 12):
        monkeypatch.setattr("unroll.graphs.gcn._BLOCK_BYTES", rows * 5 * 8)
        out = layer(x, matrix)
        assert_close(out, wanted)
        found = torch.autograd.grad(out, [x, layer.weight], arriving)
        for one, other in zip(found, gradients, strict=True):
            assert_close(one, other)


def test_sparse_features_give_what_dense_ones_give() -> None:
    layer, matrix = make_layer((5, 3)), a_hat(GRAPHS[0], dtype=torch.float64)
    dense = draw(12, 5).relu()
    sparse = SparseFeatures.from_dense(dense)
    assert_close(layer(sparse, matrix), layer(dense, matrix))


@pytest.mark.parametrize("graph", GRAPHS)
def test_relabelled_nodes_have_the_same_rows(graph: Graph) -> None:
    layer, order = make_layer((5, 3)), torch.randperm(12, generator=make_generator(0, "order"))
    x = draw(12, 5)
    out = layer(x, a_hat(graph, dtype=torch.float64))
    moved = layer(x[order], a_hat(graph.relabelled(order), dtype=torch.float64))
    assert_close(moved, out[order])


def test_an_isolated_node_hears_itself_alone() -> None:
    layer, x = make_layer((5, 3)), draw(12, 5)
    assert layer.bias is not None
    out = layer(x, a_hat(GRAPHS[0], dtype=torch.float64))
    assert_close(out[-1], x[-1] @ layer.weight + layer.bias)
    assert bool(out.isfinite().all())


def test_weights_start_within_glorots_bound_and_the_bias_at_zero() -> None:
    layer = GCNLayer(100, 50, generator=make_generator(0, "weights"))
    bound = math.sqrt(6 / 150)
    assert 0.98 * bound < float(layer.weight.detach().abs().max()) <= bound
    assert layer.bias is not None
    assert not bool(layer.bias.any())
    again = GCNLayer(100, 50, generator=make_generator(0, "weights"))
    assert torch.equal(layer.weight, again.weight)


def test_sizes_are_shown_and_wrong_ones_refused() -> None:
    layer = GCNLayer(4, 2)
    assert repr(layer) == "GCNLayer(4, 2, bias=True)"
    with pytest.raises(ShapeError) as error:
        layer(torch.ones(12, 5), a_hat(GRAPHS[0]))
    assert str(error.value) == "GCNLayer: x must be (N=12, D=4), got (12, 5): axis D differs"
