"""What a forward pass leaves behind for the gradients by hand, looked up by step."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Trace:
    """The steps t = 1 … T of a sequence, and the states before them, as the equations count."""

    inputs: Tensor
    """x(1) … x(T), (B, T, D)."""
    activity: dict[str, Tensor]
    """Gates and states of steps 1 … T by name, (B, T, H) each."""
    d_outputs: Tensor
    """∂L/∂y of the last M steps, (B, M, H)."""

    @property
    def T(self) -> int:  # noqa: N802 - the field's letter
        """The number of steps."""
        return self.inputs.shape[1]

    def x(self, t: int) -> Tensor:
        """Return what step t reads, (B, D)."""
        return self.inputs[:, t - 1]

    def at(self, name: str, t: int) -> Tensor:
        """Return the gate or state called `name` at step t, (B, H); a state at t = 0 is zero."""
        steps = self.activity[name]
        return steps[:, t - 1] if t > 0 else torch.zeros_like(steps[:, 0])

    def d_output(self, t: int) -> Tensor:
        """Return ∂L/∂y(t), (B, H): zero before the last M steps, which nobody reads."""
        M = self.d_outputs.shape[1]
        read = t - (self.T - M) - 1
        return self.d_outputs[:, read] if read >= 0 else torch.zeros_like(self.d_outputs[:, 0])
