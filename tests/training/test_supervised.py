import itertools
import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from unroll.errors import ConfigError
from unroll.seeding import make_generator
from unroll.training.supervised import (
    CURVE_POINTS,
    STOP_WINDOW,
    SupervisedResult,
    SupervisedSettings,
    fit_supervised,
)

SLOPE = torch.tensor([[2.0, -3.0]])


def make_batches() -> Iterator[tuple[Tensor, Tensor]]:
    generator = make_generator(0, "batches")
    while True:
        x = torch.randn(16, 2, generator=generator)
        yield x, x @ SLOPE.T


def run(
    model: nn.Module, stop_loss: float | None = None, **settings: Any
) -> tuple[SupervisedResult, list[int]]:
    """Fit a line; return the result and the steps told of."""

    def loss_of(batch: tuple[Tensor, Tensor]) -> Tensor:
        loss: Tensor = (model(batch[0]) - batch[1]).square().mean()
        return loss

    told: list[int] = []
    asked = SupervisedSettings(**({"steps": 300, "rate": 0.1} | settings))
    result = fit_supervised(
        model, make_batches(), loss_of, asked, on_progress=told.append, stop_loss=stop_loss
    )
    return result, told


def make_line() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(2, 1)


def test_a_line_is_fitted() -> None:
    model = make_line()
    result, _ = run(model)
    # The rate falls to 0, so that what is left of the distance is small beside the slope.
    torch.testing.assert_close(model.weight.detach(), SLOPE, atol=0.02, rtol=0)
    assert result.status == "budget"
    assert result.steps == 300


def test_steps_are_those_of_adam_with_a_falling_rate_and_a_clipped_gradient() -> None:
    """Against torch's own loop, written out."""
    ours, theirs = make_line(), make_line()
    run(ours, steps=5, rate=0.1, clip_norm=0.5)
    optimiser = torch.optim.Adam(theirs.parameters())
    for step, (x, y) in enumerate(itertools.islice(make_batches(), 5)):
        optimiser.param_groups[0]["lr"] = 0.05 * (1 + math.cos(math.pi * step / 5))
        optimiser.zero_grad()
        (theirs(x) - y).square().mean().backward()
        nn.utils.clip_grad_norm_(theirs.parameters(), 0.5)
        optimiser.step()
    # The update of all parameters in one call rounds in another order.
    torch.testing.assert_close(ours.weight, theirs.weight, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("steps", [1, 59, 60, 61, 300])
def test_the_curve_has_few_points_and_ends_with_the_last_step(steps: int) -> None:
    result, told = run(make_line(), steps=steps)
    places = [point["step"] for point in result.curve]
    assert 1 <= len(places) <= CURVE_POINTS
    assert places[-1] == steps
    assert places == told
    assert all(point["loss"] is not None for point in result.curve)


def test_a_loss_low_enough_ends_it() -> None:
    result, _ = run(make_line(), stop_loss=0.05)
    assert result.status == "stopped"
    assert STOP_WINDOW <= result.steps < 300
    assert result.curve[-1]["step"] == result.steps


def test_a_loss_that_is_no_number_ends_it_as_diverged() -> None:
    model = make_line()
    with torch.no_grad():
        model.weight.fill_(math.nan)
    result, _ = run(model)
    assert result.status == "diverged"
    assert result.steps == 1
    assert result.curve == [{"step": 1, "loss": None}]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 0}, "training: steps must be 1 or more, got 0"),
        ({"steps": 1, "rate": 0.0}, "training: rate must be above 0, got 0.0"),
        ({"steps": 1, "clip_norm": math.nan}, "training: clip_norm must be above 0, got nan"),
    ],
)
def test_what_cannot_be_used_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        SupervisedSettings(**settings)
    assert str(caught.value) == message
