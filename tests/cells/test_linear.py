"""The linear cells: what their equations promise, whatever is learned."""

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from tests.cells.test_cell import assert_close, make_cell
from unroll.cells import LinearCell, LinearRecurrence, LinearState, MinGRU, MinLSTM
from unroll.cells.source import find_cell
from unroll.errors import CellError, ShapeError
from unroll.scan import scan


@pytest.mark.parametrize("kind", [MinGRU, MinLSTM])
def test_the_state_is_a_mean_of_candidates(kind: type[LinearCell]) -> None:
    # Shares that add up to one: from a constant candidate the state stays where it is.
    cell = make_cell(kind, 3, 6)
    with torch.no_grad():
        cell.weight_x[-6:] = 0
        cell.bias[-6:] = 2.5
    inputs = 30 * torch.randn(4, 50, 3, dtype=torch.float64)
    state = LinearState(torch.full((4, 6), 2.5, dtype=torch.float64))
    outputs, _ = scan(cell, inputs, state)
    assert_close(outputs, torch.full_like(outputs, 2.5))


def test_min_lstm_is_finite_where_both_gates_are_shut() -> None:
    # σ(−200) is 0 in float32, and 0 / (0 + 0) would be no number.
    cell = MinLSTM(1, 1)
    with torch.no_grad():
        cell.weight_x.zero_()
        cell.bias.copy_(torch.tensor([-200.0, -201.0, 3.0]))
    h, _ = cell(torch.zeros(1, 1), LinearState(torch.ones(1, 1)))
    keep = 1 / (1 + math.exp(-1))
    assert h.item() == pytest.approx(keep + 3 * (1 - keep), rel=1e-6)


def test_a_linear_recurrence_begins_with_time_constants_from_1_to_1000() -> None:
    cell = LinearRecurrence(2, 64).double()
    # What is left of h after τ steps without input is 1/e of it.
    with torch.no_grad():
        cell.bias.zero_()
    a, b = cell.coefficients(torch.zeros(1, 2, dtype=torch.float64))
    tau = -1 / torch.log(a[0])
    assert not b.any()
    assert tau[0].item() == pytest.approx(1)
    assert tau[-1].item() == pytest.approx(1000)
    ratios = tau[1:] / tau[:-1]
    # The parameters were made in float32.
    torch.testing.assert_close(ratios, torch.full_like(ratios, 1000 ** (1 / 63)), rtol=1e-5, atol=0)


def test_a_linear_recurrence_keeps_the_variance_of_what_comes_in() -> None:
    cell = make_cell(LinearRecurrence, 1, 3)
    with torch.no_grad():
        cell.weight_x.fill_(1)
        cell.bias.zero_()
        cell.log_tau.copy_(torch.tensor([0.0, 1.0, 5.0]))
    # One number of size 1 comes in, and then nothing: the squares of what h is, added up, are the
    # variance of h when such numbers, independent of each other, come in at every step.
    inputs = torch.zeros(1, 5000, 1, dtype=torch.float64)
    inputs[0, 0] = 1
    outputs, _ = scan(cell, inputs)
    torch.testing.assert_close(outputs[0].square().sum(0), torch.ones(3).double())


def test_two_time_constants_are_learned_apart() -> None:
    cell = make_cell(LinearRecurrence, 1, 2)
    outputs, _ = scan(cell, torch.randn(3, 8, 1, dtype=torch.float64))
    (gradient,) = torch.autograd.grad(outputs[..., 0].sum(), cell.log_tau)
    assert gradient[0] != 0
    assert gradient[1] == 0


class Crooked(LinearCell):
    """A user's cell whose a is one number too wide."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.enter = nn.Linear(input_size, hidden_size)

    def coefficients(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        b = self.enter(inputs)
        return torch.cat([b, b[..., :1]], dim=-1), b


def test_coefficients_of_another_shape_are_told_in_full() -> None:
    cell = Crooked(2, 5)
    with pytest.raises(ShapeError) as caught:
        cell(torch.zeros(3, 2), cell.initial_state(3))
    assert str(caught.value) == (
        "Crooked: coefficients of inputs (3, 2) must be (3, 5), got a (3, 6)"
    )


MINE = """
import torch
from torch import nn
from unroll.cells import LinearCell


class Mine(LinearCell):
    def __init__(self, input_size, hidden_size):
        super().__init__(input_size, hidden_size)
        self.enter = nn.Linear(input_size, hidden_size)

    def coefficients(self, inputs):
        b = self.enter(inputs)
        return torch.full_like(b, -0.5), b
"""


def test_a_users_linear_cell_is_found_and_scanned(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(MINE)
    cell = find_cell(f"{path}:Mine").load()(2, 3)
    outputs, state = scan(cell, torch.ones(1, 2, 2))
    b = cell.enter(torch.ones(2))
    torch.testing.assert_close(outputs[0, 1], 0.5 * b)
    assert torch.equal(state.h, outputs[:, 1])


def test_coefficients_that_mix_steps_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mixes.py"
    path.write_text(MINE.replace("b = self.enter(inputs)", "b = self.enter(inputs).cumsum(0)"))
    with pytest.raises(CellError) as caught:
        find_cell(f"{path}:Mine")
    assert str(caught.value) == (
        f"cell '{path}:Mine': coefficients(inputs) must treat each input by itself; b of two steps "
        "together differs from that of each alone"
    )


def test_coefficients_for_two_axes_only_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "flat.py"
    path.write_text(MINE.replace("self.enter(inputs)", "self.enter.weight.mm(inputs.T).T"))
    with pytest.raises(CellError) as caught:
        find_cell(f"{path}:Mine")
    message = str(caught.value)
    assert message.startswith(
        f"cell '{path}:Mine': coefficients(inputs) must work for inputs (T, B, D); it raised "
    )
