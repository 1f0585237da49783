"""What units do along a text, against the model's own scan and the equations written by hand."""

from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tests.models.test_character_model import Leaky, V, make_model
from unroll.cells import GRU, LSTM, RNN
from unroll.errors import ShapeError
from unroll.models import CharacterModel
from unroll.probes import unit_activity

T = 23
NAMES: dict[type[Any], list[str]] = {
    RNN: ["h"],
    LSTM: ["i", "f", "g", "o", "c", "h"],
    GRU: ["r", "z", "n", "h"],
}
# The same equation with its sums in another order, over 23 steps of numbers below 1.
TOLERANCE = 1e-13
Floats = NDArray[np.float64]
every_cell = pytest.mark.parametrize("kind", NAMES)


def make_ids() -> Tensor:
    return torch.randint(V, (T,), generator=torch.Generator().manual_seed(3))


@every_cell
@pytest.mark.parametrize("embedding_size", [None, 4])
def test_h_is_the_models_own_scan(kind: type[nn.Module], embedding_size: int | None) -> None:
    model = make_model(kind, embedding_size=embedding_size)
    layers, state = unit_activity(model, make_ids())
    assert [list(activity) for activity in layers] == [NAMES[kind]] * 2
    # With gradients an engine may take another way, whose last bits differ.
    with torch.no_grad():
        outputs, wanted = model.read_embedded(model.embed(make_ids()[None]))
    assert torch.equal(layers[-1]["h"], outputs[0])
    for activity, after, own in zip(layers, state, wanted, strict=True):
        for name, part in own._asdict().items():
            assert torch.equal(getattr(after, name), part)
            assert (activity[name][-1] - part[0]).abs().max() < TOLERANCE


@every_cell
def test_every_part_is_that_of_the_equation(kind: type[nn.Module]) -> None:
    model = make_model(kind)
    layers, _ = unit_activity(model, make_ids())
    inputs = model.embed(make_ids()).detach().numpy()
    for cell, activity in zip(model.cells, layers, strict=True):
        wanted = by_hand(cell, inputs)
        assert list(wanted) == list(activity)
        for name, part in wanted.items():
            assert np.abs(activity[name].numpy() - part).max() < TOLERANCE, name
        inputs = wanted["h"]


def by_hand(cell: Any, inputs: Floats) -> dict[str, Floats]:
    """Return every part (T, H), one gate of one step at a time."""
    W_x, W_h, b = (w.detach().numpy() for w in (cell.weight_x, cell.weight_h, cell.bias))
    H = cell.hidden_size
    h = c = np.zeros(H)
    steps = []
    for x in inputs:
        a_x, a_h = W_x @ x + b, W_h @ h
        rows = {gate: slice(n * H, (n + 1) * H) for n, gate in enumerate(cell.gates)}
        if isinstance(cell, LSTM):
            a = {gate: (a_x + a_h)[rows[gate]] for gate in "ifgo"}
            i, f, o = (1 / (1 + np.exp(-a[gate])) for gate in "ifo")
            g = np.tanh(a["g"])
            c = f * c + i * g
            h = o * np.tanh(c)
            steps.append({"i": i, "f": f, "g": g, "o": o, "c": c, "h": h})
        elif isinstance(cell, GRU):
            r, z = (1 / (1 + np.exp(-(a_x + a_h)[rows[gate]])) for gate in "rz")
            n = np.tanh(a_x[rows["n"]] + r * (a_h[rows["n"]] + cell.bias_nh.detach().numpy()))
            h = (1 - z) * n + z * h
            steps.append({"r": r, "z": z, "n": n, "h": h})
        else:
            h = np.tanh(a_x + a_h)
            steps.append({"h": h})
    return {name: np.stack([step[name] for step in steps]) for name in steps[0]}


@pytest.mark.parametrize("kind", [*NAMES, Leaky])
def test_a_text_in_two_pieces_is_the_text(kind: type[nn.Module]) -> None:
    model = make_model(kind)
    whole, _ = unit_activity(model, make_ids())
    first, state = unit_activity(model, make_ids()[:9])
    second, _ = unit_activity(model, make_ids()[9:], state)
    for layer, one, other in zip(whole, first, second, strict=True):
        for name, part in layer.items():
            both = torch.cat([one[name], other[name]])
            assert (both - part).abs().max() < TOLERANCE


class CountingState(NamedTuple):
    h: Tensor
    slow: Tensor
    step: Tensor


class Counting(RNN):
    """Derived from a cell whose gates are known, and carrying a mean and a count besides."""

    def initial_state(self, batch_size: int) -> Any:
        zeros = super().initial_state(batch_size).h
        return CountingState(zeros, zeros, torch.zeros(batch_size, 1, dtype=torch.int64))

    def forward(self, x: Tensor, state: Any) -> Any:
        h, _ = super().forward(x, state)
        return h, CountingState(h, 0.9 * state.slow + 0.1 * h, state.step + 1)


def test_a_derived_cell_is_known_by_its_state_alone() -> None:
    model = make_model(Counting)
    layers, state = unit_activity(model, make_ids())
    assert [list(activity) for activity in layers] == [["h", "slow"]] * 2
    outputs, _ = model.read_embedded(model.embed(make_ids()[None]))
    assert torch.equal(layers[-1]["h"], outputs[0])
    slow = torch.zeros(model.hidden_size, dtype=torch.float64)
    for h, found in zip(layers[0]["h"], layers[0]["slow"], strict=True):
        slow = 0.9 * slow + 0.1 * h
        assert torch.equal(found, slow)
    assert state[0].step.item() == T


def test_nothing_requires_a_gradient_and_the_model_is_untouched() -> None:
    model = make_model(LSTM)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    layers, _ = unit_activity(model, make_ids())
    assert not any(part.requires_grad for activity in layers for part in activity.values())
    assert all(map(torch.equal, before, model.parameters()))


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (
            torch.zeros(1, 4, dtype=torch.int64),
            "unit_activity: ids must be (T), got (1, 4): expected 1 axes, got 2",
        ),
        (
            torch.zeros(0, dtype=torch.int64),
            "scan: inputs must be (B, T, D) with T ≥ 1, got (1, 0, 4)",
        ),
    ],
)
def test_ids_of_another_shape_are_refused(ids: Tensor, message: str) -> None:
    model: CharacterModel = make_model(LSTM)
    with pytest.raises(ShapeError) as caught:
        unit_activity(model, ids)
    assert str(caught.value) == message
