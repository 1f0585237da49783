import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unroll.training.stopping import LossWatch, mean

LOSSES = st.floats(0, 10, allow_subnormal=False)


def exact_mean(losses: list[float]) -> float:
    return float(sum(map(Fraction, losses)) / len(losses))


def watch_all(losses: list[float], threshold: float = 1e-3) -> LossWatch:
    watch = LossWatch(threshold)
    for loss in losses:
        watch.see(loss)
    return watch


def slow_means(losses: list[float]) -> dict[int, float]:
    """Return the mean of the last 100 losses after each step that has 100."""
    return {
        step: math.fsum(losses[step - 100 : step]) / 100 for step in range(100, len(losses) + 1)
    }


@st.composite
def loss_sequences(draw: st.DrawFn) -> list[float]:
    """Draw sequences of up to 390 losses, in runs, so that some are flat and some are solved."""
    losses: list[float] = []
    for _ in range(draw(st.integers(1, 3))):
        loss = draw(st.sampled_from([0.0, 1e-4, 9.99e-4, 1e-3, 0.5, 2.3]) | LOSSES)
        slope = draw(st.sampled_from([0.0, 1e-9, 1e-6, 1e-4]))
        count = draw(st.integers(1, 130))
        losses += [loss + slope * step for step in range(count)]
    return losses


@given(losses=loss_sequences(), threshold=st.sampled_from([1e-4, 1e-3, 0.1, 2.0]))
def test_both_rules_equal_their_definitions_at_every_step(
    losses: list[float], threshold: float
) -> None:
    means = slow_means(losses)
    plateaus = [
        step for step in range(101, len(losses) + 1) if abs(means[step] - means[step - 1]) < 1e-6
    ]
    watch = LossWatch(threshold)
    for step, loss in enumerate(losses, start=1):
        watch.see(loss)
        assert watch.is_solved == (step >= 100 and means[step] < threshold)
        assert watch.plateau_step == next((p for p in plateaus if p <= step), None)
        assert not watch.is_diverged


def test_nothing_is_solved_before_a_hundred_batches() -> None:
    assert not watch_all([0.0] * 99).is_solved
    assert watch_all([0.0] * 100).is_solved


def test_the_threshold_itself_is_not_below() -> None:
    assert not watch_all([0.5] * 100, threshold=0.5).is_solved
    assert watch_all([0.5] * 100, threshold=math.nextafter(0.5, 1)).is_solved


def test_a_flat_loss_is_a_plateau_at_the_first_step_that_can_tell() -> None:
    assert watch_all([2.3] * 100).plateau_step is None
    assert watch_all([2.3] * 101).plateau_step == 101
    # It is the first, and stays so.
    assert watch_all([2.3] * 500).plateau_step == 101


def test_a_loss_that_still_moves_is_no_plateau() -> None:
    # Each loss is 1e-4 lower than the one before, so the mean moves by 1e-4 a step.
    assert watch_all([2.3 - 1e-4 * step for step in range(1000)]).plateau_step is None


@pytest.mark.parametrize(
    ("loss", "diverged"),
    [
        (0.0, False),
        (2.3, False),
        (999.9, False),
        (1000.0, True),
        (math.inf, True),
        (math.nan, True),
    ],
)
def test_a_loss_beyond_repair_is_seen_at_once(loss: float, diverged: bool) -> None:
    assert not LossWatch(1e-3).is_diverged
    assert watch_all([loss]).is_diverged is diverged
    assert watch_all([2.3] * 150 + [loss]).is_diverged is diverged


@pytest.mark.parametrize("loss", [math.inf, math.nan])
def test_a_loss_that_is_no_number_solves_nothing(loss: float) -> None:
    watch = watch_all([0.0] * 150)
    assert watch.is_solved
    watch.see(loss)
    assert not watch.is_solved


@given(losses=st.lists(LOSSES, min_size=1, max_size=200), shuffle=st.randoms())
def test_a_mean_is_exact_and_knows_no_order(losses: list[float], shuffle: object) -> None:
    shuffled = list(losses)
    shuffle.shuffle(shuffled)  # type: ignore[attr-defined] # a random.Random
    # A correctly rounded sum, then one rounded division: within one unit in the last place.
    assert abs(mean(losses) - exact_mean(losses)) <= math.ulp(exact_mean(losses))
    assert mean(shuffled) == mean(losses)
