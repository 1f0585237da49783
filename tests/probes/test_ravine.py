"""Laws of a quadratic valley: what each optimiser must do there, and what turning it changes."""

import math
from collections.abc import Callable

import pytest
import torch

from unroll.errors import ConfigError, ShapeError
from unroll.probes import Ravine, best_descent, descend
from unroll.training.optimisers import OPTIMISERS

KAPPA = 50.0
UPRIGHT = Ravine(curvature=KAPPA)
ASKEW = Ravine(curvature=KAPPA, angle_degrees=45.0)
START = (-10.0, 1.0)


@pytest.mark.parametrize("rate", [0.003, 0.03, 0.039, 0.041])
def test_sgd_contracts_each_direction_by_its_own_factor(rate: float) -> None:
    """u(n) = (1 − η)ⁿ u(0), v(n) = (1 − η κ)ⁿ v(0): v grows once η > 2/κ = 0.04."""
    descent = descend(UPRIGHT, "sgd", rate, steps=60, start=START)
    for n, (x, y) in enumerate(descent.points):
        # Sixty steps of float64, each rounding twice: 1e-14 of the value.
        assert x == pytest.approx((1 - rate) ** n * START[0], rel=1e-13)
        assert y == pytest.approx((1 - rate * KAPPA) ** n * START[1], rel=1e-11)
    assert (abs(descent.points[-1][1]) > 1) == (rate > 2 / KAPPA)


def test_the_best_rate_of_sgd_is_the_textbooks() -> None:
    """2 / (1 + κ) makes both factors equal, (κ − 1)/(κ + 1) in size: the best worst case."""
    best = 2 / (1 + KAPPA)
    descents = [
        descend(UPRIGHT, "sgd", rate, steps=600, start=(-1.0, 1.0))
        for rate in (0.9 * best, best, 1.018 * best)
    ]
    lowest = min(descents, key=lambda descent: descent.losses[-1])
    assert lowest.rate == best
    # Both coordinates shrink alike, and the loss by the factor's square. 600 steps, each rounding
    # at 1e-16 · κ.
    wanted = ((KAPPA - 1) / (KAPPA + 1)) ** 1200 * lowest.losses[0]
    assert lowest.losses[-1] == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize("name", ["sgd", "momentum"])
def test_turning_the_ravine_changes_nothing_for_linear_methods(name: str) -> None:
    upright, askew = (descend(r, name, 0.01, steps=200, start=START) for r in (UPRIGHT, ASKEW))
    # The turn rounds coordinates at 1e-16, and what the steep direction rounds is damped.
    assert askew.losses == pytest.approx(upright.losses, rel=1e-9)
    assert upright.points[0] == START
    # (u, v) = (−10, 1) along and across a floor at 45°.
    root = math.sqrt(0.5)
    assert askew.points[0] == pytest.approx((-11 * root, -9 * root), rel=1e-15)


@pytest.mark.parametrize("name", ["rmsprop", "adam"])
def test_turning_it_does_for_methods_that_scale_each_axis(name: str) -> None:
    upright, askew = (descend(r, name, 0.1, steps=20, start=START) for r in (UPRIGHT, ASKEW))
    assert upright.losses[0] == pytest.approx(askew.losses[0], rel=1e-14)
    assert abs(upright.losses[20] - askew.losses[20]) > 0.01 * upright.losses[20]


def test_adams_first_step_is_the_rate_along_both_axes() -> None:
    points = descend(UPRIGHT, "adam", 0.1, steps=1, start=START).points
    # The step is η g / (|g| + 1e-8), with |g| of 10 and 50.
    assert points[1] == pytest.approx((-10 + 0.1, 1 - 0.1), abs=1e-9)


def test_the_loss_is_the_equation_at_any_angle() -> None:
    ravine = Ravine(curvature=3.0, angle_degrees=30.0)
    for along, across in ((1.0, 0.0), (0.0, 1.0), (-2.0, 0.5)):
        point = torch.tensor(ravine.place(along, across), dtype=torch.float64)
        # Sines and cosines round at 1e-16.
        assert ravine.loss(point).item() == pytest.approx((along**2 + 3 * across**2) / 2, rel=1e-14)
    # 30° by hand: the floor's direction is (√3/2, 1/2).
    assert ravine.place(2.0, 0.0) == pytest.approx((math.sqrt(3), 1.0), rel=1e-15)
    grid = torch.zeros(4, 5, 2)
    assert ravine.loss(grid).shape == (4, 5)


