"""Each optimiser against its update equation, worked out in Python's floats."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import nn

from unroll.errors import ConfigError
from unroll.training.optimisers import OPTIMISERS, make_optimiser

START, RATE = 1.7, 0.05


def loss_gradient(theta: float) -> float:
    """Return the derivative of θ⁴ + sin 3θ: neither constant nor linear."""
    return 4 * theta**3 + 3 * math.cos(3 * theta)


def momentum_steps(gradient: Callable[[float], float]) -> list[float]:
    theta, v, path = START, 0.0, []
    for _ in range(5):
        v = 0.9 * v + gradient(theta)
        theta -= RATE * v
        path.append(theta)
    return path


def sgd_steps(gradient: Callable[[float], float]) -> list[float]:
    theta, path = START, []
    for _ in range(5):
        theta -= RATE * gradient(theta)
        path.append(theta)
    return path


def rmsprop_steps(gradient: Callable[[float], float]) -> list[float]:
    theta, s, path = START, 0.0, []
    for _ in range(5):
        g = gradient(theta)
        s = 0.99 * s + 0.01 * g**2
        theta -= RATE * g / (math.sqrt(s) + 1e-8)
        path.append(theta)
    return path


def adam_steps(gradient: Callable[[float], float]) -> list[float]:
    theta, m, s, path = START, 0.0, 0.0, []
    for t in range(1, 6):
        g = gradient(theta)
        m = 0.9 * m + 0.1 * g
        s = 0.999 * s + 0.001 * g**2
        m_hat, s_hat = m / (1 - 0.9**t), s / (1 - 0.999**t)
        theta -= RATE * m_hat / (math.sqrt(s_hat) + 1e-8)
        path.append(theta)
    return path


SLOW = {
    "sgd": sgd_steps,
    "momentum": momentum_steps,
    "rmsprop": rmsprop_steps,
    "adam": adam_steps,
}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_five_steps_follow_the_equation(name: str) -> None:
    theta = nn.Parameter(torch.tensor([START], dtype=torch.float64))
    optimiser = make_optimiser(name, [theta], RATE)
    path = []
    for _ in range(5):
        optimiser.zero_grad()
        (theta.grad,) = torch.autograd.grad((theta**4 + torch.sin(3 * theta)).sum(), [theta])
        optimiser.step()
        path.append(theta.item())
    # float64 in both; the steps' roundings, 1e-16 each, grow by curvature · rate < 2 a step.
    assert path == pytest.approx(SLOW[name](loss_gradient), rel=0, abs=1e-12)


def test_the_names_are_those_of_the_equations() -> None:
    assert set(OPTIMISERS) == set(SLOW)


def test_an_unknown_optimiser_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        make_optimiser("rmsprob", [nn.Parameter(torch.zeros(1))], RATE)
    assert str(caught.value) == (
        "unknown optimiser 'rmsprob': expected one of adam, momentum, rmsprop, sgd "
        "(nearest: rmsprop)"
    )
