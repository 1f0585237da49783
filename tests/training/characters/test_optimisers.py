import copy
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from tests.training.characters.cases import TINY
from unroll.training.characters.optimisers import Optimiser


def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 3)).double()


def compare(recipe: Any, peer: Any, rates: list[float]) -> None:
    """Take the same steps with ours and with torch's own, and clip in both."""
    ours, theirs = net(), net()
    optimiser = Optimiser(ours, recipe)
    other = peer(theirs)
    draw = torch.Generator().manual_seed(1)
    for rate in rates:
        x = torch.randn(11, 5, generator=draw, dtype=torch.float64)
        for model in (ours, theirs):
            model(x).pow(2).sum().backward()
        norm = nn.utils.clip_grad_norm_(theirs.parameters(), recipe.clip_norm)
        assert norm > 0
        for group in other.param_groups:
            group["lr"] = rate
        other.step()
        other.zero_grad()
        optimiser.step(rate)
        for mine, its in zip(ours.parameters(), theirs.parameters(), strict=True):
            # Float64, summed in another order.
            torch.testing.assert_close(mine, its, rtol=1e-10, atol=1e-12)


RATES = [0.1, 0.05, 0.2, 0.01, 0.1]


@pytest.mark.parametrize("clip_norm", [0.5, 1e6])
def test_adamw_is_torchs_and_decays_matrices_only(clip_norm: float) -> None:
    recipe = replace(TINY, clip_norm=clip_norm, weight_decay=0.3, betas=(0.8, 0.95))

    def peer(model: nn.Module) -> torch.optim.Optimizer:
        groups = [
            {"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": 0.3},
            {"params": [p for p in model.parameters() if p.dim() == 1], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, betas=(0.8, 0.95), foreach=False)

    compare(recipe, peer, RATES)


@pytest.mark.parametrize("clip_norm", [0.5, 1e6])
def test_rmsprop_is_torchs(clip_norm: float) -> None:
    recipe = replace(TINY, optimiser="rmsprop", clip_norm=clip_norm, betas=(0.9, 0.97))
    compare(recipe, lambda model: torch.optim.RMSprop(model.parameters(), alpha=0.97), RATES)


def test_parameters_are_views_of_one_vector_at_64_bytes() -> None:
    model = net().float()
    before = copy.deepcopy(model)
    optimiser = Optimiser(model, TINY)
    base = optimiser.weights.data_ptr()
    for parameter, was in zip(model.parameters(), before.parameters(), strict=True):
        assert torch.equal(parameter, was)
        assert (parameter.data_ptr() - base) % 64 == 0
        assert parameter.grad is not None
    assert optimiser.weights.numel() == sum(-(-p.numel() // 16) * 16 for p in model.parameters())


def test_a_frozen_parameter_is_left_alone() -> None:
    model = net()
    frozen = next(model.parameters()).requires_grad_(False)
    was = frozen.clone()
    optimiser = Optimiser(model, TINY)
    model(torch.ones(2, 5, dtype=torch.float64)).sum().backward()
    optimiser.step(0.1)
    assert torch.equal(frozen, was)
