"""The plain scan; what it does to every cell is tested in cells/test_cell.py."""

from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from unroll.cells import RNN
from unroll.errors import ShapeError
from unroll.scan import scan


class Count(NamedTuple):
    """The steps taken, and the inputs added up so far."""

    steps: Tensor
    total: Tensor


class Adder:
    """The smallest thing that a scan accepts: it outputs the sum of its inputs."""

    def initial_state(self, batch_size: int) -> Count:
        return Count(torch.zeros(batch_size), torch.zeros(batch_size, 2))

    def __call__(self, x: Tensor, state: Count) -> tuple[Tensor, Count]:
        total = state.total + x
        return total, Count(state.steps + 1, total)


def test_steps_are_taken_in_order_and_outputs_kept_in_order() -> None:
    inputs = torch.tensor([[[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]])
    outputs, state = scan(Adder(), inputs)
    assert outputs.tolist() == [[[1, 10], [3, 30], [6, 60]]]
    assert state.steps.tolist() == [3]
    assert state.total.tolist() == [[6, 60]]


def test_a_passed_state_is_gone_on_from() -> None:
    state = Count(torch.tensor([7.0]), torch.tensor([[100.0, 200.0]]))
    outputs, state = scan(Adder(), torch.ones(1, 2, 2), state)
    assert outputs.tolist() == [[[101, 201], [102, 202]]]
    assert state.steps.tolist() == [9]


@pytest.mark.parametrize(("B", "T", "D", "H"), [(1, 1, 1, 1), (3, 1, 2, 4), (2, 7, 5, 3)])
def test_outputs_are_batch_by_time_by_hidden(B: int, T: int, D: int, H: int) -> None:
    outputs, state = scan(RNN(D, H), torch.randn(B, T, D))
    assert outputs.shape == (B, T, H)
    assert torch.equal(outputs[:, -1], state.h)


@pytest.mark.parametrize("shape", [(4, 20), (4, 0, 12), (12,), (1, 2, 3, 4)])
def test_a_wrong_shape_is_told_in_full(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError) as caught:
        scan(RNN(12, 3), torch.zeros(shape))
    assert str(caught.value) == f"scan: inputs must be (B, T, D) with T ≥ 1, got {shape}"


def test_a_wrong_input_size_is_told_by_the_cell() -> None:
    with pytest.raises(ShapeError) as caught:
        scan(RNN(16, 3), torch.zeros(4, 20, 12))
    assert str(caught.value) == "RNN: x must be (B, D=16), got (4, 12): axis D differs"
