"""RMSProp and AdamW over all parameters as one vector.

A step of a small network is short: a vector for all parameters makes clipping and the update a few
operations, whatever the number of layers. It also spares `torch.optim.Optimizer`, whose first step
imports `torch._dynamo`, seconds of work.
"""

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw

from unroll.training.characters.settings import TextRecipe

_ALIGNMENT = 16
"""Numbers: each parameter begins at 64 bytes, as one of its own memory would."""
_EPSILON = 1e-8


class Optimiser:
    """Clip the gradient, and update the weights.

        g ← g · min(1, clip / (‖g‖ + 1e-6))
        rmsprop   s ← β₂ s + (1 − β₂) g²,   θ ← θ − η g / (√s + ε)
        adamw     θ ← θ − η λ θ             of matrices only
                  m ← β₁ m + (1 − β₁) g,   s ← β₂ s + (1 − β₂) g²
                  θ ← θ − η (m / (1 − β₁ᵗ)) / (√(s / (1 − β₂ᵗ)) + ε)

    ε = 1e-8. θ, g, m and s are vectors; the model's parameters and their gradients become views
    of θ and g, matrices first. It takes the model over: no other may set their gradients.
    Source: Tieleman & Hinton 2012; Loshchilov & Hutter 2019.
    """

    def __init__(self, model: nn.Module, recipe: TextRecipe) -> None:
        self.recipe = recipe
        matrices = [p for p in model.parameters() if p.requires_grad and p.dim() > 1]
        vectors = [p for p in model.parameters() if p.requires_grad and p.dim() <= 1]
        decayed = sum(_padded(p) for p in matrices)
        length = decayed + sum(_padded(p) for p in vectors)
        first = (matrices + vectors)[0]
        self._parts = (slice(0, decayed), slice(decayed, length))
        self.weights = torch.zeros(length, dtype=first.dtype, device=first.device)
        self.gradient = torch.zeros_like(self.weights)
        self.mean = torch.zeros_like(self.weights)
        """m; stays zero for rmsprop."""
        self.square = torch.zeros_like(self.weights)
        """s."""
        # One count a part: the fused step wants a tensor, on the weights' device, for each.
        self.taken = torch.zeros(2, device=first.device)
        """t, the steps taken."""
        self._lay_out(matrices + vectors)

    def step(self, rate: float) -> None:
        """Update the weights by the gradient, and set it to zero."""
        norm = torch.linalg.vector_norm(self.gradient)
        self.gradient.mul_((self.recipe.clip_norm / (norm + 1e-6)).clamp_(max=1))
        if self.recipe.optimiser == "adamw":
            self._step_adamw(rate)
        else:
            self._step_rmsprop(rate)
        self.gradient.zero_()

    def state(self) -> dict[str, Tensor]:
        """Return what a later run needs besides the weights."""
        return {"mean": self.mean, "square": self.square, "taken": self.taken}

    @torch.no_grad()
    def _lay_out(self, parameters: list[nn.Parameter]) -> None:
        start = 0
        for parameter in parameters:
            part = slice(start, start + parameter.numel())
            self.weights[part] = parameter.flatten()
            parameter.data = self.weights[part].view_as(parameter)
            parameter.grad = self.gradient[part].view_as(parameter)
            start += _padded(parameter)

    def _step_rmsprop(self, rate: float) -> None:
        beta, g = self.recipe.betas[1], self.gradient
        self.square.mul_(beta).addcmul_(g, g, value=1 - beta)
        self.weights.addcdiv_(g, self.square.sqrt().add_(_EPSILON), value=-rate)

    def _step_adamw(self, rate: float) -> None:
        for n, part in enumerate(self._parts):
            adamw(
                [self.weights[part]],
                [self.gradient[part]],
                [self.mean[part]],
                [self.square[part]],
                [],
                [self.taken[n]],
                fused=True,
                amsgrad=False,
                beta1=self.recipe.betas[0],
                beta2=self.recipe.betas[1],
                lr=rate,
                weight_decay=self.recipe.weight_decay if n == 0 else 0.0,
                eps=_EPSILON,
                maximize=False,
            )


def _padded(parameter: Tensor) -> int:
    return -(-parameter.numel() // _ALIGNMENT) * _ALIGNMENT
