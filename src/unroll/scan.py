"""Unroll any cell over time."""

from typing import Any

import torch
from torch import Tensor

from unroll.cells.cell import RecurrentCell
from unroll.errors import ShapeError


def check_inputs(inputs: Tensor) -> None:
    """Raise ShapeError unless `inputs` is (B, T, D) with at least one step."""
    if inputs.dim() != 3 or inputs.shape[1] < 1:
        raise ShapeError(f"scan: inputs must be (B, T, D) with T ≥ 1, got {tuple(inputs.shape)}")


def scan(cell: RecurrentCell, inputs: Tensor, state: Any = None) -> tuple[Tensor, Any]:
    """Carry `cell` along a sequence, step by step.

        y(t), s(t) = cell(x(t), s(t−1))   for t = 1 … T,   s(0) = state or the cell's own

    This plain loop runs any cell, and every engine is proven equal to it.

    Shapes: inputs (B, T, D) -> outputs (B, T, H), state after the last step.
    Raises: ShapeError when inputs are not (B, T ≥ 1, D).
    """
    check_inputs(inputs)
    if state is None:
        state = cell.initial_state(inputs.shape[0])
    outputs = []
    for x in inputs.unbind(1):
        y, state = cell(x, state)
        outputs.append(y)
    return torch.stack(outputs, dim=1), state
