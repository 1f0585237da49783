"""From which state a piece is read, and what else a trainer promises."""

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.training.characters.cases import DROPPING, TINY, WINDOWS
from unroll.text import Extent
from unroll.training.characters.precision import Precision, map_state
from unroll.training.characters.settings import TextRecipe
from unroll.training.characters.trainer import Trainer

V = 20
COUNTING = replace(TINY, cell="tests.training.characters.test_trainer:Counting")
FORGETTING = replace(TINY, cell="tests.training.characters.test_trainer:Forgetting")


class Counting(nn.Module):
    """A user's cell that begins at a learned state, and counts its steps in whole numbers."""

    class State(NamedTuple):
        h: Tensor
        taken: Tensor

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.mix = nn.Linear(input_size + hidden_size, hidden_size)
        self.start = nn.Parameter(torch.rand(hidden_size) + 1)

    def initial_state(self, batch_size: int) -> State:
        taken = torch.zeros(batch_size, dtype=torch.int64, device=self.start.device)
        return self.State(self.start.expand(batch_size, -1), taken)

    def forward(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        h = torch.tanh(self.mix(torch.cat([x, state.h], 1)))
        return h, self.State(h, state.taken + 1)


class Forgetting(Counting):
    """One that drops what it reads, from PyTorch's global generator."""

    def forward(self, x: Tensor, state: Any) -> tuple[Tensor, Any]:
        return super().forward(nn.functional.dropout(x, 0.5, self.training), state)


def make_trainer(recipe: TextRecipe, seed: int = 0, precision: Precision = "float32") -> Trainer:
    ids = np.random.default_rng(0).integers(0, V, 4000).astype(np.uint8)
    return Trainer(
        recipe,
        ids=ids,
        extent=Extent(0, 3500),
        vocabulary_size=V,
        seed=seed,
        precision=precision,
    )


def watch_states(trainer: Trainer) -> list[tuple[Any, Any, Any]]:
    """Return a list that fills with each step's given, initial and resulting state."""
    seen: list[tuple[Any, Any, Any]] = []

    def look(model: Any, given: Any, result: Any) -> None:
        initial = model.initial_state(given[0].shape[0])
        # Copied: a learned beginning is the parameter itself, which is about to be updated.
        seen.append(map_state(torch.clone, (given[1], initial, result[1])))

    trainer.model.register_forward_hook(look)
    return seen


def rows_that_equal(state: Any, other: Any) -> Tensor:
    """Return of each row whether two states have it the same, in all parts of all layers."""
    same = [
        (part == other_part).flatten(1).all(1) if part.dim() > 1 else part == other_part
        for layer, other_layer in zip(state, other, strict=True)
        for part, other_part in zip(layer, other_layer, strict=True)
    ]
    return torch.stack(same).all(0)


@pytest.mark.parametrize("recipe", [TINY, replace(TINY, cell="gru", layers=1), COUNTING])
def test_reset_rows_begin_at_the_initial_state_and_the_others_carry_on(recipe: TextRecipe) -> None:
    share, B, steps = 0.3, 40, 60
    trainer = make_trainer(replace(recipe, batch_size=B, reset_share=share))
    seen = watch_states(trainer)
    begun_anew = drawn = 0
    for step in range(steps):
        epoch_begins = trainer.position()["piece"] == 0
        trainer.step(0.003)
        given, initial, _ = seen[-1]
        resets = rows_that_equal(given, initial)
        if epoch_begins:
            assert resets.all()
            continue
        assert torch.equal(rows_that_equal(given, seen[step - 1][2]), ~resets)
        begun_anew += int(resets.sum())
        drawn += B
    # Four standard errors of a share of independent draws.
    assert abs(begun_anew / drawn - share) < 4 * math.sqrt(share * (1 - share) / drawn)


def test_without_resets_all_rows_carry_on() -> None:
    trainer = make_trainer(COUNTING)
    seen = watch_states(trainer)
    for _ in range(5):
        trainer.step(0.003)
    for (_, _, before), (given, _, _) in pairwise(seen):
        assert rows_that_equal(given, before).all()


def test_a_learned_beginning_learns_from_the_rows_that_are_reset() -> None:
    trainer = make_trainer(replace(COUNTING, reset_share=0.5))
    trainer.step(0.003)
    before = trainer.model.state_dict()["cells.0.start"].clone()
    assert trainer.position()["piece"] != 0
    trainer.step(0.003)
    assert not torch.equal(trainer.model.state_dict()["cells.0.start"], before)


def weights_after(recipe: TextRecipe, steps: int = 12, seed: int = 0) -> Tensor:
    trainer = make_trainer(recipe, seed)
    for _ in range(steps):
        torch.rand(1)
        trainer.step(0.003)
    return trainer.optimiser.weights


@pytest.mark.parametrize("recipe", [TINY, DROPPING])
def test_a_seed_decides_the_resets(recipe: TextRecipe) -> None:
    resetting = replace(recipe, reset_share=0.3)
    assert torch.equal(weights_after(resetting), weights_after(resetting))
    assert not torch.equal(weights_after(resetting), weights_after(recipe))
    patterns = []
    for seed in (0, 1):
        trainer = make_trainer(replace(resetting, batch_size=40), seed)
        seen = watch_states(trainer)
        trainer.step(0.003)
        trainer.step(0.003)
        patterns.append(rows_that_equal(seen[1][0], seen[1][1]))
    assert not torch.equal(*patterns)


def test_windows_are_not_reset_for_they_always_begin_anew() -> None:
    windows = replace(WINDOWS, dropout=0.2)
    assert torch.equal(weights_after(replace(windows, reset_share=0.5)), weights_after(windows))


def test_a_cell_of_the_users_drops_in_training_alone_and_from_the_seed() -> None:
    before = torch.get_rng_state()
    trainer = make_trainer(FORGETTING)
    trainer.step(0.003)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(weights_after(FORGETTING), weights_after(FORGETTING))
    assert not torch.equal(weights_after(FORGETTING), weights_after(COUNTING))
    ids = torch.arange(V)[None]
    assert torch.equal(trainer.model(ids)[0], trainer.model(ids)[0])


def test_a_count_in_the_state_stays_one_in_bfloat16() -> None:
    """bfloat16 holds no whole numbers between 256 and 258."""
    exact, rounded = (
        make_trainer(replace(COUNTING, batch_size=2), precision=precision)
        for precision in ("float32", "bfloat16")
    )
    for _ in range(41):
        exact.step(0.003)
        rounded.step(0.003)
    for name, tensor in exact.tensors().items():
        assert rounded.tensors()[name].dtype == tensor.dtype
    # Two layers of two parts: h, taken, h, taken.
    for name in ("state.1", "state.3"):
        assert rounded.tensors()[name].tolist() == 2 * [41 * TINY.window]
