"""One sweep over all built-in cells: what holds for every cell, whatever its equation."""

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.cells.oracle import slow_scan, slow_step
from unroll.cells import (
    GRU,
    LSTM,
    RNN,
    Cell,
    LinearCell,
    LinearRecurrence,
    MinGRU,
    MinLSTM,
    Peephole,
)
from unroll.cells.source import BUILT_IN
from unroll.errors import ShapeError
from unroll.scan import scan

CELLS: tuple[type[Any], ...] = (RNN, LSTM, GRU, Peephole, MinGRU, MinLSTM, LinearRecurrence)
ROUNDING = 1e-12
"""float64, numbers of size 1, sums of at most some dozens of terms in another order: a rounding
is 1e-16, so their sum stays far below 1e-12, and a wrong equation far above."""

every_cell = pytest.mark.parametrize("kind", CELLS)


def make_cell(kind: type[Any], D: int, H: int, seed: int = 0) -> Any:
    torch.manual_seed(seed)
    cell: Any = kind(D, H)
    return cell.double()


def random_state(cell: Any, B: int) -> Any:
    zeros = cell.initial_state(B)
    return type(zeros)(*(torch.randn_like(tensor) for tensor in zeros))


def assert_close(got: Tensor, wanted: Tensor) -> None:
    torch.testing.assert_close(got, wanted, rtol=0, atol=ROUNDING)


@every_cell
@given(
    B=st.integers(1, 4), D=st.integers(1, 5), H=st.integers(1, 6), seed=st.integers(0, 2**32 - 1)
)
def test_a_step_equals_the_slow_oracle(kind: type[Any], B: int, D: int, H: int, seed: int) -> None:
    cell = make_cell(kind, D, H, seed)
    x, state = torch.randn(B, D, dtype=torch.float64), random_state(cell, B)
    output, following = cell(x, state)
    wanted = slow_step(cell, x, *state)
    assert type(following) is type(state)
    assert_close(output, wanted[0])
    for got, slow in zip(following, wanted, strict=True):
        assert_close(got, slow)


@every_cell
def test_a_scan_equals_the_slow_oracle(kind: type[Any]) -> None:
    cell = make_cell(kind, 3, 4)
    inputs = torch.randn(2, 9, 3, dtype=torch.float64)
    outputs, state = scan(cell, inputs)
    zeros = [torch.zeros(2, 4, dtype=torch.float64) for _ in state]
    wanted_outputs, wanted_state = slow_scan(cell, inputs, *zeros)
    assert_close(outputs, wanted_outputs)
    for got, slow in zip(state, wanted_state, strict=True):
        assert_close(got, slow)


