"""The minimal LSTM: forget and input gates that see the input alone and add up to one."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from unroll.cells.linear_cell import LinearCell


class MinLSTM(LinearCell):
    """One step of the minLSTM.

        f  = σ(W_fx x + b_f)            forget gate
        i  = σ(W_ix x + b_i)            input gate
        n  = W_nx x + b_n               candidate
        h' = f / (f + i) ⊙ h + i / (f + i) ⊙ n

    The two shares add up to 1, so that h stays a mean of candidates, of the same size however
    long the sequence is. As a linear cell: a = f / (f + i), b = (1 − a) ⊙ n. `weight_x` (3H, D)
    and `bias` (3H,) stack f, i and n: 3·(HD + H) parameters, drawn from U(−1/√D, 1/√D) as
    torch.nn.Linear's.

    Shapes: x (B, D), state.h (B, H) -> output h (B, H), LinearState.
    Source: Feng et al. 2024, "Were RNNs all we needed?", §3.2. Their stacked model computes in
    logarithms and keeps n positive for that; here one plain layer, with n of any sign.
    Raises: ShapeError when an axis of x or of the state differs.
    """

    def __init__(
        self, input_size: int, hidden_size: int, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.weight_x = nn.Parameter(torch.empty(3 * hidden_size, input_size))
        self.bias = nn.Parameter(torch.empty(3 * hidden_size))
        bound = 1 / math.sqrt(input_size)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.uniform_(-bound, bound, generator=generator)

    def coefficients(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return f / (f + i) and i / (f + i) ⊙ n: inputs (…, D) -> (…, H), (…, H)."""
        f, i, n = (inputs @ self.weight_x.T + self.bias).chunk(3, dim=-1)
        # f / (f + i) = σ(log f − log i), which divides nothing by f + i where both are 0.
        difference = functional.logsigmoid(f) - functional.logsigmoid(i)
        return torch.sigmoid(difference), torch.sigmoid(-difference) * n
