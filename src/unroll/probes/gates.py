"""What the gates of a cell do along a sequence, and how long what they keep lasts."""

from typing import Any

import torch
from torch import Tensor

from unroll.cells import GRU, LSTM, RNN, RecurrentCell
from unroll.errors import CellError, ConfigError
from unroll.models import SequenceClassifier
from unroll.probes.answers import check_dtype
from unroll.scan import check_inputs


@torch.no_grad()
def gate_activity(model: SequenceClassifier, inputs: Tensor) -> dict[str, Tensor]:
    """Run the model's cell step by step and return what it computed at each step.

    Names: an LSTM has i, f, g, o, c, h; a GRU r, z, n, h; an RNN h. Gates are in 0 … 1 and g, n
    in −1 … 1, after their non-linearities; c and h are the state after the step.

    Shapes: inputs (B, T, D) -> (B, T, H) each.
    Raises: CellError for any other cell, one derived from these included; ShapeError when inputs
    are not (B, T ≥ 1, D), ConfigError when their dtype is not the parameters'.
    """
    cell: Any = model.cell
    if type(cell) not in (RNN, LSTM, GRU):
        raise CellError(
            "gate_activity: the model's cell must be exactly RNN, LSTM or GRU, got "
            f"{type(cell).__name__}: its gates are not known"
        )
    check_inputs(inputs)
    check_dtype("gate_activity", model.weight_p, inputs)
    state = cell.initial_state(inputs.shape[0])
    steps = []
    for x in inputs.unbind(1):
        gates = _gates_at(cell, x, state)
        _, state = cell(x, state)
        steps.append(gates | state._asdict())
    order = [name for name in ("r", "z", "n", "i", "f", "g", "o", "c", "h") if name in steps[0]]
    return {name: torch.stack([step[name] for step in steps], dim=1) for name in order}


def time_constants(keep: Tensor) -> Tensor:
    """Return how many steps each unit keeps what it holds, from its mean keep gate.

        τ = −1 / ln f̄,   so that f̄ᵗ = e^(−t/τ)

    A share f̄ of what a unit holds is kept at each step: after τ steps 1/e of it is left. `keep`
    is the LSTM's forget gate f or the GRU's update gate z. τ is 0 where f̄ = 0 and inf where
    f̄ = 1.

    Shapes: keep (…, H), with at least one axis before H -> (H,), in steps.
    Raises: ConfigError when a value lies outside 0 … 1 or none is given.
    Source: Tallec & Ollivier 2018, "Can recurrent neural networks warp time?", who read a gate as
    the inverse of a time constant, 1 − f = 1/τ: equal to this one for large τ.

    >>> [round(tau, 3) for tau in time_constants(torch.tensor([[0.0, 0.5, 1.0]])).tolist()]
    [0.0, 1.443, inf]
    """
    if keep.dim() < 2 or keep.numel() == 0:
        raise ConfigError(
            f"time_constants: keep must be (…, H) and not empty, got {tuple(keep.shape)}"
        )
    if not bool(((keep >= 0) & (keep <= 1)).all()):
        raise ConfigError("time_constants: keep must be a gate, all values in 0 … 1")
    mean = keep.flatten(0, -2).mean(0)
    # −1 / ln 1 would be −1 / 0 = −inf.
    infinite = torch.full_like(mean, torch.inf)
    return torch.where(mean == 1, infinite, -1 / mean.log())


def _gates_at(cell: RecurrentCell, x: Tensor, state: Any) -> dict[str, Tensor]:
    """Return the gates by name; an RNN has none."""
    if isinstance(cell, LSTM | GRU):
        return cell.gates_at(x, state)._asdict()
    return {}
