"""The linear recurrence: each unit forgets at a pace of its own, whatever comes in."""

import math

import torch
from torch import Tensor, nn

from unroll.cells.linear_cell import LinearCell

LONGEST_STEPS = 1000.0
"""The slowest unit's time constant at the beginning; the quickest unit's is one step."""


class LinearRecurrence(LinearCell):
    """One step of a linear recurrence without gates.

        a  = exp(−1/τ)
        h' = a ⊙ h + √(1 − a²) ⊙ (W_x x + b)

    τ, in steps, is learned for each unit: after τ steps 1/e of what came in is left. The root
    keeps the variance of h that of W_x x + b for inputs that do not depend on each other.
    `weight_x` (H, D), `bias` (H,) and `log_tau` (H,): H·(D + 2) parameters. W and b are drawn
    from U(−1/√D, 1/√D); τ begins spread evenly in its logarithm from 1 to 1,000 steps. From
    about 500 on, bfloat16 rounds a to 1, and h grows with T: keep this cell in float32.

    Shapes: x (B, D), state.h (B, H) -> output h (B, H), LinearState.
    Source: Orvieto et al. 2023, "Resurrecting recurrent neural networks for long sequences"
    (LRU): theirs is complex and drawn, here its real case; De et al. 2024 (RG-LRU), whose a
    depends on x as well.
    Raises: ShapeError when an axis of x or of the state differs.
    """

    def __init__(
        self, input_size: int, hidden_size: int, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.weight_x = nn.Parameter(torch.empty(hidden_size, input_size))
        self.bias = nn.Parameter(torch.empty(hidden_size))
        bound = 1 / math.sqrt(input_size)
        with torch.no_grad():
            self.weight_x.uniform_(-bound, bound, generator=generator)
            self.bias.uniform_(-bound, bound, generator=generator)
        self.log_tau = nn.Parameter(torch.linspace(0, math.log(LONGEST_STEPS), hidden_size))

    def coefficients(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return a, the same for all, and √(1 − a²) ⊙ (W_x x + b): inputs (…, D) -> (…, H) each."""
        rate = torch.exp(-self.log_tau)
        # expm1 keeps the digits that 1 − a² loses where a is near 1.
        scale = torch.sqrt(-torch.expm1(-2 * rate))
        b = (inputs @ self.weight_x.T + self.bias) * scale
        return torch.exp(-rate).expand_as(b), b