def test_a_rate_too_large_ends_as_diverged_with_finite_losses() -> None:
    descent = descend(UPRIGHT, "sgd", 1.0, steps=200, start=START)
    assert descent.diverged
    assert descent.steps_to_goal is None
    # v grows 49-fold a step and its part of f, 25 of 75, 2401-fold: after four steps 1.1e13 · 75.
    assert len(descent.points) == len(descent.losses) == 4
    assert all(loss <= 1e12 * descent.losses[0] for loss in descent.losses)


def test_a_loss_that_is_not_finite_ends_it_too() -> None:
    descent = descend(UPRIGHT, "sgd", 1e300, steps=5, start=START)
    assert descent.diverged
    assert descent.points == (START,)


def test_steps_to_goal_counts_from_where_the_loss_stays_low() -> None:
    """Momentum runs through the bottom and up again: the first visit does not count."""
    descent = descend(UPRIGHT, "momentum", 0.01, steps=200, start=START)
    goal = 1e-3 * descent.losses[0]
    n = descent.steps_to_goal
    assert n is not None
    assert descent.losses[n - 1] > goal
    assert all(loss <= goal for loss in descent.losses[n:])
    visits = descend(UPRIGHT, "momentum", 0.01, steps=500, start=(-10.0, 0.0))
    first = next(k for k, loss in enumerate(visits.losses) if loss <= 1e-3 * visits.losses[0])
    assert visits.steps_to_goal is not None
    assert first < visits.steps_to_goal


def test_a_descent_too_short_reaches_no_goal() -> None:
    descent = descend(UPRIGHT, "sgd", 1e-4, steps=10, start=START)
    assert (descent.steps_to_goal, descent.diverged, len(descent.points)) == (None, False, 11)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_the_best_descent_is_the_fastest_that_stays(name: str) -> None:
    rates = [10 ** (k / 2) for k in range(-8, 1)]
    descents = [descend(UPRIGHT, name, rate, start=START) for rate in rates]
    steps = [d.steps_to_goal for d in descents if d.steps_to_goal is not None]
    best = best_descent(UPRIGHT, name, rates, start=START)
    assert best.steps_to_goal == min(steps)
    assert best in descents


def test_where_no_rate_reaches_the_goal_the_lowest_end_is_best() -> None:
    best = best_descent(UPRIGHT, "sgd", [1e-5, 1e-3, 1e-4, 1.0], steps=10, start=START)
    assert (best.rate, best.steps_to_goal) == (1e-3, None)
    # Both diverge after the same point: they come last, and are still told.
    assert best_descent(UPRIGHT, "sgd", [10.0, 1.0], steps=10, start=START).diverged


def test_what_cannot_be_used_is_refused() -> None:
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: Ravine(curvature=0.0), "ravine: curvature must be positive, got 0.0"),
        (lambda: Ravine(curvature=math.inf), "ravine: curvature must be positive, got inf"),
        (
            lambda: Ravine(angle_degrees=math.nan),
            "ravine: angle_degrees must be finite, got nan",
        ),
        (lambda: descend(UPRIGHT, "sgd", 0.0), "descend: rate must be positive, got 0.0"),
        (
            lambda: descend(UPRIGHT, "sgd", 0.1, steps=0),
            "descend: steps must be 1 or more, got 0",
        ),
        (
            lambda: descend(UPRIGHT, "sgd", 0.1, start=(0.0, 0.0)),
            "descend: start must be finite and not the lowest point: (0.0, 0.0)",
        ),
        (
            lambda: descend(UPRIGHT, "adamm", 0.1),
            "unknown optimiser 'adamm': expected one of adam, momentum, rmsprop, sgd "
            "(nearest: adam)",
        ),
        (
            lambda: best_descent(UPRIGHT, "sgd", []),
            "best_descent: rates must hold one rate or more, got none",
        ),
    ]
    for call, message in cases:
        with pytest.raises(ConfigError) as caught:
            call()
        assert str(caught.value) == message


def test_a_point_of_other_axes_is_refused() -> None:
    with pytest.raises(ShapeError) as caught:
        UPRIGHT.loss(torch.zeros(2, 3))
    assert str(caught.value) == "ravine: point must be (…, 2), x and y, got (2, 3)"
