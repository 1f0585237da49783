import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from tests.cells.oracle import slow_scan
from tests.cells.test_cell import assert_close
from unroll.errors import ConfigError, ShapeError
from unroll.graphs import GCNLayer, Graph, Propagation, a_hat, graph_from_pairs
from unroll.models.graph_sequence import GraphSequence, GraphSnapshot

GRAPH = graph_from_pairs([(0, 1), (1, 2), (2, 0), (2, 3), (3, 4)], nodes=6)
"""A triangle with a tail, and a node by itself."""


def matrix_of(graph: Graph = GRAPH) -> Propagation:
    return a_hat(graph).to(torch.float64)


def make(kind: str, D: int = 2, H: int = 5, seed: int = 0) -> nn.Module:
    generator = torch.Generator().manual_seed(seed)
    if kind == "snapshot":
        return GraphSnapshot(D, H, generator=generator).double()
    return GraphSequence(D, H, hears=kind == "hears", generator=generator).double()


def signal(N: int = 6, T: int = 4, D: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(5)
    return torch.randn(N, T, D, dtype=torch.float64, generator=generator)


every_kind = pytest.mark.parametrize("kind", ["hears", "alone", "snapshot"])


@pytest.mark.parametrize("hears", [True, False])
def test_a_sequence_equals_the_slow_oracle(hears: bool) -> None:
    model = make("hears" if hears else "alone")
    assert isinstance(model, GraphSequence)
    x, dense = signal(), matrix_of().to_dense()
    heard = torch.stack([dense @ x[:, t] for t in range(4)], 1)
    zeros = torch.zeros(6, 5, dtype=torch.float64)
    read = torch.cat([x, heard], 2) if hears else x
    outputs, _ = slow_scan(model.cell, read, zeros, zeros)
    weight, bias = model.readout.weight_y, model.readout.bias_y
    assert_close(model(x, matrix_of()), x + outputs @ weight.T + bias)


def test_a_snapshot_equals_its_equation_with_a_dense_matrix() -> None:
    model = make("snapshot")
    assert isinstance(model, GraphSnapshot)
    x, dense = signal(), matrix_of().to_dense()
    got = model(x, matrix_of())
    for t in range(4):
        h = x[:, t]
        for layer, own in zip(model.layers, model.selves, strict=True):
            assert isinstance(layer, GCNLayer)
            assert layer.bias is not None
            h = torch.tanh(dense @ h @ layer.weight + h @ own + layer.bias)
        wanted = x[:, t] + h @ model.readout.weight_y.T + model.readout.bias_y
        assert_close(got[:, t], wanted)


@every_kind
@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_relabelled_nodes_move_the_predictions_with_them(kind: str, seed: int) -> None:
    model, x = make(kind), signal()
    order = torch.randperm(6, generator=torch.Generator().manual_seed(seed))
    moved = model(x[order], matrix_of(GRAPH.relabelled(order)))
    assert_close(moved, model(x, matrix_of())[order])


@every_kind
def test_what_a_contestant_does_not_read_does_not_matter(kind: str) -> None:
    model, x = make(kind), signal()
    last = model(x, matrix_of())[0, -1]
    by_neighbour, by_distant, by_past = x.clone(), x.clone(), x.clone()
    by_neighbour[1, -1] += 1
    by_distant[4] += 1
    by_past[0, 0] += 1

    def changes(disturbed: Tensor) -> bool:
        # Far above rounding, far below what one step in a single number does.
        return bool((model(disturbed, matrix_of())[0, -1] - last).abs().max() > 1e-9)

    assert changes(by_neighbour) == (kind != "alone")
    assert changes(by_past) == (kind != "snapshot")
    # Node 4 is three hops away; a message goes one hop a layer, and a sequence has one.
    assert not changes(by_distant)


@every_kind
def test_nothing_is_read_of_what_comes_later(kind: str) -> None:
    model, x = make(kind), signal()
    later = x.clone()
    later[:, 2:] += 1
    before = model(x, matrix_of())[:, :2]
    assert_close(model(later, matrix_of())[:, :2], before)


@every_kind
def test_the_same_weights_run_on_a_graph_of_another_size(kind: str) -> None:
    model = make(kind)
    larger = graph_from_pairs([(n, n + 1) for n in range(19)], nodes=20)
    assert model(signal(20, 3), matrix_of(larger)).shape == (20, 3, 2)


@every_kind
def test_every_parameter_learns(kind: str) -> None:
    model = make(kind)
    model(signal(), matrix_of()).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in model.parameters())


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("hears", 4 * 5 * (4 + 5 + 1) + 2 * (5 + 1)),
        ("alone", 4 * 5 * (2 + 5 + 1) + 2 * (5 + 1)),
        ("snapshot", (2 * 2 * 5 + 5) + (2 * 5 * 5 + 5) + 2 * (5 + 1)),
    ],
)
def test_has_as_many_parameters_as_the_formula_says(kind: str, count: int) -> None:
    assert sum(p.numel() for p in make(kind).parameters()) == count


@every_kind
def test_weights_come_from_the_generator(kind: str) -> None:
    first, second, other = (make(kind, seed=seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


@every_kind
@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        ((5, 4, 2), "got (5, 4, 2): axis N differs"),
        ((6, 4, 3), "got (6, 4, 3): axis D differs"),
        ((6, 2), "got (6, 2): expected 3 axes, got 2"),
    ],
)
def test_a_wrong_shape_is_told_in_full(kind: str, shape: tuple[int, ...], problem: str) -> None:
    with pytest.raises(ShapeError) as caught:
        make(kind)(torch.zeros(shape).double(), matrix_of())
    assert str(caught.value) == f"graph sequence: inputs must be (N=6, T, D=2), {problem}"


def test_a_size_below_one_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        GraphSequence(1, 0)
    assert str(caught.value) == "graph sequence: hidden_size must be 1 or more, got 0"
    with pytest.raises(ConfigError) as caught:
        GraphSnapshot(1, 4, layers=0)
    assert str(caught.value) == "graph sequence: layers must be 1 or more, got 0"
