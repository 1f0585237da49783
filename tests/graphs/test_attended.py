import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.testing import assert_close

from tests.graphs.examples import draw, random_graph
from tests.graphs.test_gat import GRAPHS, double, make_layer
from unroll.graphs import GATLayer, Propagation, a_tilde, adjacency_matrix, gat_plain
from unroll.graphs.attended import is_factorable
from unroll.seeding import make_generator


def both_forms(
    layer: GATLayer, matrix: Propagation, dropout: float = 0.0, seed: int = 0
) -> list[list[Tensor]]:
    """Outputs and all gradients of the fast form and of the plain one, the same mask in both."""
    x = draw(matrix.nodes, layer.input_size, seed=seed).requires_grad_()
    inputs = [x, *layer.parameters()]
    forms = []
    for form in (layer, lambda *given: gat_plain(layer, *given)):
        out = form(x, matrix, dropout, make_generator(seed, "dropout"))
        arriving = draw(*out.shape, seed=seed + 1)
        forms.append([out.detach(), *torch.autograd.grad(out, inputs, arriving)])
    return forms


@settings(max_examples=50)
@given(
    nodes=st.integers(1, 10),
    head_size=st.sampled_from([1, 3, 15, 16, 33]),
    heads=st.integers(1, 3),
    scale=st.sampled_from([0, 1, 5, 1000]),
    negative_slope=st.sampled_from([0, 0.2, 1]),
    dropout=st.sampled_from([0.0, 0.4]),
    directed=st.booleans(),
    seed=st.integers(0, 99),
)
def test_fast_form_equals_the_plain_one_with_all_gradients(
    nodes: int,
    head_size: int,
    heads: int,
    scale: float,
    negative_slope: float,
    dropout: float,
    directed: bool,
    seed: int,
) -> None:
    layer = make_layer(head_size, heads=heads, scale=scale, negative_slope=negative_slope)
    graph = random_graph(nodes, 0.4, seed, directed=directed)
    for matrix in (a_tilde(graph), adjacency_matrix(graph)):
        for fast, plain in zip(*both_forms(layer, double(matrix), dropout, seed), strict=True):
            assert_close(fast, plain, atol=1e-8, rtol=1e-8)


def test_fast_form_equals_the_plain_one_in_float32() -> None:
    layer, matrix = make_layer(scale=5).float(), a_tilde(random_graph(30, 0.3, 3))
    x = draw(32, 5).float()
    h = (x @ layer.weight).view(32, 2, 3).transpose(0, 1)
    assert is_factorable(h, layer.source)
    # Exponents of up to 40 have lost 2e-6 of a number before the exponential is taken.
    assert_close(layer(x, matrix), gat_plain(layer, x, matrix), atol=1e-5, rtol=1e-5)


def test_scores_far_apart_go_the_plain_way_and_stay_finite() -> None:
    layer, matrix = make_layer(scale=1000), double(a_tilde(GRAPHS[0]))
    x = draw(12, 5).requires_grad_()
    h = (x @ layer.weight).view(12, 2, 3).transpose(0, 1)
    assert not is_factorable(h, layer.source)
    out = layer(x, matrix)
    out.sum().backward()
    assert bool(out.isfinite().all())
    assert x.grad is not None
    assert bool(x.grad.isfinite().all())


def test_just_factorable_scores_below_a_far_largest_one_keep_their_digits() -> None:
    # The largest score belongs to the isolated last node: every other row's sum is near e^-40.
    layer, matrix = make_layer(heads=1), a_tilde(GRAPHS[0])
    x = draw(12, 5)
    with torch.no_grad():
        direction = layer.weight @ layer.source.squeeze(0)
        x[-1] = direction * (38 + (x @ direction).min()) / direction.square().sum()
    h = (x @ layer.weight).unsqueeze(0)
    assert is_factorable(h, layer.source)
    single = layer.float()
    fast, plain = (form(x.float(), matrix) for form in (single, lambda *a: gat_plain(single, *a)))
    assert_close(fast, plain, atol=1e-4, rtol=1e-4)


def test_a_row_without_entries_stays_finite_under_a_large_gradient() -> None:
    # In float32 such a row's sum must not be divided by as if it were the smallest number.
    layer, matrix = make_layer().float(), adjacency_matrix(GRAPHS[0])
    x = draw(12, 5).float().requires_grad_()
    inputs = [x, *layer.parameters()]
    arriving = 1e6 * draw(12, 6).float()
    fast, plain = (
        torch.autograd.grad(out, inputs, arriving)
        for out in (layer(x, matrix), gat_plain(layer, x, matrix))
    )
    for mine, other in zip(fast, plain, strict=True):
        assert bool(mine.isfinite().all())
        # Ends of float32, of gradients of size 1e6.
        assert_close(mine, other, atol=20.0, rtol=1e-4)
