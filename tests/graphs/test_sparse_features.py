import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.testing import assert_close

from tests.graphs.examples import draw
from unroll.errors import ConfigError, ShapeError
from unroll.graphs import SparseFeatures
from unroll.seeding import make_generator


def mostly_zero(rows: int, width: int, seed: int = 0) -> Tensor:
    dense = draw(rows, width, seed=seed)
    return dense * (draw(rows, width, seed=seed + 1) > 0.8)


@given(rows=st.integers(1, 8), width=st.integers(1, 9), seed=st.integers(0, 99))
def test_dense_and_sparse_are_the_same_matrix(rows: int, width: int, seed: int) -> None:
    dense = mostly_zero(rows, width, seed)
    sparse = SparseFeatures.from_dense(dense)
    assert sparse.shape == dense.shape
    assert torch.equal(sparse.to_dense(), dense)
    order = torch.randperm(rows, generator=make_generator(seed, "order"))
    assert torch.equal(sparse[order].to_dense(), dense[order])
    assert torch.equal(SparseFeatures.stacked([sparse, sparse]).to_dense(), torch.cat([dense] * 2))


@given(rows=st.integers(1, 8), width=st.integers(1, 9), seed=st.integers(0, 99))
def test_product_and_its_gradient_are_the_dense_ones(rows: int, width: int, seed: int) -> None:
    dense = mostly_zero(rows, width, seed)
    weight = draw(width, 5, seed=seed + 2).requires_grad_()
    products = [x @ weight for x in (SparseFeatures.from_dense(dense), dense)]
    assert_close(*products)
    arriving = draw(rows, 5, seed=seed + 3)
    assert_close(*(torch.autograd.grad(y, weight, arriving)[0] for y in products))


def test_gradient_is_right_by_finite_differences() -> None:
    sparse = SparseFeatures.from_dense(mostly_zero(6, 7))
    weight = draw(7, 2).requires_grad_()
    assert torch.autograd.gradcheck(lambda w: sparse @ w, weight)


def test_dropout_keeps_the_mean_and_the_zeros() -> None:
    dense = mostly_zero(200, 50)
    sparse = SparseFeatures.from_dense(dense)
    dropped = sparse.dropped(0.4, make_generator(0, "dropout"))
    ratio = dropped.values / sparse.values
    is_kept = ratio != 0
    assert_close(ratio, is_kept.double() / 0.6)
    # 2,100 draws: the share's standard error is 0.011.
    assert abs(float(is_kept.double().mean()) - 0.6) < 0.05
    assert torch.equal(dropped.to_dense() == 0, (dropped.to_dense() == 0) | (dense == 0))
    again = sparse.dropped(0.4, make_generator(0, "dropout"))
    assert torch.equal(again.values, dropped.values)


def test_the_order_by_column_is_worked_out_once_for_all_draws() -> None:
    sparse = SparseFeatures.from_dense(mostly_zero(6, 7))
    dropped = sparse.dropped(0.5, make_generator(0, "dropout"))
    assert dropped.by_column is sparse.by_column
    assert dropped.to(torch.float32).by_column is sparse.by_column


def test_what_does_not_fit_is_said_in_one_line() -> None:
    sparse = SparseFeatures.from_dense(torch.eye(3))
    with pytest.raises(ShapeError) as shape:
        sparse @ torch.ones(4, 2)
    assert str(shape.value) == (
        "SparseFeatures @ weight: weight must be (D=3, F), got (4, 2): axis D differs"
    )
    with pytest.raises(ConfigError) as width:
        SparseFeatures(sparse.offsets, sparse.columns, sparse.values, 2)
    assert str(width.value) == (
        "SparseFeatures: columns must lie in 0–1, got 0–2: give the true width"
    )
    with pytest.raises(ConfigError) as offsets:
        SparseFeatures(sparse.offsets[:-1], sparse.columns, sparse.values, 3)
    assert str(offsets.value) == (
        "SparseFeatures: offsets must end with the number of values, 3, got [2]: "
        "give where rows begin"
    )
    with pytest.raises(ConfigError) as rate:
        sparse.dropped(1.0)
    assert str(rate.value) == "SparseFeatures.dropped: rate must lie in [0, 1), got 1.0"
    with pytest.raises(ConfigError) as widths:
        SparseFeatures.stacked([sparse, SparseFeatures.from_dense(torch.eye(2))])
    assert str(widths.value) == "SparseFeatures.stacked: one width is needed, got [2, 3]"


def test_dense_form_of_large_features_is_refused() -> None:
    # As of a user's graph of 20,001 nodes that are known by nothing but who they are.
    offsets, columns = torch.zeros(20_002).int(), torch.zeros(0).int()
    with pytest.raises(ConfigError) as error:
        SparseFeatures(offsets, columns, torch.zeros(0), 20_001).to_dense()
    assert str(error.value) == (
        "SparseFeatures.to_dense: at most 400,000,000 numbers, got 20,001 x 20,001: "
        "use the sparse form, or give fewer features"
    )
