"""Products of Jacobians against PyTorch's own Jacobian, and against laws known in closed form."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.probes.cases import make_batch, make_model
from unroll.cells import GRU, RNN
from unroll.errors import CellError, ConfigError, ShapeError
from unroll.probes import decay_per_step, hidden_states, jacobian_products, spectral_radius


def make_rnn(H: int = 4, D: int = 2, dtype: torch.dtype = torch.float64) -> RNN:
    return RNN(D, H, generator=torch.Generator().manual_seed(0)).to(dtype)


def random_inputs(B: int, T: int, D: int) -> Tensor:
    return make_batch(B, T, D, 1).inputs


def test_norms_equal_those_of_torchs_jacobian() -> None:
    cell, B, T = make_rnn(), 3, 6
    inputs = random_inputs(B, T, 2)
    hidden = hidden_states(cell, inputs)
    log_norms = jacobian_products(cell, hidden)
    assert log_norms.shape == (T, B)
    for k in range(1, T + 1):
        for b in range(B):

            def last(h: Tensor, b: int = b, k: int = k) -> Tensor:
                for x in inputs[b, k:]:
                    h = torch.tanh(cell.weight_x @ x + cell.weight_h @ h + cell.bias)
                return h

            torch_jacobian: Any = torch.autograd.functional.jacobian
            jacobian = torch_jacobian(last, hidden[k, b])
            wanted = torch.linalg.svdvals(jacobian)[0].log().item()
            # Six products of 4 × 4 matrices in float64.
            assert log_norms[k - 1, b].item() == pytest.approx(wanted, abs=1e-12)


def test_hidden_states_begin_with_the_initial_one() -> None:
    model = make_model(RNN, 2, 4)
    inputs = random_inputs(3, 5, 2)
    hidden = hidden_states(model, inputs)
    assert hidden.shape == (6, 3, 4)
    assert (hidden[0] == 0).all()
    cell: Any = model.cell
    h = hidden[0]
    for t in range(5):
        h = torch.tanh(inputs[:, t] @ cell.weight_x.T + h @ cell.weight_h.T + cell.bias)
        # The same sums in the same order, but for the place of the bias.
        assert (hidden[t + 1] - h).abs().max() < 1e-15
    assert torch.equal(hidden_states(cell, inputs), hidden)
    assert not hidden.requires_grad


def scaled_identity(g: float, dtype: torch.dtype = torch.float64) -> RNN:
    """Return an RNN with W_hh = g·I and no bias."""
    cell = make_rnn(dtype=dtype)
    with torch.no_grad():
        cell.weight_h.copy_(g * torch.eye(4, dtype=dtype))
        cell.bias.zero_()
    return cell


@pytest.mark.parametrize("g", [0.5, 0.9, 1.0, 1.1])
def test_a_scaled_identity_decays_by_its_factor(g: float) -> None:
    cell = scaled_identity(g)
    inputs = 1e-9 * random_inputs(1, 20, 2)
    log_norms = jacobian_products(cell, hidden_states(cell, inputs))[:, 0]
    # |h| stays below 1e-7, so that J is g·I within 1e-14.
    assert decay_per_step(log_norms) == pytest.approx(g, abs=1e-12)
    assert log_norms[-1] == 0


@pytest.mark.parametrize("g", [1e-30, 1e30])
def test_norms_outside_the_dtypes_range_keep_their_logarithm(g: float) -> None:
    # With h = 0, J is g·I: 1e±1170 over 39 steps, where float32 ends at 1e38.
    log_norms = jacobian_products(scaled_identity(g, torch.float32), torch.zeros(41, 1, 4))[:, 0]
    wanted = math.log(g) * torch.arange(39, -1, -1)
    # float32 rounds a logarithm of 2,700 at 1e-4, and 39 are added up.
    assert (log_norms - wanted).abs().max() < 1e-2
    assert decay_per_step(log_norms) == pytest.approx(g, rel=1e-4)


def test_saturation_is_minus_infinity_and_its_rows_are_apart() -> None:
    cell = make_rnn()
    hidden = hidden_states(cell, random_inputs(2, 5, 2))
    free = jacobian_products(cell, hidden)
    hidden[3, 0] = 1.0
    log_norms = jacobian_products(cell, hidden)
    assert log_norms[:2, 0].tolist() == [-math.inf, -math.inf]
    assert log_norms[2:, 0].isfinite().all()
    assert torch.equal(log_norms[:, 1], free[:, 1])
    assert not log_norms.requires_grad


def test_the_spectral_radius_of_matrices_that_are_known() -> None:
    turn = torch.tensor([[0.6, -0.8], [0.8, 0.6]], dtype=torch.float64)
    # A rotation by 53°, 0.9 times: both eigenvalues complex, of modulus 0.9. Rounding: 1e-16.
    assert spectral_radius(0.9 * turn) == pytest.approx(0.9, abs=1e-15)
    # No growth in the long run, though the norm is 5: only the eigenvalues count.
    assert spectral_radius(torch.tensor([[0.0, 5.0], [0.0, 0.0]])) == 0
    assert spectral_radius(torch.diag(torch.tensor([0.5, -2.0]))) == 2
    weight = make_rnn().weight_h
    assert spectral_radius(weight) == spectral_radius(weight.detach())


def test_decay_leaves_zeros_out() -> None:
    log_norms = torch.tensor([-math.inf, -math.inf, math.log(0.09), math.log(0.3), 0.0])
    # Logarithms rounded at 1e-7 in float32.
    assert decay_per_step(log_norms) == pytest.approx(0.3, rel=1e-6)


def test_decay_where_all_is_gone_within_a_step_is_zero() -> None:
    assert decay_per_step(torch.tensor([-math.inf, -math.inf, 0.0])) == 0
    assert decay_per_step(torch.full((3,), -math.inf)) == 0


def test_decay_is_the_slope_of_least_squares() -> None:
    values = torch.tensor([-2.3, -0.4, -1.1, 0.2], dtype=torch.float64)
    design = torch.stack([torch.tensor([3.0, 2.0, 1.0, 0.0]), torch.ones(4)], dim=1).double()
    slope = torch.linalg.lstsq(design, values.unsqueeze(1)).solution[0, 0].item()
    # Two ways to the same four-point regression in float64.
    assert decay_per_step(values) == pytest.approx(math.exp(slope), abs=1e-13)


@pytest.mark.parametrize(
    ("log_norms", "error", "message"),
    [
        (
            torch.zeros(1),
            ConfigError,
            "decay_per_step: log_norms must hold two steps or more, got 1",
        ),
        (
            torch.tensor([math.nan, 0.0]),
            ConfigError,
            "decay_per_step: log_norms must be finite or −inf, got nan or +inf",
        ),
        (
            torch.tensor([math.inf, 0.0]),
            ConfigError,
            "decay_per_step: log_norms must be finite or −inf, got nan or +inf",
        ),
        (
            torch.zeros(3, 2),
            ShapeError,
            "decay_per_step: log_norms must be (T), got (3, 2): expected 1 axes, got 2",
        ),
    ],
)
def test_decay_refuses(log_norms: Tensor, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        decay_per_step(log_norms)
    assert str(caught.value) == message


def test_what_is_not_finite_is_refused() -> None:
    cell, ending = make_rnn(), "must be finite, got nan or inf among its entries"
    with pytest.raises(ConfigError) as caught:
        jacobian_products(cell, torch.full((3, 1, 4), math.nan, dtype=torch.float64))
    assert str(caught.value) == f"jacobian_products: hidden {ending}"
    with torch.no_grad():
        cell.weight_h[0, 0] = math.inf
    with pytest.raises(ConfigError) as caught:
        jacobian_products(cell, torch.zeros(3, 1, 4, dtype=torch.float64))
    assert str(caught.value) == f"jacobian_products: weight_h {ending}"
    with pytest.raises(ConfigError) as caught:
        spectral_radius(cell.weight_h)
    assert str(caught.value) == f"spectral_radius: weight {ending}"


def test_inputs_of_another_dtype_are_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        hidden_states(make_rnn(), torch.zeros(1, 3, 2))
    assert str(caught.value) == (
        "hidden_states: inputs must be float64 as the model's parameters, got float32: "
        "convert one of them"
    )


def test_other_cells_and_shapes_are_refused() -> None:
    message = "the Jacobian written out is the vanilla RNN's: expected exactly RNN, got GRU"
    with pytest.raises(CellError) as caught:
        jacobian_products(GRU(2, 4), torch.zeros(3, 1, 4))
    assert str(caught.value) == f"jacobian_products: {message}"
    with pytest.raises(CellError) as caught:
        hidden_states(GRU(2, 4), torch.zeros(1, 3, 2))
    assert str(caught.value) == f"hidden_states: {message}"
    with pytest.raises(ShapeError) as caught_shape:
        jacobian_products(make_rnn(), torch.zeros(3, 1, 5))
    assert str(caught_shape.value) == (
        "jacobian_products: hidden must be (T+1, B, H=4), got (3, 1, 5): axis H differs"
    )
    with pytest.raises(ConfigError) as caught_config:
        jacobian_products(make_rnn(), torch.zeros(1, 1, 4))
    assert str(caught_config.value) == (
        "jacobian_products: hidden must hold h(0) and one step or more, got h(0)"
    )
    with pytest.raises(ShapeError) as caught_shape:
        spectral_radius(torch.zeros(2, 3))
    assert str(caught_shape.value) == (
        "spectral_radius: weight must be (H=3, H=3), got (2, 3): axis H differs"
    )
