"""Context losses and gradients beside a model read step by step, and beside one of known reach."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from unroll.errors import ConfigError
from unroll.models import CharacterModel, build_character_model
from unroll.probes.context import (
    ContextLosses,
    context_gradients,
    context_horizon,
    context_losses,
    targets,
)
from unroll.probes.context import losses as losses_module
from unroll.seeding import make_generator
from unroll.text import Extent

V = 5


class RegisterState(NamedTuple):
    h: Tensor


class Register(nn.Module):
    """h holds the last characters, one-hot, the newest first: h' = (x, h without its end)."""

    def __init__(self, reach: int) -> None:
        super().__init__()
        self.input_size = V
        self.hidden_size = reach * V

    def initial_state(self, batch_size: int) -> RegisterState:
        return RegisterState(torch.zeros(batch_size, self.hidden_size, dtype=torch.float64))

    def forward(self, x: Tensor, state: RegisterState) -> tuple[Tensor, RegisterState]:
        h = torch.cat([x, state.h[:, :-V]], dim=1)
        return h, RegisterState(h)


def register_model(reach: int) -> CharacterModel:
    """Expect the successor of the character `reach` back, whatever stands between."""
    model = CharacterModel(
        [Register(reach)],
        hidden_size=reach * V,
        vocabulary_size=V,
        embedding_size=None,
    ).double()
    with torch.no_grad():
        model.bias_p.zero_()
        model.weight_p.zero_()
        model.weight_p[:, -V:] = 4 * torch.eye(V, dtype=torch.float64).roll(1, dims=0)
    return model


def register_book(reach: int, characters: int = 3000) -> NDArray[np.uint8]:
    """Each character the successor of that `reach` back, or by a chance of a tenth any other."""
    random = np.random.default_rng(0)
    text = random.integers(0, V, characters)
    for at in range(reach, characters):
        if random.random() < 0.9:
            text[at] = (text[at - reach] + 1) % V
    return text.astype(np.uint8)


def lstm_model(embedding_size: int | None = 3) -> CharacterModel:
    return build_character_model(
        cell_source="lstm",
        hidden_size=6,
        layers=2,
        embedding_size=embedding_size,
        vocabulary_size=V,
        initialisation="orthogonal",
        keep_bias=1.0,
        seed=0,
    ).double()


def same(numbers: object, wanted: object) -> None:
    """In float64, where only the order of summation differs."""
    np.testing.assert_allclose(np.array(numbers), np.array(wanted), rtol=0, atol=1e-12)


@torch.no_grad()
def loss_step_by_step(model: CharacterModel, characters: list[int], target: int) -> float:
    state = model.initial_state(1)
    for character in characters:
        scores, state = model.step(torch.tensor([character]), state)
    return float(-scores[0].log_softmax(0)[target])


# All targets of an extent are taken, and the foreign text has room for one place alone, so that
# nothing is left to chance.
TEXT = np.random.default_rng(1).integers(0, V, 60).astype(np.uint8)
TARGETS = Extent(40, 52)
FOREIGN = Extent(3, 10)


def lstm_losses() -> ContextLosses:
    return context_losses(
        lstm_model(),
        TEXT,
        TARGETS,
        foreign=FOREIGN,
        generator=make_generator(0, "context"),
        positions=100,
        warm=7,
        distances=(1, 2, 4, 8),
    )


