"""Where the gradient of one answer still arrives."""

import copy
import math
from dataclasses import asdict, dataclass
from threading import Event
from typing import Any

import torch
from torch import Tensor, nn

from unroll.app.refusal import RefusedError
from unroll.app.remember.score import check_wanted
from unroll.models import SequenceClassifier
from unroll.probes import backpropagate
from unroll.tasks import Batch

FALLEN = 1e-3
"""Share of the norm at the end below which the page marks where it has fallen."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """‖∂ℓ/∂s(t)‖ for one part s of the state, t = 1 … T − 1."""

    log10: tuple[float | None, ...]
    """Its logarithm to base 10; None where the norm is exactly 0, because it underflowed."""
    fallen_at: int | None
    """Going back from the end, the first t at which it is below `FALLEN` of the norm at the end;
    None where it never is."""
    underflowed: int
    """Steps at which it is exactly 0 in float64."""


def influence(model: SequenceClassifier, batch: Batch, stop: Event) -> dict[str, Any]:
    """Return how much gradient arrives at each step, by part of the state, and ℓ, as plain values.

    ℓ is the cross-entropy of one sequence's one answer. In float64, as in the study: in float32 a
    sure network's loss has no gradient at all.

    Shapes: batch inputs (1, T − 1, D), targets (1, 1).
    Raises: RefusedError where the gradient is not finite, or once `stop` is set.
    """
    double = copy.deepcopy(model).double().requires_grad_(False)
    double.cell = _Stoppable(double.cell, stop)
    passed = backpropagate(double, batch._replace(inputs=batch.inputs.double()))
    if not math.isfinite(passed.loss_nats) or not is_finite(passed.messages):
        raise RefusedError("this network's gradient is not finite: choose another one", 409)
    return {
        "loss_nats": passed.loss_nats,
        "fallen_below": FALLEN,
        "parts": {
            part: asdict(read_arrival(norms[:, 0])) for part, norms in passed.messages.items()
        },
    }


def read_arrival(norms: Tensor) -> Arrival:
    """Return what is to be said of the norms (T − 1,) along one sequence."""
    values = norms.tolist()
    end = values[-1]
    fallen = (t for t in range(len(values), 0, -1) if values[t - 1] < FALLEN * end)
    return Arrival(
        log10=tuple(round(math.log10(value), 4) if value > 0 else None for value in values),
        fallen_at=next(fallen, None),
        underflowed=int((norms == 0).sum()),
    )


class _Stoppable(nn.Module):
    """A cell that takes no further step once nobody waits."""

    def __init__(self, cell: nn.Module, stop: Event) -> None:
        super().__init__()
        self._cell: Any = cell
        self._stop = stop

    def initial_state(self, batch_size: int) -> Any:
        return self._cell.initial_state(batch_size)

    def forward(self, x: Tensor, state: Any) -> Any:
        check_wanted(self._stop)
        return self._cell(x, state)


def is_finite(tensors: dict[str, Tensor]) -> bool:
    """Return whether every number of every tensor is one."""
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values())
