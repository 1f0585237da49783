"""The vanilla (Elman) recurrent cell."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from unroll.cells.cell import Cell
from unroll.cells.initialisation import UNIFORM, initialise


class RNNState(NamedTuple):
    """What a vanilla RNN carries: h (B, H)."""

    h: Tensor


class RNN(Cell[RNNState]):
    """One step of the vanilla RNN.

        h(t) = tanh(W_hx x(t) + W_hh h(t−1) + b_h)

    `weight_x` is W_hx, `weight_h` is W_hh, `bias` is b_h: H·(D + H + 1) parameters.

    Shapes: x (B, D), state.h (B, H) -> output h (B, H), RNNState.
    Source: Elman 1990, "Finding structure in time". One bias where torch.nn.RNNCell has two.
    Raises: ShapeError when an axis of x or of the state differs.
    """

    gates = ("h",)

    def __init__(
        self, input_size: int, hidden_size: int, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.weight_x = nn.Parameter(torch.empty(hidden_size, input_size))
        self.weight_h = nn.Parameter(torch.empty(hidden_size, hidden_size))
        self.bias = nn.Parameter(torch.empty(hidden_size))
        initialise(self, UNIFORM, generator=generator)

    def initial_state(self, batch_size: int) -> RNNState:
        """Return h(0) = 0."""
        return RNNState(self.bias.new_zeros(batch_size, self.hidden_size))

    def forward(self, x: Tensor, state: RNNState) -> tuple[Tensor, RNNState]:
        """Take one step."""
        self.check_step(x, state.h)
        h = torch.tanh(x @ self.weight_x.T + state.h @ self.weight_h.T + self.bias)
        return h, RNNState(h)
