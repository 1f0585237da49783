"""Gates against the equations written by hand, and time constants against known values."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.probes.cases import BUILT_IN, Echo, make_batch, make_model
from unroll.cells import GRU, LSTM, RNN
from unroll.errors import CellError, ConfigError, ShapeError
from unroll.probes import gate_activity, time_constants
from unroll.scan import scan

B, T, D, H = 3, 6, 2, 4
NAMES = {RNN: ["h"], LSTM: ["i", "f", "g", "o", "c", "h"], GRU: ["r", "z", "n", "h"]}
# The same equation with its sums in another order, over six steps of numbers below 1.
TOLERANCE = 1e-14


def make_inputs() -> Tensor:
    return make_batch(B, T, D, 1).inputs


@pytest.mark.parametrize("cell_class", BUILT_IN)
def test_names_shapes_and_states(cell_class: type[Any]) -> None:
    model = make_model(cell_class, D, H)
    activity = gate_activity(model, make_inputs())
    assert list(activity) == NAMES[cell_class]
    assert {tuple(tensor.shape) for tensor in activity.values()} == {(B, T, H)}
    assert not any(tensor.requires_grad for tensor in activity.values())
    cell: Any = model.cell
    outputs, state = scan(cell, make_inputs())
    assert torch.equal(activity["h"], outputs)
    for name, part in state._asdict().items():
        assert torch.equal(activity[name][:, -1], part)


def test_the_lstms_gates_are_those_of_its_equation() -> None:
    model, inputs = make_model(LSTM, D, H), make_inputs()
    activity = gate_activity(model, inputs)
    cell: Any = model.cell
    h = c = torch.zeros(B, H, dtype=torch.float64)
    for t in range(T):
        for index, gate in enumerate("ifgo"):
            rows = slice(index * H, (index + 1) * H)
            a = inputs[:, t] @ cell.weight_x[rows].T + h @ cell.weight_h[rows].T + cell.bias[rows]
            wanted = torch.tanh(a) if gate == "g" else 1 / (1 + torch.exp(-a))
            assert (activity[gate][:, t] - wanted).abs().max() < TOLERANCE
        i, f, g, o = (activity[gate][:, t] for gate in "ifgo")
        c = f * c + i * g
        h = o * torch.tanh(c)
        assert (activity["c"][:, t] - c).abs().max() < TOLERANCE
        assert (activity["h"][:, t] - h).abs().max() < TOLERANCE


def test_the_grus_gates_are_those_of_its_equation() -> None:
    model, inputs = make_model(GRU, D, H), make_inputs()
    activity = gate_activity(model, inputs)
    cell: Any = model.cell
    h = torch.zeros(B, H, dtype=torch.float64)
    for t in range(T):
        x = inputs[:, t] @ cell.weight_x.T + cell.bias
        u = h @ cell.weight_h.T
        r = 1 / (1 + torch.exp(-(x + u)[:, :H]))
        z = 1 / (1 + torch.exp(-(x + u)[:, H : 2 * H]))
        n = torch.tanh(x[:, 2 * H :] + r * (u[:, 2 * H :] + cell.bias_nh))
        h = z * h + (1 - z) * n
        for name, wanted in (("r", r), ("z", z), ("n", n), ("h", h)):
            assert (activity[name][:, t] - wanted).abs().max() < TOLERANCE


@pytest.mark.parametrize("cell_class", [LSTM, GRU])
def test_gates_at_refuses_what_a_step_refuses(cell_class: type[LSTM | GRU]) -> None:
    cell: Any = cell_class(D, H)
    with pytest.raises(ShapeError) as caught:
        cell.gates_at(torch.zeros(B, D + 1), cell.initial_state(B))
    name = cell_class.__name__
    assert str(caught.value) == f"{name}: x must be (B, D=2), got (3, 3): axis D differs"


def test_a_cell_whose_gates_are_not_known_is_refused() -> None:
    with pytest.raises(CellError) as caught:
        gate_activity(make_model(Echo, D, H), make_inputs())
    assert str(caught.value) == (
        "gate_activity: the model's cell must be exactly RNN, LSTM or GRU, got Echo: its gates "
        "are not known"
    )


def test_inputs_of_another_dtype_or_shape_are_refused() -> None:
    model = make_model(LSTM, D, H)
    with pytest.raises(ConfigError) as caught:
        gate_activity(model, make_inputs().float())
    assert str(caught.value) == (
        "gate_activity: inputs must be float64 as the model's parameters, got float32: "
        "convert one of them"
    )
    with pytest.raises(ShapeError) as caught_shape:
        gate_activity(model, make_inputs()[0])
    assert str(caught_shape.value) == "scan: inputs must be (B, T, D) with T ≥ 1, got (6, 2)"


def test_time_constants_of_gates_that_are_known() -> None:
    keep = torch.tensor([math.exp(-1), math.exp(-1 / 50), 0.5, 0.0, 1.0], dtype=torch.float64)
    tau = time_constants(keep.repeat(3, 4, 1))
    assert tau.shape == (5,)
    # A mean of twelve equal numbers rounds at 1e-16, times τ = 50 in its logarithm's inverse.
    assert tau[:3].tolist() == pytest.approx([1, 50, 1 / math.log(2)], rel=1e-13)
    assert tau[3:].tolist() == [0, math.inf]


def test_after_one_time_constant_1_over_e_is_left() -> None:
    keep = torch.full((2, 3), 0.93, dtype=torch.float64)
    # The definition worked backwards: two roundings.
    assert 0.93 ** time_constants(keep)[0].item() == pytest.approx(math.exp(-1), rel=1e-14)


def test_the_mean_is_over_all_axes_but_the_last() -> None:
    keep = torch.rand(2, 3, 5, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    wanted = [-1 / math.log(sum(column) / 30) for column in keep.reshape(30, 4).T.tolist()]
    # Thirty numbers summed in another order.
    assert time_constants(keep).tolist() == pytest.approx(wanted, rel=1e-13)


def test_ones_are_kept_for_ever_in_any_dtype_and_number() -> None:
    for count in (3, 7, 1_000, 99_991):
        assert time_constants(torch.ones(count, 2)).tolist() == [math.inf, math.inf]


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        (torch.rand(4), "keep must be (…, H) and not empty, got (4,)"),
        (torch.rand(0, 4), "keep must be (…, H) and not empty, got (0, 4)"),
        (torch.tensor([[1.5]]), "keep must be a gate, all values in 0 … 1"),
        (torch.tensor([[math.nan]]), "keep must be a gate, all values in 0 … 1"),
    ],
)
def test_time_constants_refuse(keep: Tensor, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        time_constants(keep)
    assert str(caught.value) == f"time_constants: {message}"
