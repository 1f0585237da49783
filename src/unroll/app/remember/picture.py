"""Activations over time, small enough to send: one byte a number, few steps, units in order."""

import base64
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from unroll.models import SequenceClassifier
from unroll.probes import gate_activity
from unroll.seeding import make_generator
from unroll.tasks import Task

MOST_STEPS = 200
"""Steps that are drawn; of a longer sequence some are left out."""
MOST_UNITS = 128
"""Units that are drawn: of more, those that tell most of the first digit."""
ORDER_SEQUENCES = 500
"""Palindromes from which the order of the units is measured."""
GATES = frozenset("ifozr")
"""Parts whose values lie in 0 … 1."""
_MIDDLE = 127


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One part of a network over time, one byte for a unit and step."""

    kind: Literal["share", "signed"]
    """`share`: byte / 254 is the value, 0 … 1; `signed`: (byte − 127) / 127 of `largest`."""
    largest: float
    """What the byte 254 means."""
    values: Tensor
    """(units, steps), uint8, 0 … 254."""
    means: tuple[float, ...]
    """At every step the mean over all units: of a gate's value, of the others' absolute value."""

    def as_dict(self) -> dict[str, Any]:
        """Return the picture as plain values, its bytes unit after unit in base64."""
        return {
            "kind": self.kind,
            "largest": self.largest,
            "values": base64.b64encode(self.values.numpy().tobytes()).decode(),
            "means": list(self.means),
        }


def draw(part: str, activity: Tensor, units: Tensor, steps: Tensor) -> Picture:
    """Return the picture of one part at some units, in their order, and some steps.

    A cell state c is drawn on the scale of its own largest value.

    Shapes: activity (T − 1, H), units and steps index numbers.
    """
    shown = activity[steps][:, units].T
    if part in GATES:
        return Picture(
            kind="share",
            largest=1.0,
            values=(shown * 2 * _MIDDLE).round().to(torch.uint8).contiguous(),
            means=_rounded(activity.mean(1)),
        )
    largest = max(1.0, float(activity.abs().max())) if part == "c" else 1.0
    scaled = (shown / largest * _MIDDLE).round() + _MIDDLE
    return Picture(
        kind="signed",
        largest=largest,
        values=scaled.to(torch.uint8).contiguous(),
        means=_rounded(activity.abs().mean(1)),
    )


def drawn_steps(count: int) -> Tensor:
    """Return the index numbers of the steps that are drawn, the first and the last among them.

    >>> drawn_steps(4).tolist()
    [0, 1, 2, 3]
    """
    if count <= MOST_STEPS:
        return torch.arange(count)
    return torch.linspace(0, count - 1, MOST_STEPS, dtype=torch.float64).round().long()


@torch.no_grad()
def order_units(model: SequenceClassifier, task: Task) -> Tensor:
    """Return the units' numbers (H,), those first whose h at the last step tells the first digit.

        η² = Σ_d n_d (h̄_d − h̄)² / Σ_b (h_b − h̄)²

    the share of a unit's variance over palindromes that lies between first digits d. A unit that
    does not vary has 0.

    Source: Fisher 1925, the correlation ratio.
    """
    generator = make_generator(0, "playground order of units")
    sequences = task.sample(ORDER_SEQUENCES, "evaluation", generator)
    last = gate_activity(model, task.encode(sequences).inputs)["h"][:, -1]
    return torch.argsort(share_told(last, sequences[:, 0]), descending=True, stable=True)


def share_told(values: Tensor, groups: Tensor) -> Tensor:
    """Return η² of each column of `values` (B, H) over `groups` (B,): (H,), float64."""
    values = values.double()
    mean = values.mean(0)
    total = (values - mean).square().sum(0)
    between = torch.zeros_like(total)
    for group in set(groups.tolist()):
        mine = values[groups == group]
        between += len(mine) * (mine.mean(0) - mean).square()
    return torch.where(total > 0, between / total, torch.zeros_like(total))


def _rounded(values: Tensor) -> tuple[float, ...]:
    return tuple(round(value, 4) for value in values.tolist())
