import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from tests.graphs.examples import draw, random_graph
from tests.graphs.peer import GATConv
from unroll.errors import ConfigError, ShapeError
from unroll.graphs import (
    GATLayer,
    Graph,
    Propagation,
    SparseFeatures,
    a_tilde,
    adjacency_matrix,
    attention,
)
from unroll.seeding import make_generator

GRAPHS = [random_graph(10, 0.3, 0), random_graph(10, 0.3, 1, directed=True)]


def make_layer(
    head_size: int = 3,
    *,
    heads: int = 2,
    concatenate: bool = True,
    scale: float = 1,
    negative_slope: float = 0.2,
) -> GATLayer:
    """A layer in float64 whose scores are `scale` times those it would start with."""
    layer = GATLayer(
        5,
        head_size,
        heads,
        concatenate=concatenate,
        negative_slope=negative_slope,
        generator=make_generator(0, "weights"),
    ).double()
    with torch.no_grad():
        layer.source.mul_(scale)
        layer.target.mul_(scale)
        layer.bias.copy_(draw(layer.bias.numel(), seed=7))  # type: ignore[union-attr]
    return layer


def double(matrix: Propagation) -> Propagation:
    return matrix.to(torch.float64)


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("concatenate", [True, False])
@pytest.mark.parametrize("scale", [1, 100])
def test_equals_torch_geometric_with_copied_weights(
    graph: Graph, concatenate: bool, scale: float
) -> None:
    layer = make_layer(concatenate=concatenate, scale=scale)
    peer = GATConv(5, 3, heads=2, concat=concatenate).double()
    with torch.no_grad():
        peer.lin.weight.copy_(layer.weight.T)
        peer.att_src.copy_(layer.source.unsqueeze(0))
        peer.att_dst.copy_(layer.target.unsqueeze(0))
        peer.bias.copy_(layer.bias)
    ours = draw(graph.nodes, 5).requires_grad_()
    theirs = ours.detach().clone().requires_grad_()
    out, wanted = layer(ours, double(a_tilde(graph))), peer(theirs, graph.edges)
    assert_close(out, wanted, atol=1e-9, rtol=1e-9)
    out.backward(draw(*out.shape, seed=1))
    wanted.backward(draw(*out.shape, seed=1))
    for mine, other in (
        (ours.grad, theirs.grad),
        (layer.weight.grad, peer.lin.weight.grad.T),
        (layer.source.grad, peer.att_src.grad.squeeze(0)),
        (layer.target.grad, peer.att_dst.grad.squeeze(0)),
        (layer.bias.grad, peer.bias.grad),  # type: ignore[union-attr]
    ):
        assert_close(mine, other, atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("graph", GRAPHS)
def test_attention_equals_torch_geometrics_and_sums_to_one(graph: Graph) -> None:
    layer, peer = make_layer(), GATConv(5, 3, heads=2).double()
    with torch.no_grad():
        peer.lin.weight.copy_(layer.weight.T)
        peer.att_src.copy_(layer.source.unsqueeze(0))
        peer.att_dst.copy_(layer.target.unsqueeze(0))
    x, matrix = draw(graph.nodes, 5), double(a_tilde(graph))
    weights = attention(layer, x, matrix)
    _, (edges, wanted) = peer(x, graph.edges, return_attention_weights=True)
    dense, wanted_dense = (torch.zeros(12, 12, 2, dtype=torch.float64) for _ in range(2))
    dense[matrix.targets, matrix.sources] = weights
    wanted_dense[edges[1], edges[0]] = wanted
    assert_close(dense, wanted_dense)
    assert_close(dense.sum(1), torch.ones(12, 2, dtype=torch.float64))


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize(("concatenate", "dropout"), [(True, 0.0), (False, 0.5)])
def test_gradients_are_right_by_finite_differences(
    graph: Graph, concatenate: bool, dropout: float
) -> None:
    layer, matrix = make_layer(concatenate=concatenate), double(a_tilde(graph))
    names = [name for name, _ in layer.named_parameters()]

    def run(x: Tensor, *weights: Tensor) -> Tensor:
        generator = make_generator(0, "dropout")
        called = torch.func.functional_call(
            layer, dict(zip(names, weights, strict=True)), (x, matrix, dropout, generator)
        )
        assert isinstance(called, Tensor)
        return called

    x = draw(graph.nodes, 5).requires_grad_()
    assert torch.autograd.gradcheck(run, (x, *layer.parameters()))


@pytest.mark.parametrize("graph", GRAPHS)
def test_relabelled_nodes_have_the_same_rows(graph: Graph) -> None:
    layer, order = make_layer(), torch.randperm(12, generator=make_generator(0, "order"))
    x = draw(12, 5)
    moved = layer(x[order], double(a_tilde(graph.relabelled(order))))
    assert_close(moved, layer(x, double(a_tilde(graph)))[order])


def test_sparse_features_give_what_dense_ones_give() -> None:
    layer, matrix = make_layer(), double(a_tilde(GRAPHS[0]))
    dense = draw(12, 5).relu()
    sparse = SparseFeatures.from_dense(dense)
    assert_close(layer(sparse, matrix), layer(dense, matrix))
    assert_close(attention(layer, sparse, matrix), attention(layer, dense, matrix))


def test_an_isolated_node_attends_to_itself_or_to_nobody() -> None:
    layer, x = make_layer(), draw(12, 5)
    assert layer.bias is not None
    alone = layer(x, double(a_tilde(GRAPHS[0])))
    assert_close(alone[-1], x[-1] @ layer.weight + layer.bias)
    nobody = layer(x, double(adjacency_matrix(GRAPHS[0])))
    assert torch.equal(nobody[-1], layer.bias)


def test_no_news_arrives_from_beyond_one_hop() -> None:
    matrix, layer = double(a_tilde(GRAPHS[0])), make_layer()
    x = draw(12, 5).requires_grad_()
    is_near = matrix.to_dense() > 0
    for node in range(12):
        (gradient,) = torch.autograd.grad(layer(x, matrix)[node].sum(), x)
        assert torch.equal(gradient.abs().sum(1) > 0, is_near[node])


@pytest.mark.parametrize("concatenate", [True, False])
def test_without_a_bias_it_gives_the_sums_alone(*, concatenate: bool) -> None:
    graph, x = GRAPHS[1], draw(12, 5)
    layer = GATLayer(5, 3, 2, concatenate=concatenate, bias=False).double()
    peer = GATConv(5, 3, heads=2, concat=concatenate, bias=False).double()
    with torch.no_grad():
        peer.lin.weight.copy_(layer.weight.T)
        peer.att_src.copy_(layer.source.unsqueeze(0))
        peer.att_dst.copy_(layer.target.unsqueeze(0))
    assert_close(layer(x, double(a_tilde(graph))), peer(x, graph.edges))


def test_without_gradients_it_gives_the_same() -> None:
    layer, matrix, x = make_layer(), double(a_tilde(GRAPHS[0])), draw(12, 5)
    with torch.no_grad():
        silent = layer(x, matrix)
    assert torch.equal(silent, layer(x, matrix))


@pytest.mark.parametrize("name", ["weight", "source", "target"])
def test_one_weight_alone_learns_what_it_learns_with_the_others(name: str) -> None:
    layer, matrix, x = make_layer(), double(a_tilde(GRAPHS[0])), draw(12, 5)
    layer(x, matrix).sum().backward()
    wanted = getattr(layer, name).grad.clone()
    alone = make_layer().requires_grad_(requires_grad=False)
    getattr(alone, name).requires_grad_()
    alone(x, matrix).sum().backward()
    assert_close(getattr(alone, name).grad, wanted)


def test_sizes_are_shown_and_wrong_settings_refused() -> None:
    assert repr(GATLayer(4, 2, 3)) == "GATLayer(4, 2, heads=3)"
    with pytest.raises(ShapeError) as shape:
        GATLayer(4, 2, 3)(torch.ones(12, 5), a_tilde(GRAPHS[0]))
    assert str(shape.value) == "GATLayer: x must be (N=12, D=4), got (12, 5): axis D differs"
    with pytest.raises(ConfigError) as slope:
        GATLayer(4, 2, 3, negative_slope=1.5)
    assert (
        str(slope.value) == "GATLayer: negative_slope must lie in 0–1, got 1.5: the paper has 0.2"
    )
    with pytest.raises(ConfigError) as rate:
        make_layer()(draw(12, 5), double(a_tilde(GRAPHS[0])), 1.0)
    assert str(rate.value) == "GATLayer: attention_dropout must lie in [0, 1), got 1.0"