@every_cell
def test_gradients_of_input_state_and_parameters_are_right(kind: type[Any]) -> None:
    cell = make_cell(kind, 3, 2)
    state = random_state(cell, 2)
    x = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    parts = [tensor.requires_grad_() for tensor in state]
    names = [name for name, _ in cell.named_parameters()]

    def step(x: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        given_state = type(state)(*rest[: len(parts)])
        parameters = dict(zip(names, rest[len(parts) :], strict=True))
        output, following = torch.func.functional_call(cell, parameters, (x, given_state))
        return output, *following

    # A central difference of step 1e-6 errs by about 1e-12 (third derivative) + 1e-10 (rounding).
    assert torch.autograd.gradcheck(
        step, (x, *parts, *cell.parameters()), eps=1e-6, atol=1e-8, rtol=0
    )


@every_cell
@given(
    B=st.integers(1, 3), T=st.integers(2, 9), cut=st.integers(1, 8), seed=st.integers(0, 2**32 - 1)
)
def test_a_scan_in_two_halves_equals_the_whole(
    kind: type[Any], B: int, T: int, cut: int, seed: int
) -> None:
    cut = min(cut, T - 1)
    cell = make_cell(kind, 2, 5, seed)
    inputs = torch.randn(B, T, 2, dtype=torch.float64)
    whole, end = scan(cell, inputs)
    first, middle = scan(cell, inputs[:, :cut])
    second, same_end = scan(cell, inputs[:, cut:], middle)
    # The same operations on the same numbers: equal to the last bit.
    assert torch.equal(torch.cat([first, second], dim=1), whole)
    assert all(torch.equal(a, b) for a, b in zip(end, same_end, strict=True))


@every_cell
def test_every_part_of_a_passed_state_matters(kind: type[Any]) -> None:
    cell = make_cell(kind, 2, 5)
    inputs = torch.randn(3, 4, 2, dtype=torch.float64)
    zero = cell.initial_state(3)
    from_zero, _ = scan(cell, inputs, zero)
    by_default, _ = scan(cell, inputs)
    assert torch.equal(from_zero, by_default)
    for name in zero._fields:
        changed, _ = scan(cell, inputs, zero._replace(**{name: torch.ones_like(zero[0])}))
        # Every unit of every row, from the first step on.
        assert (changed[:, 0] != from_zero[:, 0]).all()


@every_cell
def test_a_scan_leaves_the_passed_state_as_it_is(kind: type[Any]) -> None:
    cell = make_cell(kind, 2, 5)
    state = random_state(cell, 3)
    copies = [tensor.clone() for tensor in state]
    scan(cell, torch.randn(3, 4, 2, dtype=torch.float64), state)
    assert all(torch.equal(tensor, copy) for tensor, copy in zip(state, copies, strict=True))


@every_cell
def test_rows_of_a_batch_are_independent(kind: type[Any]) -> None:
    cell = make_cell(kind, 2, 5)
    inputs = torch.randn(4, 6, 2, dtype=torch.float64)
    whole, _ = scan(cell, inputs)
    for row in range(4):
        alone, _ = scan(cell, inputs[row : row + 1])
        # A matrix product of another size may add in another order.
        assert_close(whole[row : row + 1], alone)
    disturbed = inputs.clone()
    disturbed[2] += 1
    outputs, _ = scan(cell, disturbed)
    same = [torch.equal(outputs[row], whole[row]) for row in range(4)]
    assert same == [True, True, False, True]


@every_cell
def test_the_initial_state_is_zero_in_the_parameters_dtype(kind: type[Any]) -> None:
    for dtype in (torch.float32, torch.float64):
        cell = kind(2, 5).to(dtype)
        for tensor in cell.initial_state(3):
            assert torch.equal(tensor, torch.zeros(3, 5, dtype=dtype))


@every_cell
@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        ((3, 7), "x must be (B, D=2), got (3, 7): axis D differs"),
        ((2,), "x must be (B, D=2), got (2,): expected 2 axes, got 1"),
        ((3, 4, 2), "x must be (B, D=2), got (3, 4, 2): expected 2 axes, got 3"),
        ((4, 2), "state must be (B=4, H=5), got (3, 5): axis B differs"),
    ],
)
def test_a_wrong_input_is_told_in_full(
    kind: type[Any], shape: tuple[int, ...], problem: str
) -> None:
    cell = kind(2, 5)
    with pytest.raises(ShapeError) as caught:
        cell(torch.zeros(shape), cell.initial_state(3))
    assert str(caught.value) == f"{kind.__name__}: {problem}"


@every_cell
def test_a_wrong_part_of_the_state_is_told_in_full(kind: type[Any]) -> None:
    cell = kind(2, 5)
    zero = cell.initial_state(3)
    for name in zero._fields:
        with pytest.raises(ShapeError) as caught:
            cell(torch.zeros(3, 2), zero._replace(**{name: torch.zeros(3, 4)}))
        assert str(caught.value) == (
            f"{kind.__name__}: state must be (B=3, H=5), got (3, 4): axis H differs"
        )


@pytest.mark.parametrize("kind", [kind for kind in CELLS if issubclass(kind, Cell)])
def test_gates_share_out_the_rows_in_order(kind: type[Any]) -> None:
    cell = kind(2, 5)
    rows = [row for gate in kind.gates for row in range(len(cell.bias))[cell.gate_rows(gate)]]
    assert rows == list(range(len(cell.bias)))
    assert all(cell.gate_rows(gate).stop - cell.gate_rows(gate).start == 5 for gate in kind.gates)


@every_cell
def test_a_cell_prints_its_sizes(kind: type[Any]) -> None:
    assert str(kind(2, 5)) == f"{kind.__name__}(input_size=2, hidden_size=5)"


def test_the_base_classes_cannot_be_built() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Cell(2, 5)  # type: ignore[abstract] # that is the point
    with pytest.raises(TypeError, match="abstract"):
        LinearCell(2, 5)  # type: ignore[abstract] # that is the point


def test_every_cell_with_a_name_is_swept_here() -> None:
    assert tuple(BUILT_IN.values()) == CELLS
