import math
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from unroll.errors import ConfigError
from unroll.models import CharacterModel, build_character_model
from unroll.text import Extent
from unroll.training.characters import evaluation
from unroll.training.characters.evaluation import Figures, carried, side_by_side, windowed

V = 11
PART = Extent(20, 301)


@pytest.fixture(scope="module")
def model() -> CharacterModel:
    return build_character_model(
        cell_source="lstm",
        hidden_size=6,
        layers=2,
        embedding_size=4,
        vocabulary_size=V,
        initialisation="uniform",
        keep_bias=1.0,
        seed=3,
    )


@pytest.fixture(scope="module")
def ids() -> NDArray[Any]:
    return np.random.default_rng(0).integers(0, V, 400).astype(np.uint8)


@torch.no_grad()
def one_by_one(model: CharacterModel, text: NDArray[Any], fresh: int | None) -> Figures:
    """Read a character at a time by `step`; from zero state every `fresh` predictions."""
    state, losses, right = model.initial_state(1), [], 0
    for n in range(len(text) - 1):
        if fresh is not None and n % fresh == 0:
            state = model.initial_state(1)
        scores, state = model.step(torch.tensor([int(text[n])]), state)
        log_p = torch.log_softmax(scores.double(), 1)[0]
        losses.append(-float(log_p[int(text[n + 1])]))
        right += int(log_p.argmax()) == int(text[n + 1])
    return Figures(
        loss_nats=math.fsum(losses) / len(losses),
        accuracy=right / len(losses),
        predictions=len(losses),
    )


def check(found: Figures, expected: Figures) -> None:
    # Float32 scores, summed in another order: a few of its last digits.
    assert found.loss_nats == pytest.approx(expected.loss_nats, rel=1e-5)
    assert found.accuracy == pytest.approx(expected.accuracy, rel=1e-12)
    assert found.predictions == expected.predictions


@pytest.mark.parametrize("T", [None, 1, 7, 280, 1000])
def test_carried_is_reading_one_by_one(
    model: CharacterModel, ids: NDArray[Any], T: int | None
) -> None:
    check(carried(model, ids, PART, T), one_by_one(model, ids[20:301], None))


@pytest.mark.parametrize(("T", "B"), [(30, None), (30, 2), (1, None), (280, 1), (256, None)])
def test_windowed_is_reading_one_by_one_from_zero(
    model: CharacterModel, ids: NDArray[Any], T: int, B: int | None
) -> None:
    check(windowed(model, ids, PART, T, B), one_by_one(model, ids[20:301], T))


def test_the_two_differ(model: CharacterModel, ids: NDArray[Any]) -> None:
    assert carried(model, ids, PART).loss_nats != windowed(model, ids, PART, 30).loss_nats


def test_side_by_side_is_each_stream_read_alone(
    model: CharacterModel, ids: NDArray[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert side_by_side(model, ids, PART) == carried(model, ids, PART)
    monkeypatch.setattr(evaluation, "_LONGEST", 50)
    # 281 characters: 5 streams of 56 predictions each.
    alone = [one_by_one(model, ids[20 + 56 * n : 20 + 56 * n + 57], None) for n in range(5)]
    check(
        side_by_side(model, ids, PART),
        Figures(
            loss_nats=sum(one.loss_nats for one in alone) / 5,
            accuracy=sum(one.accuracy for one in alone) / 5,
            predictions=280,
        ),
    )


def test_nothing_to_predict_is_refused(model: CharacterModel, ids: NDArray[Any]) -> None:
    for measure in (carried, side_by_side):
        with pytest.raises(ConfigError, match=r"^evaluation: at least 2 characters are needed"):
            measure(model, ids, Extent(5, 6))
    with pytest.raises(ConfigError, match=r"^evaluation: B and T must be 1 or more, got B=.*, T=0"):
        windowed(model, ids, PART, 0)


def test_figures_need_no_gradient(model: CharacterModel, ids: NDArray[Any]) -> None:
    carried(model, ids, PART)
    assert all(parameter.grad is None for parameter in model.parameters())
