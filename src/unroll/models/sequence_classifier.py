"""A recurrent cell with a linear readout."""

import math

import torch
from torch import Tensor, nn

from unroll.cells.cell import RecurrentCell
from unroll.engines import find_engine, run_scan


class SequenceClassifier(nn.Module):
    """Read a sequence with a cell and classify at its last steps.

        p(t) = W_ph h(t) + b_p,   ŷ(t) = softmax(p(t))

    `weight_p` is W_ph (K, H) and `bias_p` is b_p (K,): K·(H + 1) parameters, drawn from
    U(−1/√H, 1/√H). h(t) is the cell's output; the scores p(t) are returned, not their softmax.

    Shapes: inputs (B, T, D), last M -> scores (B, M, K) of the last M steps.
    Raises: ConfigError when M is not in 1 … T.
    """

    def __init__(
        self,
        cell: nn.Module,
        hidden_size: int,
        classes: int,
        *,
        engine: str = "auto",
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        bound = 1 / math.sqrt(hidden_size)
        self.cell = cell
        self.engine = engine
        self.weight_p = nn.Parameter(torch.empty(classes, hidden_size))
        self.bias_p = nn.Parameter(torch.empty(classes))
        with torch.no_grad():
            self.weight_p.uniform_(-bound, bound, generator=generator)
            self.bias_p.uniform_(-bound, bound, generator=generator)

    def engine_for(self, batch_size: int) -> str:
        """Return the name of the engine that runs batches of this size."""
        return find_engine(self._cell, batch_size, self.engine).name

    @property
    def _cell(self) -> RecurrentCell:
        cell: RecurrentCell = self.cell  # type: ignore[assignment] # a module of that form
        return cell

    def forward(self, inputs: Tensor, last: int = 1) -> Tensor:
        """Return the scores of the last `last` steps."""
        outputs, _ = run_scan(self._cell, inputs, engine=self.engine, last=last)
        read: Tensor = outputs @ self.weight_p.T + self.bias_p
        return read