def test_losses_equal_those_of_a_model_read_step_by_step() -> None:
    model, text, losses = lstm_model(), TEXT.tolist(), lstm_losses()

    def read(before: list[int], distances: tuple[int, ...]) -> NDArray[np.float64]:
        """Return the losses (N, K) of all targets."""
        rows = [
            [loss_step_by_step(model, before + text[t - k : t], text[t]) for k in distances]
            for t in range(*TARGETS)
        ]
        return np.array(rows)

    foreign, warmed = read(text[3:10], (0,)), read(text[3:10], (1, 2, 4, 8))
    cold = read([], (1, 2, 4, 8))
    gains = np.column_stack([foreign, warmed[:, :-1]]) - warmed
    same(losses.loss_nats, warmed.mean(0))
    same(losses.zero_state_nats, cold.mean(0))
    same(losses.foreign_nats, foreign.mean())
    same(losses.gain_nats, gains.mean(0))
    error = 12**-0.5
    same(losses.standard_error, warmed.std(0, ddof=1) * error)
    same(losses.gain_standard_error, gains.std(0, ddof=1) * error)
    assert (losses.positions, losses.warm) == (12, 7)


def test_the_full_loss_is_that_of_the_book_read_from_its_beginning() -> None:
    model, text = lstm_model(), TEXT.tolist()
    wanted = [loss_step_by_step(model, text[:t], text[t]) for t in range(*TARGETS)]
    same(lstm_losses().full_nats, np.mean(wanted))


