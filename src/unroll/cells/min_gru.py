"""The minimal gated recurrent unit: a gate that sees the input alone."""

import math

import torch
from torch import Tensor, nn

from unroll.cells.linear_cell import LinearCell


class MinGRU(LinearCell):
    """One step of the minGRU.

        z  = σ(W_zx x + b_z)            update gate: 1 overwrites, 0 keeps
        n  = W_nx x + b_n               candidate
        h' = (1 − z) ⊙ h + z ⊙ n

    As a linear cell: a = 1 − z, b = z ⊙ n. `weight_x` (2H, D) and `bias` (2H,) stack z and n:
    2·(HD + H) parameters, drawn from U(−1/√D, 1/√D) as torch.nn.Linear's.

    Note that z is the other way round than in `unroll.cells.GRU`, as in the source.

    Shapes: x (B, D), state.h (B, H) -> output h (B, H), LinearState.
    Source: Feng et al. 2024, "Were RNNs all we needed?", §3.1. Their stacked model computes in
    logarithms and keeps n positive for that; here one plain layer, with n of any sign.
    Raises: ShapeError when an axis of x or of the state differs.
    """

    def __init__(
        self, input_size: int, hidden_size: int, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.weight_x = nn.Parameter(torch.empty(2 * hidden_size, input_size))
        self.bias = nn.Parameter(torch.empty(2 * hidden_size))
        bound = 1 / math.sqrt(input_size)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.uniform_(-bound, bound, generator=generator)

    def coefficients(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return 1 − z and z ⊙ n: inputs (…, D) -> (…, H), (…, H)."""
        z, n = (inputs @ self.weight_x.T + self.bias).chunk(2, dim=-1)
        # 1 − σ(z) = σ(−z), which keeps its digits where z is large.
        return torch.sigmoid(-z), torch.sigmoid(z) * n
