"""Each optimiser against its update equation, worked out in Python's floats."""

import math
import subprocess
import sys
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import nn

from unroll.errors import ConfigError
from unroll.training.optimisers import (
    OPTIMISERS,
    Adam,
    Optimiser,
    RmsProp,
    Sgd,
    make_optimiser,
)

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


PEERS: dict[str, tuple[Callable[..., Optimiser], Callable[..., torch.optim.Optimizer]]] = {
    "sgd": (Sgd, torch.optim.SGD),
    "momentum": (partial(Sgd, momentum=0.9), partial(torch.optim.SGD, momentum=0.9)),
    "rmsprop": (RmsProp, torch.optim.RMSprop),
    "adam": (Adam, torch.optim.Adam),
    "fused adam": (partial(Adam, fused=True), partial(torch.optim.Adam, fused=True)),
    "adam with l2": (partial(Adam, l2=0.03), partial(torch.optim.Adam, weight_decay=0.03)),
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", PEERS)
def test_sixty_steps_equal_those_of_torch_to_the_last_bit(name: str, dtype: torch.dtype) -> None:
    ours, theirs = make_parameters(dtype), make_parameters(dtype)
    optimiser, peer = PEERS[name][0](ours, RATE), PEERS[name][1](theirs, lr=RATE)
    generator = torch.Generator().manual_seed(1)
    for step in range(60):
        # The last parameter gets no gradient in the first steps, and in every third later.
        for mine, other in zip(ours, theirs, strict=True):
            drawn = torch.randn(mine.shape, generator=generator, dtype=dtype)
            is_missing = mine is ours[-1] and (step < 2 or step % 3 == 0)
            mine.grad = None if is_missing else drawn
            other.grad = None if is_missing else drawn.clone()
        optimiser.step()
        peer.step()
        assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True)), step
        optimiser.zero_grad()
        assert all(parameter.grad is None for parameter in ours)


@pytest.mark.parametrize("name", PEERS)
def test_a_rate_set_anew_counts_from_the_next_step(name: str) -> None:
    ours, theirs = make_parameters(torch.float32), make_parameters(torch.float32)
    optimiser, peer = PEERS[name][0](ours, RATE), PEERS[name][1](theirs, lr=RATE)
    for rate in (0.1, 0.02, 0.005):
        optimiser.rate = peer.param_groups[0]["lr"] = rate  # type: ignore[attr-defined] # not all have one
        for parameter in ours + theirs:
            parameter.grad = torch.full_like(parameter, 0.3)
        optimiser.step()
        peer.step()
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_the_names_choose_the_optimisers_that_equal_torchs() -> None:
    for name in OPTIMISERS:
        ours, named = make_parameters(torch.float32), make_parameters(torch.float32)
        optimisers = (PEERS[name][0](ours, RATE), make_optimiser(name, named, RATE))
        for _ in range(3):
            for parameter in ours + named:
                parameter.grad = torch.sin(parameter.detach())
            for optimiser in optimisers:
                optimiser.step()
        assert all(torch.equal(a, b) for a, b in zip(ours, named, strict=True)), name


def make_parameters(dtype: torch.dtype) -> list[nn.Parameter]:
    generator = torch.Generator().manual_seed(0)
    shapes = ((7, 5), (5,), (1,), (3, 4))
    return [nn.Parameter(torch.randn(s, generator=generator, dtype=dtype)) for s in shapes]


def test_training_imports_no_compiler() -> None:
    program = """
import sys
import torch
from unroll.models import SequenceClassifier
from unroll.cells import RNN
from unroll.tasks import Palindrome, stream_batches
from unroll.training.fit import FitSettings, fit
from unroll.training.lessons import Lessons

task, generator = Palindrome(length=3, encoding="one-hot"), torch.Generator()
model = SequenceClassifier(RNN(10, 4, generator=generator), 4, 10, generator=generator)
for optimiser in ("sgd", "momentum", "rmsprop", "adam"):
    settings = FitSettings(
        optimiser=optimiser, rate=0.1, clip_norm=1.0, max_steps=2, stop_loss_nats=0.0
    )
    lessons = Lessons(lambda _: stream_batches(task, 4, generator), end=3)
    fit(model, lessons, settings, task=task, validation=task.sample(8, "validation", generator))
print({"torch._dynamo", "torch._inductor", "sympy"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")
