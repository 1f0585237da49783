"""The step in NumPy beside the plain path: the same scores, the same text."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.models.test_character_model import Leaky
from unroll.cells import GRU, LSTM, RNN, Cell
from unroll.decoding import (
    BeamSettings,
    SamplingSettings,
    TensorStep,
    beam_search,
    peak_at_zero,
    sample,
    stream,
)
from unroll.errors import ConfigError
from unroll.models import CharacterModel, NumpyStep

V, H = 13, 24
ROUNDING = 2e-5
"""float32, scores of size 10 from sums of dozens of terms in another order: 1e-7 of 10 in each."""
STACKS: dict[str, tuple[type[Cell[Any]], ...]] = {
    "rnn": (RNN, RNN),
    "lstm": (LSTM, LSTM),
    "gru": (GRU, GRU),
    "one lstm": (LSTM,),
    "three of a kind each": (GRU, LSTM, RNN),
}
every_stack = pytest.mark.parametrize("stack", STACKS)
every_input = pytest.mark.parametrize("embedding_size", [None, 6])


def make_model(stack: str, embedding_size: int | None = 6) -> CharacterModel:
    torch.manual_seed(0)
    sizes = [embedding_size or V, H, H][: len(STACKS[stack])]
    cells = [kind(size, H) for kind, size in zip(STACKS[stack], sizes, strict=True)]
    model = CharacterModel(
        cells,
        hidden_size=H,
        vocabulary_size=V,
        embedding_size=embedding_size,
        generator=torch.Generator().manual_seed(0),
    )
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)  # gates far from their middle, and texts that are not uniform
    return model


def plain(model: CharacterModel) -> TensorStep[Any]:
    return TensorStep(model.step, vocabulary_size=V)


@every_stack
@every_input
@pytest.mark.parametrize("B", [1, 4])
def test_scores_equal_the_plain_path(stack: str, embedding_size: int | None, B: int) -> None:
    model = make_model(stack, embedding_size)
    step, state = NumpyStep(model), NumpyStep(model).initial_state(B)
    wanted_state = model.double().initial_state(B)
    draw = np.random.default_rng(0)
    for _ in range(40):
        tokens = draw.integers(0, V, B)
        scores, state = step(tokens, state)
        wanted, wanted_state = plain(model)(tokens, wanted_state)
        assert scores.shape == (B, V)
        assert scores.dtype == np.float32
        np.testing.assert_allclose(scores, wanted, rtol=0, atol=ROUNDING)


@every_stack
@pytest.mark.parametrize(
    "how",
    [
        SamplingSettings(),
        SamplingSettings(temperature=0.7, top_k=6, top_p=0.9),
        SamplingSettings(greedy=True),
    ],
    ids=["plain", "filtered", "greedy"],
)
@pytest.mark.parametrize("samples", [1, 3])
def test_the_text_is_the_plain_paths(stack: str, how: SamplingSettings, samples: int) -> None:
    model = make_model(stack)
    step = NumpyStep(model)
    ours = sample(
        step, step.initial_state(), [1, 2], settings=how, length=200, seed=0, samples=samples
    )
    wanted = sample(
        plain(model),
        model.initial_state(1),
        [1, 2],
        settings=how,
        length=200,
        seed=0,
        samples=samples,
    )
    assert [one.tokens for one in ours] == [one.tokens for one in wanted]
    if not how.greedy:
        assert len(set(ours[0].tokens)) > 3


def test_a_stream_writes_the_same() -> None:
    model = make_model("lstm")
    step, how = NumpyStep(model), SamplingSettings()
    (one,) = sample(step, step.initial_state(), [1], settings=how, length=60, seed=4)
    choices = stream(step, step.initial_state(), [1], settings=how, length=60, seed=4)
    assert tuple(choice.pick for choice in choices) == one.picks


@every_stack
def test_beams_are_the_plain_paths(stack: str) -> None:
    """Beams take rows of the state again and again, some twice."""
    model, how = make_model(stack), BeamSettings(beams=4)
    step = NumpyStep(model)
    ours = beam_search(step, step.initial_state(), [1], settings=how, length=20)
    wanted = beam_search(plain(model), model.initial_state(1), [1], settings=how, length=20)
    assert [beam.tokens for beam in ours] == [beam.tokens for beam in wanted]


@every_stack
def test_selected_rows_are_copies_and_may_repeat(stack: str) -> None:
    step = NumpyStep(make_model(stack))
    _, state = step(np.array([1, 2, 3]), step.initial_state(3))
    chosen = step.select(state, np.array([2, 0, 2]))
    step(np.array([5, 5, 5]), state)  # which overwrites what it is given
    scores, _ = step(np.array([4, 4, 6]), chosen)
    for row, (first, second) in enumerate([(3, 4), (1, 4), (3, 6)]):
        _, alone = step(np.array([first]), step.initial_state())
        wanted, _ = step(np.array([second]), alone)
        np.testing.assert_allclose(scores[row], wanted[0], rtol=0, atol=ROUNDING)


def test_the_weights_are_those_of_the_moment_it_was_made() -> None:
    model = make_model("lstm")
    step = NumpyStep(model)
    before = step(np.array([1]), step.initial_state())[0].copy()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    assert (step(np.array([1]), step.initial_state())[0] == before).all()
    assert (peak_at_zero(before) < 0).any()


def test_supports_stacks_of_exactly_the_built_in_cells() -> None:
    class Mine(LSTM):
        """May override the step."""

    def of(*cells: nn.Module) -> CharacterModel:
        return CharacterModel(cells, hidden_size=H, vocabulary_size=V, embedding_size=None)

    assert all(NumpyStep.supports(make_model(stack)) for stack in STACKS)
    hooked = of(LSTM(V, H))
    hooked.cells[0].register_forward_hook(lambda *_: None)
    others = [
        of(Mine(V, H)),
        of(LSTM(V, H), Leaky(H, H)),
        hooked,
        of(LSTM(V, H)).double(),
    ]
    assert not any(NumpyStep.supports(model) for model in others)
    with pytest.raises(ConfigError) as caught:
        NumpyStep(others[0])
    assert str(caught.value) == (
        "NumpyStep: the model must be of built-in cells in float32: "
        "for others take TensorStep(model.step)"
    )
