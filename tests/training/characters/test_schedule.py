from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.training.characters.cases import TINY
from unroll.text import Extent
from unroll.training.characters.looks import plan_looks
from unroll.training.characters.schedule import rate_at


def test_a_constant_rate_stays() -> None:
    recipe = replace(TINY, schedule="constant")
    assert {rate_at(recipe, step, 100) for step in range(1, 101)} == {0.02}


def test_step_decay_is_torchs() -> None:
    recipe = replace(TINY, schedule="step", decay_every=7, decay_factor=0.9)
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=recipe.rate)
    torchs = torch.optim.lr_scheduler.StepLR(optimiser, 7, 0.9)
    for step in range(1, 51):
        # Torch multiplies again and again, which rounds a little each time.
        assert rate_at(recipe, step, 50) == pytest.approx(torchs.get_last_lr()[0], rel=1e-12)
        optimiser.step()
        torchs.step()


def test_cosine_rises_falls_and_ends_at_its_share() -> None:
    recipe = replace(TINY, schedule="cosine", warmup_share=0.1, final_share=0.05)
    rates = [rate_at(recipe, step, 200) for step in range(1, 201)]
    assert rates[:20] == pytest.approx([0.02 * step / 20 for step in range(1, 21)])
    assert rates[19:] == sorted(rates[19:], reverse=True)
    # Half way down: the mean of the highest and the lowest.
    assert rates[109] == pytest.approx(0.02 * (1 + 0.05) / 2)
    assert rates[-1] == pytest.approx(0.02 * 0.05)


@pytest.mark.parametrize("steps", [1, 2, 3, 40])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_cosine_of_any_length_is_a_rate(steps: int, share: float) -> None:
    recipe = replace(TINY, warmup_share=share)
    assert all(0 < rate_at(recipe, step, steps) <= 0.02 for step in range(1, steps + 1))


@pytest.mark.parametrize("steps", [1, 3, 40, 600, 100_000])
@pytest.mark.parametrize("characters", [2, 5_000, 53_000, 5_000_000])
def test_looks_are_even_end_with_the_run_and_cost_little(steps: int, characters: int) -> None:
    changes: dict[str, Any] = {"batch_size": 8, "window": 48, "evaluations": 40}
    looks = plan_looks(replace(TINY, **changes), steps, Extent(1000, 1000 + characters))
    assert steps in looks.steps
    assert min(looks.steps) >= 1
    assert len(looks.steps) <= min(40, steps)
    assert looks.extent.start == 1000
    assert looks.extent.stop <= 1000 + characters
    read = looks.extent.characters * len(looks.steps)
    # One look at 2,048 characters is made in the shortest run.
    assert read <= max(0.3 * steps * 8 * 48, 2**11)
    gaps = [b - a for a, b in zip([0, *sorted(looks.steps)], sorted(looks.steps), strict=False)]
    assert max(gaps) - min(gaps) <= 1


def test_a_short_run_looks_a_few_times_at_less() -> None:
    looks = plan_looks(replace(TINY, batch_size=16, window=64), 40, Extent(0, 53_000))
    assert sorted(looks.steps) == [10, 20, 30, 40]
    assert looks.extent == Extent(0, 3072)


def test_a_long_run_looks_at_all_of_the_split() -> None:
    looks = plan_looks(replace(TINY, evaluations=40), 1_000_000, Extent(0, 53_000))
    assert looks.extent == Extent(0, 53_000)
    assert len(looks.steps) == 40