@pytest.mark.parametrize("reach", [1, 4])
def test_a_model_that_sees_the_last_characters_alone(
    reach: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Just as much as the model sees, in pieces that do not fit: the rows' seams must be right.
    monkeypatch.setattr(losses_module, "FULL", reach)
    monkeypatch.setattr(losses_module, "_PIECE", 7)
    losses = context_losses(
        register_model(reach),
        register_book(reach),
        Extent(2000, 3000),
        foreign=Extent(0, 1900),
        generator=make_generator(0, "context"),
        positions=400,
        warm=8,
        distances=(1, 2, 4, 8, 16),
    )
    seen = [n for n, k in enumerate(losses.distances) if k >= reach]
    for n in seen:
        assert losses.loss_nats[n] == pytest.approx(losses.full_nats, abs=1e-12)
        assert losses.zero_state_nats[n] == pytest.approx(losses.full_nats, abs=1e-12)
    # The likely character has 0.93 of the probability there, and any of five does before.
    assert losses.foreign_nats > losses.full_nats + 1
    assert losses.gain_nats[seen[0]] > 1
    assert all(gain == pytest.approx(0, abs=1e-12) for gain in losses.gain_nats[seen[0] + 1 :])
    assert context_horizon(losses) == (reach, 2 * reach)


def test_batches_do_not_change_the_losses(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = lstm_losses()
    monkeypatch.setattr(targets, "NUMBERS", 8 * 6 * 5)
    parts = lstm_losses()
    same(parts.loss_nats, whole.loss_nats)
    same(parts.zero_state_nats, whole.zero_state_nats)


def test_the_seed_names_targets_and_foreign_text() -> None:
    def with_seed(seed: int) -> ContextLosses:
        return context_losses(
            register_model(1),
            register_book(1),
            Extent(2000, 3000),
            foreign=Extent(0, 1900),
            generator=make_generator(seed, "context"),
            positions=20,
            warm=4,
            distances=(1, 2),
        )

    assert with_seed(0) == with_seed(0)
    assert with_seed(0).loss_nats != with_seed(1).loss_nats


@pytest.mark.parametrize("embedding_size", [None, 3])
@pytest.mark.parametrize(("extent", "before"), [(Extent(20, 23), 4), (Extent(0, 7), 0)])
def test_gradients_equal_finite_differences(
    embedding_size: int | None, extent: Extent, before: int
) -> None:
    model, length, step = lstm_model(embedding_size), 4, 1e-5
    norms = context_gradients(
        model, TEXT, extent, generator=make_generator(0, "context"), length=length
    )
    ids = torch.from_numpy(TEXT.astype(np.int64))
    targets = range(max(extent.start, length), extent.stop)
    wanted = np.zeros(length)
    with torch.no_grad():
        for t in targets:
            start = t - length
            state = model(ids[None, start - before : start])[1] if before else None
            inputs = model.embed(ids[None, start:t])
            slopes = torch.zeros_like(inputs[0])
            for place in np.ndindex(*slopes.shape):
                log_p = []
                for move in (step, -step):
                    moved = inputs.clone()
                    moved[0][place] += move
                    scores, _ = model.score_embedded(moved, state)
                    log_p.append(float(scores[0, -1].log_softmax(0)[ids[t]]))
                slopes[place] = (log_p[0] - log_p[1]) / (2 * step)
            wanted += slopes.norm(dim=1).flip(0).numpy() / len(targets)
    # Central differences: an error of step² times the third derivative, and rounding / step.
    np.testing.assert_allclose(norms, wanted, rtol=0, atol=1e-9)


def test_gradients_come_from_the_one_character_that_is_seen() -> None:
    norms = context_gradients(
        register_model(4),
        register_book(4),
        Extent(2000, 3000),
        generator=make_generator(0, "context"),
        positions=50,
        length=8,
    )
    assert norms[3] > 0.1
    assert [norm for k, norm in enumerate(norms, 1) if k != 4] == [0] * 7


def made_up(gains: tuple[float, ...], errors: tuple[float, ...]) -> ContextLosses:
    return replace(
        lstm_losses(),
        distances=tuple(2**n for n in range(len(gains))),
        gain_nats=gains,
        gain_standard_error=errors,
    )


@pytest.mark.parametrize(
    ("gains", "errors", "horizon"),
    [
        ((0.5, 0.2, 0.009, 0.0), (0.001,) * 4, (2, 4)),
        ((0.5, 0.2, 0.009, 0.01), (0.001,) * 4, (8, None)),
        ((0.0, 0.0, 0.3, 0.001), (0.001,) * 4, (4, 8)),
        ((0.5, 0.2, 0.015, 0.0), (0.001, 0.001, 0.01, 0.01), (2, 4)),
        ((0.0, -0.1), (0.001, 0.001), (None, 1)),
    ],
    ids=["falls", "end unseen", "late", "within chance", "none"],
)
def test_the_horizon_is_the_last_distance_that_helps(
    gains: tuple[float, ...], errors: tuple[float, ...], horizon: tuple[int | None, int | None]
) -> None:
    assert context_horizon(made_up(gains, errors)) == horizon


@pytest.mark.parametrize("distances", [(), (0, 0), (1, 2, 3), (2, 1), (1, 2, 8)])
def test_distances_must_double(distances: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError) as error:
        context_losses(
            lstm_model(),
            TEXT,
            TARGETS,
            foreign=FOREIGN,
            generator=make_generator(0, "context"),
            warm=7,
            distances=distances,
        )
    assert str(error.value) == (
        f"context: distances must begin at 1 or more and double, as 1, 2, 4, got {distances}"
    )


@pytest.mark.parametrize("warm", [0, 8])
def test_foreign_text_must_be_long_enough(warm: int) -> None:
    with pytest.raises(ConfigError) as error:
        context_losses(
            lstm_model(),
            TEXT,
            TARGETS,
            foreign=FOREIGN,
            generator=make_generator(0, "context"),
            warm=warm,
        )
    assert str(error.value) == (
        f"context: warm must be 1 or more and at most the foreign text's 7 characters, got {warm}"
    )


def test_targets_that_are_too_few_are_refused() -> None:
    generator = make_generator(0, "context")
    with pytest.raises(ConfigError) as error:
        context_gradients(lstm_model(), TEXT, TARGETS, generator=generator, length=51)
    assert str(error.value) == (
        "context: positions must be 2 or more, got 200, and so must the characters with 51 others "
        "before them: 1 here"
    )
    with pytest.raises(ConfigError, match=r"^context: positions must be 2 or more, got 1, and"):
        context_gradients(lstm_model(), TEXT, TARGETS, generator=generator, positions=1, length=4)
    with pytest.raises(ConfigError, match=r"^context: length must be 1 or more, got 0$"):
        context_gradients(lstm_model(), TEXT, TARGETS, generator=generator, length=0)
