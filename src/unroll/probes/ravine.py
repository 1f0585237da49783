"""A ravine: steep across, shallow along, to watch optimisers walk in."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from unroll.errors import ConfigError, ShapeError
from unroll.training.optimisers import make_optimiser

GOAL = 1e-3
"""Share of the starting loss that counts as the bottom."""
DIVERGED = 1e12
"""Multiple of the starting loss at which a descent is given up."""

Pair = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Ravine:
    """A quadratic valley in the plane, whose floor may lie askew to the axes.

        f(x, y) = ½ (u² + κ v²)
        u =  x cos θ + y sin θ      along the floor, curvature 1
        v = −x sin θ + y cos θ      across it, curvature κ

    Its lowest point is f(0, 0) = 0.

    Raises: ConfigError unless κ is positive and both numbers finite.
    """

    curvature: float = 50.0
    """κ, across; the condition number of the problem when κ ≥ 1."""
    angle_degrees: float = 0.0
    """θ, by which the floor is turned out of the x axis, anticlockwise."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.curvature) and self.curvature > 0):
            raise ConfigError(f"ravine: curvature must be positive, got {self.curvature}")
        if not math.isfinite(self.angle_degrees):
            raise ConfigError(f"ravine: angle_degrees must be finite, got {self.angle_degrees}")

    def loss(self, point: Tensor) -> Tensor:
        """Return f at points (…, 2), in x and y: (…). Raises: ShapeError for another last axis."""
        if point.shape[-1:] != (2,):
            raise ShapeError(f"ravine: point must be (…, 2), x and y, got {tuple(point.shape)}")
        cos, sin = self._direction
        x, y = point.unbind(-1)
        u, v = x * cos + y * sin, y * cos - x * sin
        return (u**2 + self.curvature * v**2) / 2

    def place(self, along: float, across: float) -> Pair:
        """Return (x, y) of the point u = `along`, v = `across`."""
        cos, sin = self._direction
        return along * cos - across * sin, along * sin + across * cos

    @property
    def _direction(self) -> Pair:
        angle = math.radians(self.angle_degrees)
        return math.cos(angle), math.sin(angle)


@dataclass(frozen=True, kw_only=True)
class Descent:
    """The way an optimiser took. Index n of `points` and `losses` is after n steps."""

    optimiser: str
    """`sgd`, `momentum`, `rmsprop` or `adam`."""
    rate: float
    """η, the learning rate."""
    points: tuple[Pair, ...]
    """(x, y) after 0, 1, 2 … steps; a descent that diverges ends before the loss that shows it."""
    losses: tuple[float, ...]
    """f there: all finite."""
    diverged: bool
    """Whether the loss was not finite, or above 1e12 of what it was at the start."""
    steps_to_goal: int | None
    """Steps after which the loss is at most 1e-3 of the start's, and stays so; None if never."""


def descend(
    ravine: Ravine,
    optimiser: str,
    rate: float,
    *,
    steps: int = 200,
    start: Pair = (-10.0, 1.0),
) -> Descent:
    """Take `steps` steps down the ravine, in float64.

    `start` is (u, v), along and across the floor: turning the ravine turns the start with it, so
    that whatever then differs is the optimiser's use of the axes.

    Raises: ConfigError for an unknown optimiser, a rate that is not positive, no steps, or a
    start that is the lowest point already.
    """
    if not (math.isfinite(rate) and rate > 0):
        raise ConfigError(f"descend: rate must be positive, got {rate}")
    if steps < 1:
        raise ConfigError(f"descend: steps must be 1 or more, got {steps}")
    point = nn.Parameter(torch.tensor(ravine.place(*start), dtype=torch.float64))
    stepper = make_optimiser(optimiser, [point], rate)
    points: list[Pair] = []
    losses: list[float] = []
    diverged = False
    for n in range(steps + 1):
        loss = ravine.loss(point)
        value = loss.item()
        if n == 0 and not (math.isfinite(value) and value > 0):
            raise ConfigError(f"descend: start must be finite and not the lowest point: {start}")
        diverged = not math.isfinite(value) or (n > 0 and value > DIVERGED * losses[0])
        if diverged:
            break
        x, y = point.tolist()
        points.append((x, y))
        losses.append(value)
        if n < steps:
            (point.grad,) = torch.autograd.grad(loss, [point])
            stepper.step()
    return Descent(
        optimiser=optimiser,
        rate=rate,
        points=tuple(points),
        losses=tuple(losses),
        diverged=diverged,
        steps_to_goal=None if diverged else _steps_to_stay_below(GOAL * losses[0], losses),
    )


def best_descent(
    ravine: Ravine,
    optimiser: str,
    rates: Iterable[float],
    *,
    steps: int = 200,
    start: Pair = (-10.0, 1.0),
) -> Descent:
    """Return the descent of the best rate.

    The best reaches 1e-3 of the starting loss in the fewest steps and stays there to the end;
    among equals, or if none does, the one with the lowest last loss. A descent that diverges
    comes after all that do not.

    Raises: ConfigError for what `descend` refuses, or when no rate is given.
    """
    descents = [descend(ravine, optimiser, rate, steps=steps, start=start) for rate in rates]
    if not descents:
        raise ConfigError("best_descent: rates must hold one rate or more, got none")
    return min(descents, key=_rank)


def _rank(descent: Descent) -> tuple[float, bool, float]:
    steps = math.inf if descent.steps_to_goal is None else descent.steps_to_goal
    return steps, descent.diverged, descent.losses[-1]


def _steps_to_stay_below(goal: float, losses: list[float]) -> int | None:
    """Return the first step from which on all losses are at most `goal`."""
    above = [n for n, loss in enumerate(losses) if loss > goal]
    first = above[-1] + 1 if above else 0
    return first if first < len(losses) else None
