"""The closed forms as autograd functions: numeric gradients, and what autograd may ask of them."""

from typing import Any

import pytest
import torch
from torch import Tensor

from tests.engines.cases import CELLS, make_case
from unroll.cells import GRU, LSTM, RNN
from unroll.engines import run_scan
from unroll.engines.closed_gru import GRUScan
from unroll.engines.closed_lstm import LSTMScan
from unroll.engines.closed_rnn import RNNScan
from unroll.errors import ConfigError

BuiltIn = type[RNN | LSTM | GRU]


@pytest.mark.parametrize(
    ("cell_class", "function"), [(RNN, RNNScan), (LSTM, LSTMScan), (GRU, GRUScan)]
)
@pytest.mark.parametrize(("last", "D"), [(4, 1), (4, 2), (2, 2)])
def test_numeric_gradients(cell_class: BuiltIn, function: Any, last: int, D: int) -> None:
    case = make_case(cell_class, (2, 4, D, 3))
    arguments = (case.inputs, *case.state, *case.cell.parameters())

    def scan(*arguments: Tensor) -> tuple[Tensor, ...]:
        values: tuple[Tensor, ...] = function.apply(last, *arguments)
        return values

    assert torch.autograd.gradcheck(scan, arguments)


@pytest.mark.parametrize("cell_class", CELLS)
def test_gradients_can_be_taken_twice_from_one_graph(cell_class: BuiltIn) -> None:
    case = make_case(cell_class, (2, 6, 1, 3))
    outputs = case.values("closed-form")["outputs"]
    weight = case.cell.weight_h
    (once,) = torch.autograd.grad(outputs.sum(), weight, retain_graph=True)
    (twice,) = torch.autograd.grad(outputs.sum(), weight)
    assert torch.equal(once, twice)


@pytest.mark.parametrize("cell_class", CELLS)
def test_second_derivatives_are_refused(cell_class: BuiltIn) -> None:
    case = make_case(cell_class, (2, 3, 1, 3))
    outputs = case.values("closed-form")["outputs"]
    with pytest.raises(ConfigError) as caught:
        torch.autograd.grad(outputs.sum(), case.inputs, create_graph=True)
    assert str(caught.value) == (
        "engine 'closed-form' gives first derivatives only: for create_graph=True choose plain"
    )


@pytest.mark.parametrize("cell_class", CELLS)
@pytest.mark.parametrize("asked", ["inputs", "h(0)", "weight_x", "weight_h", "bias"])
def test_one_gradient_alone(cell_class: BuiltIn, asked: str) -> None:
    # What is not asked for is left out of the work, and must not be missed.
    case = make_case(cell_class, (2, 6, 3, 4))
    for name, tensor in case.asked.items():
        tensor.requires_grad_(name == asked)
    plain, closed = (
        torch.autograd.grad(case.values(engine)["outputs"].sum(), case.asked[asked])[0]
        for engine in ("plain", "closed-form")
    )
    # Double precision over six steps.
    torch.testing.assert_close(closed, plain, rtol=0, atol=1e-10)


@pytest.mark.parametrize("cell_class", CELLS)
def test_frozen_parameters_get_no_gradients(cell_class: BuiltIn) -> None:
    case = make_case(cell_class, (2, 6, 3, 4))
    case.cell.requires_grad_(False)
    torch.autograd.backward(case.values("closed-form")["outputs"].sum())
    assert case.inputs.grad is not None
    assert all(parameter.grad is None for parameter in case.cell.parameters())


@pytest.mark.parametrize("cell_class", CELLS)
def test_overwritten_outputs_are_noticed(cell_class: BuiltIn) -> None:
    # The backward pass reads the outputs: rather an error than a wrong gradient.
    case = make_case(cell_class, (2, 6, 1, 4))
    outputs = case.values("closed-form")["outputs"]
    outputs.detach().zero_()
    with pytest.raises(RuntimeError, match="inplace"):
        torch.autograd.grad(outputs.sum(), case.inputs)


@pytest.mark.parametrize("cell_class", CELLS)
def test_a_final_state_does_not_keep_the_sequence(cell_class: BuiltIn) -> None:
    case = make_case(cell_class, (2, 50, 1, 4))
    state_bytes = 2 * 4 * 8
    _, state = run_scan(case.cell, case.inputs, engine="closed-form")
    assert all(part.untyped_storage().nbytes() == state_bytes for part in state)
    with torch.no_grad():
        outputs, state = run_scan(case.cell, case.inputs, engine="closed-form", last=3)
    assert outputs.untyped_storage().nbytes() == 3 * state_bytes
    assert all(part.untyped_storage().nbytes() == state_bytes for part in state)
