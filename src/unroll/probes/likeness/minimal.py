"""The equations of the cells that are linear in their state."""

from dataclasses import dataclass

import torch
from torch import Tensor

from unroll.probes.likeness.form import Change, squash
from unroll.probes.likeness.weights import Weights


@dataclass(frozen=True, kw_only=True)
class LinearForm:
    """h' = a ⊙ h + b, with a and b as one of the shipped cells has them."""

    kind: str
    """min-gru, min-lstm or linear."""
    candidate: str = ""
    """A non-linearity of the candidate n."""
    exchanged: bool = False
    """Whether a minGRU's z keeps, where 1 − z does."""
    normalised: bool = True
    """Whether a minLSTM's gates are divided by their sum."""
    scaled: bool = True
    """Whether a linear recurrence's input is multiplied by √(1 − a²)."""

    def scan(self, weights: Weights, inputs: Tensor) -> Tensor:
        """Carry the cell along from zeros: inputs (B, T, D) -> outputs (R, B, T, H)."""
        h = weights.zeros(inputs[:, 0])
        outputs = []
        for x in inputs.unbind(1):
            a, b = self._coefficients(weights, weights.from_x(x))
            h = a * h + b
            outputs.append(h)
        return torch.stack(outputs, 2)

    def _coefficients(self, weights: Weights, sums: Tensor) -> tuple[Tensor, Tensor]:
        if self.kind == "linear":
            a = torch.exp(-torch.exp(-weights.extra[:, :1]))
            return a, sums[0] * (torch.sqrt(1 - a**2) if self.scaled else 1)
        n = squash(self.candidate, sums[-1])
        gates = torch.sigmoid(sums[:-1])
        if self.kind == "min-gru":
            z = 1 - gates[0] if self.exchanged else gates[0]
            return 1 - z, z * n
        f, i = gates
        whole = f + i if self.normalised else 1
        return f / whole, i / whole * n


def linear_changes(kind: str) -> list[Change]:
    """Return the variants and mistakes that are tried on one of these cells."""
    if kind == "linear":
        hint = "Multiply W x + b by √(1 − a²), which keeps the size of h; or compare without it."
        return [
            Change(told="the input is not scaled by √(1 − a²)", hint=hint, values={"scaled": False})
        ]
    tanh = Change(
        told="the candidate n has tanh, where ours has no non-linearity",
        hint="Write n = W_nx x + b_n.",
        values={"candidate": "tanh"},
    )
    if kind == "min-gru":
        told = "z and 1 − z stand in each other's place"
        hint = "to copy them, negate z's weights and bias"
        exchanged = Change(told=told, hint=hint, values={"exchanged": True}, published=True)
        return [exchanged, tanh]
    told = "f and i are not divided by their sum"
    hint = "Write h' = f / (f + i) ⊙ h + i / (f + i) ⊙ n."
    return [Change(told=told, hint=hint, values={"normalised": False}), tanh]
