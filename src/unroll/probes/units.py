"""What each unit and gate of a character model does at each character of a text."""

from typing import Any

import torch
from torch import Tensor

from unroll.cells import GRU, LSTM
from unroll.cells.gru import GRUState
from unroll.cells.lstm import LSTMState
from unroll.engines import run_scan
from unroll.engines.engine import is_built_in
from unroll.models.character_model import CharacterModel
from unroll.shapes import check_shape

Activity = dict[str, Tensor]
"""What the parts of one layer do, by name, (T, H) each."""


@torch.no_grad()
def unit_activity(
    model: CharacterModel, ids: Tensor, state: tuple[Any, ...] | None = None
) -> tuple[list[Activity], tuple[Any, ...]]:
    """Read a text and return what every unit of every layer does at each character.

    Names: an LSTM has i, f, g, o, c, h; a GRU r, z, n, h; an RNN h. Gates are in 0 … 1 and g, n
    in −1 … 1, after their non-linearities; c and h are the state after the character. A cell of
    another class, one derived from these included, is only known by its state: the parts of it
    that hold numbers with a fraction, (1, n) each, by their names.

    h is the model's own scan. With h(0) … h(T) known, the gates of all characters are one call of
    the cell's `gates_at`, and c(t) = g(t) ⊙ i(t) + c(t−1) ⊙ f(t).

    Shapes: ids (T,) int64, T ≥ 1 -> for each layer, the first one first, (T, H) a name; the state
    after the last character, to go on from.
    Raises: ShapeError when ids are not (T,) or hold no character.
    """
    check_shape("unit_activity", "ids", ids, "T")
    inputs = model.embed(ids[None])
    before = model.initial_state(1) if state is None else state
    layers, following = [], []
    for cell, start in zip(model.cells, before, strict=True):
        read = _read_built_in if is_built_in(cell) else _read_other  # type: ignore[arg-type]
        inputs, after, activity = read(cell, inputs, start, model.engine)
        inputs = inputs.to(model.weight_p.dtype)
        layers.append(activity)
        following.append(after)
    return layers, tuple(following)


def _read_built_in(
    cell: Any, inputs: Tensor, start: Any, engine: str
) -> tuple[Tensor, Any, Activity]:
    """Return outputs (1, T, H), the state after them, and the parts of an RNN, LSTM or GRU."""
    outputs, after = run_scan(cell, inputs, start, engine)
    h = outputs[0]
    earlier = torch.cat([start.h, h[:-1]])
    if isinstance(cell, LSTM):
        # The gates read h alone; any c of the right shape does.
        gates = cell.gates_at(inputs[0], LSTMState(earlier, earlier))
        c = _cell_states(gates.i * gates.g, gates.f, start.c)
        return outputs, after, {**gates._asdict(), "c": c, "h": h}
    if isinstance(cell, GRU):
        gates_of = cell.gates_at(inputs[0], GRUState(earlier))
        return outputs, after, {**gates_of._asdict(), "h": h}
    return outputs, after, {"h": h}


def _cell_states(written: Tensor, kept: Tensor, c: Tensor) -> Tensor:
    """Return c(t) = written(t) + c(t−1) ⊙ kept(t), (T, H), from c(0) (1, H)."""
    states = []
    for new, share in zip(written.unsqueeze(1), kept.unsqueeze(1), strict=True):
        c = new + c * share
        states.append(c)
    return torch.cat(states)


def _read_other(
    cell: Any, inputs: Tensor, start: Any, _engine: str
) -> tuple[Tensor, Any, Activity]:
    """Return outputs (1, T, H), the state after them, and the parts of the state."""
    state, outputs, states = start, [], []
    for x in inputs.unbind(1):
        output, state = cell(x, state)
        outputs.append(output)
        states.append(state._asdict())
    names = [
        name
        for name, part in states[0].items()
        if part.is_floating_point() and part.dim() == 2 and part.shape[0] == 1
    ]
    parts = {name: torch.cat([step[name] for step in states]) for name in names}
    return torch.stack(outputs, dim=1), state, parts
