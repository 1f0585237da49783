"""The gated recurrent unit."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from unroll.cells.cell import Cell
from unroll.cells.initialisation import UNIFORM, initialise


class GRUState(NamedTuple):
    """What a GRU carries: h (B, H)."""

    h: Tensor


class GRUGates(NamedTuple):
    """A GRU's two gates and its candidate at one step, after σ or tanh, (B, H) each."""

    r: Tensor
    z: Tensor
    n: Tensor


class GRU(Cell[GRUState]):
    """One GRU step, reset-after form (as torch.nn.GRUCell).

        r  = σ(W_rx x + W_rh h + b_r)                   reset gate
        z  = σ(W_zx x + W_zh h + b_z)                   update gate: 1 keeps, 0 overwrites
        n  = tanh(W_nx x + b_n + r ⊙ (W_nh h + b_nh))   candidate
        h' = (1 − z) ⊙ n + z ⊙ h

    `weight_x` (3H, D), `weight_h` (3H, H) and `bias` (3H,) stack the gates in the order r, z, n;
    `bias_nh` (H,) is the bias inside the reset product: 3·(HD + H² + H) + H parameters.

    Shapes: x (B, D), state.h (B, H) -> output h (B, H), GRUState.
    Source: Cho et al. 2014, who apply r before W_nh; Chung et al. 2014 swap z and 1 − z.
    Raises: ShapeError when an axis of x or of the state differs.
    """

    gates = ("r", "z", "n")
    keep_gate = "z"

    def __init__(
        self, input_size: int, hidden_size: int, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.weight_x = nn.Parameter(torch.empty(3 * hidden_size, input_size))
        self.weight_h = nn.Parameter(torch.empty(3 * hidden_size, hidden_size))
        self.bias = nn.Parameter(torch.empty(3 * hidden_size))
        self.bias_nh = nn.Parameter(torch.empty(hidden_size))
        initialise(self, UNIFORM, generator=generator)

    def initial_state(self, batch_size: int) -> GRUState:
        """Return h(0) = 0."""
        return GRUState(self.bias.new_zeros(batch_size, self.hidden_size))

    def gates_at(self, x: Tensor, state: GRUState) -> GRUGates:
        """Return r, z and n of the step that `forward` takes: x (B, D), state -> (B, H) each."""
        self.check_step(x, state.h)
        from_x = x @ self.weight_x.T + self.bias
        from_h = state.h @ self.weight_h.T
        x_r, x_z, x_n = from_x.chunk(3, dim=1)
        h_r, h_z, h_n = from_h.chunk(3, dim=1)
        r = torch.sigmoid(x_r + h_r)
        z = torch.sigmoid(x_z + h_z)
        n = torch.tanh(x_n + r * (h_n + self.bias_nh))
        return GRUGates(r, z, n)

    def forward(self, x: Tensor, state: GRUState) -> tuple[Tensor, GRUState]:
        """Take one step."""
        _, z, n = self.gates_at(x, state)
        h = (1 - z) * n + z * state.h
        return h, GRUState(h)
