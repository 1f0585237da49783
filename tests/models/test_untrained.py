"""Untrained models: what settings and a seed decide."""

import math
from typing import Any

import pytest
import torch

from unroll.cells import LSTM, RNN
from unroll.errors import ConfigError
from unroll.models import CharacterModel, build_character_model

V, B, T = 7, 3, 11


def build(cell: str = "lstm", **changes: Any) -> CharacterModel:
    settings: dict[str, Any] = {
        "cell_source": cell,
        "hidden_size": 64,
        "layers": 2,
        "embedding_size": 8,
        "vocabulary_size": V,
        "initialisation": "orthogonal",
        "keep_bias": 1.0,
        "seed": 0,
    }
    return build_character_model(**{**settings, **changes})


def test_a_built_model_begins_as_its_settings_say() -> None:
    model = build(layers=3)
    assert len(model.cells) == 3
    for cell in model.cells:
        assert isinstance(cell, LSTM)
        bias = cell.bias.detach().reshape(4, 64)
        assert [set(gate) for gate in bias.tolist()] == [{0.0}, {1.0}, {0.0}, {0.0}]
        for block in cell.weight_h.detach().chunk(4):
            # float32, sums of 64 products.
            torch.testing.assert_close(block @ block.T, torch.eye(64), rtol=0, atol=1e-5)
    # A cell without a gate that keeps takes the same settings.
    assert isinstance(build("rnn").cells[0], RNN)
    left = build(keep_bias=None).cells[0]
    assert isinstance(left, LSTM)
    assert float(left.bias.detach().abs().max()) == 0


@pytest.mark.parametrize("gain", [1.0, 3.0])
def test_the_readouts_bound_grows_by_its_gain(gain: float) -> None:
    model, plain = build(readout_gain=gain), build()
    bound = gain / math.sqrt(64)
    for name in ("weight_p", "bias_p"):
        numbers = getattr(model, name).detach()
        assert float(numbers.abs().max()) <= bound
        # 448 numbers from U(−bound, bound), or 7: that all are below a half has 2⁻⁷ at most.
        assert float(numbers.abs().max()) > bound / 2
        # The same draws, of another size: a product with the gain is rounded once.
        torch.testing.assert_close(numbers, gain * getattr(plain, name).detach())
    for name, numbers in plain.state_dict().items():
        if not name.endswith("_p"):
            assert torch.equal(model.state_dict()[name], numbers)


def test_a_seed_decides_every_parameter() -> None:
    first, again, other = (build(seed=seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["weight_e"], other["weight_e"])
    assert not torch.equal(first["cells.0.weight_h"], first["cells.1.weight_h"])
    assert not torch.equal(first["cells.0.weight_h"], other["cells.0.weight_h"])
    assert not torch.equal(first["weight_p"], other["weight_p"])


def test_a_users_cell_is_built_by_its_constructor_from_the_seed() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    spec = "tests.models.test_character_model:Leaky"
    first, again, other = (build(spec, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    names = first.state_dict().keys()
    assert {"cells.0.mix", "cells.1.mix"} <= set(names)
    assert torch.equal(first.state_dict()["cells.0.mix"], again.state_dict()["cells.0.mix"])
    assert not torch.equal(first.state_dict()["cells.0.mix"], other.state_dict()["cells.0.mix"])
    assert first(torch.zeros(B, T, dtype=torch.int64))[0].shape == (B, T, V)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": 0}, "layers must be 1 or more, got 0"),
        ({"vocabulary_size": 0}, "vocabulary_size must be 1 or more, got 0"),
        ({"embedding_size": 0}, "embedding_size must be 1 or more, got 0"),
        ({"hidden_size": 0}, "hidden_size must be 1 or more, got 0"),
    ],
)
def test_sizes_below_one_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(**changes)
    assert str(caught.value) == f"character model: {message}"


def test_a_cell_that_reads_backwards_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        build("bidirectional:gru")
    assert str(caught.value) == (
        "cell 'bidirectional:gru': a bidirectional network reads what it is to predict; name a "
        "cell that reads forwards only"
    )


@pytest.mark.parametrize("cell", ["peephole", "min-gru", "min-lstm", "linear"])
def test_every_cell_reads_on_from_its_state(cell: str) -> None:
    model = build(cell)
    ids = torch.arange(B * T).reshape(B, T) % V
    whole, _ = model(ids)
    first, state = model(ids[:, :4])
    second, _ = model(ids[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    step, state = model.step(ids[:, 0], model.initial_state(B))
    torch.testing.assert_close(step, whole[:, 0])
