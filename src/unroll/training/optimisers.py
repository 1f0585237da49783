"""Optimisers by name.

They call PyTorch's functions of one step and keep the state themselves. `torch.optim.Optimizer`
would import `torch._dynamo` with its first parameters: more work than importing torch itself.
"""

from collections.abc import Iterable
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.rmsprop import rmsprop
from torch.optim.sgd import sgd

from unroll.errors import unknown_name

OPTIMISERS = ("sgd", "momentum", "rmsprop", "adam")


class Optimiser(Protocol):
    """Updates parameters by their gradients."""

    def zero_grad(self) -> None:
        """Forget all gradients."""

    def step(self) -> None:
        """Update the parameters that have a gradient."""


def make_optimiser(name: str, parameters: Iterable[nn.Parameter], rate: float) -> Optimiser:
    """Return an optimiser with PyTorch's defaults but for the rate.

    sgd        θ ← θ − η g
    momentum   v ← 0.9 v + g,            θ ← θ − η v          (Polyak 1964)
    rmsprop    s ← 0.99 s + 0.01 g²,     θ ← θ − η g / (√s + 1e-8)   (Tieleman & Hinton 2012)
    adam       both moments, corrected for their start        (Kingma & Ba 2015)

    Raises: ConfigError for a name nobody knows.
    """
    if name == "sgd":
        return Sgd(parameters, rate)
    if name == "momentum":
        return Sgd(parameters, rate, momentum=0.9)
    if name == "rmsprop":
        return RmsProp(parameters, rate)
    if name == "adam":
        return Adam(parameters, rate)
    raise unknown_name("optimiser", name, OPTIMISERS)


class Sgd:
    """v ← momentum · v + g, θ ← θ − η v; the first v is the first gradient.

    Source: Polyak 1964. Equal, to the last bit, to `torch.optim.SGD`.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], rate: float, *, momentum: float = 0.0
    ) -> None:
        self.parameters = list(parameters)
        self.rate = rate
        """η; it may be set anew before any step."""
        self.momentum = momentum
        self._velocities: list[Tensor | None] = [None] * len(self.parameters)

    def zero_grad(self) -> None:
        """Forget all gradients."""
        _forget(self.parameters)

    @torch.no_grad()
    def step(self) -> None:
        """Update the parameters that have a gradient."""
        places, parameters, gradients = _with_gradient(self.parameters)
        velocities = [self._velocities[n] for n in places]
        sgd(
            parameters,
            gradients,
            velocities,
            lr=self.rate,
            momentum=self.momentum,
            dampening=0.0,
            nesterov=False,
            weight_decay=0.0,
            maximize=False,
        )
        for n, velocity in zip(places, velocities, strict=True):
            self._velocities[n] = velocity


class RmsProp:
    """s ← 0.99 s + 0.01 g², θ ← θ − η g / (√s + 1e-8).

    Source: Tieleman & Hinton 2012. Equal, to the last bit, to `torch.optim.RMSprop`.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], rate: float) -> None:
        self.parameters = list(parameters)
        self.rate = rate
        """η; it may be set anew before any step."""
        self._squares = [torch.zeros_like(p) for p in self.parameters]
        self._taken = [torch.tensor(0.0) for _ in self.parameters]

    def zero_grad(self) -> None:
        """Forget all gradients."""
        _forget(self.parameters)

    @torch.no_grad()
    def step(self) -> None:
        """Update the parameters that have a gradient."""
        places, parameters, gradients = _with_gradient(self.parameters)
        rmsprop(
            parameters,
            gradients,
            [self._squares[n] for n in places],
            [],
            [],
            [self._taken[n] for n in places],
            lr=self.rate,
            alpha=0.99,
            eps=1e-8,
            weight_decay=0.0,
            momentum=0.0,
            centered=False,
        )


class Adam:
    """g ← g + λ θ, m ← 0.9 m + 0.1 g, s ← 0.999 s + 0.001 g², and the step with both corrected.

        θ ← θ − η (m / (1 − 0.9ᵗ)) / (√(s / (1 − 0.999ᵗ)) + 1e-8)

    `l2` is λ. `fused` updates all parameters in one call, which rounds otherwise.
    Source: Kingma & Ba 2015. Equal, to the last bit, to `torch.optim.Adam`.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        rate: float,
        *,
        l2: float = 0.0,
        fused: bool = False,
    ) -> None:
        self.parameters = list(parameters)
        self.rate = rate
        """η; it may be set anew before any step."""
        self.l2 = l2
        # None leaves the choice to PyTorch, as its class does; False would not.
        self._fused = True if fused else None
        self._means = [torch.zeros_like(p) for p in self.parameters]
        self._squares = [torch.zeros_like(p) for p in self.parameters]
        # The fused step wants its counts beside the weights, and in float32.
        self._taken = [
            torch.zeros((), dtype=torch.float32, device=p.device) if fused else torch.tensor(0.0)
            for p in self.parameters
        ]

    def zero_grad(self) -> None:
        """Forget all gradients."""
        _forget(self.parameters)

    @torch.no_grad()
    def step(self) -> None:
        """Update the parameters that have a gradient."""
        places, parameters, gradients = _with_gradient(self.parameters)
        adam(
            parameters,
            gradients,
            [self._means[n] for n in places],
            [self._squares[n] for n in places],
            [],
            [self._taken[n] for n in places],
            fused=self._fused,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=self.rate,
            weight_decay=self.l2,
            eps=1e-8,
            maximize=False,
        )


def _forget(parameters: list[nn.Parameter]) -> None:
    for parameter in parameters:
        parameter.grad = None


def _with_gradient(
    parameters: list[nn.Parameter],
) -> tuple[list[int], list[Tensor], list[Tensor]]:
    """Return the places, the parameters and the gradients of those that have one."""
    found = [(n, p, p.grad) for n, p in enumerate(parameters) if p.grad is not None]
    return [n for n, _, _ in found], [p for _, p, _ in found], [g for _, _, g in found]
