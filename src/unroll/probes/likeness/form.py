"""The form of a cell's step, and changes of it: mistakes that are often made."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from unroll.probes.likeness.weights import Weights


class Form(Protocol):
    """A cell's equation with its parts to be exchanged, for many readings at once."""

    def scan(self, weights: Weights, inputs: Tensor) -> Tensor:
        """Carry the cell along from zeros: inputs (B, T, D) -> outputs (R, B, T, H)."""
        ...


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that is done otherwise than in the reference."""

    told: str
    """After `but for`: `tanh where gate i has σ`."""
    hint: str
    """What to write instead."""
    values: Mapping[str, object]
    """The fields of the form that it changes."""
    leaves_idle: bool = False
    """Whether some weights then do nothing: it is tried only where some get no gradient."""
    published: bool = False
    """Whether the changed form goes by the same name in the literature: then it is no mistake."""


def squash(kind: str, value: Tensor) -> Tensor:
    """Return a non-linearity by its name, over the last axis."""
    match kind:
        case "σ":
            return torch.sigmoid(value)
        case "tanh":
            return torch.tanh(value)
        case "relu":
            return torch.relu(value)
        case "softmax":
            return torch.softmax(value, -1)
        case "log_softmax":
            return torch.log_softmax(value, -1)
    return value


def after_changes() -> list[Change]:
    """Return what may be done to an output that belongs to the readout and the loss."""
    hint = "Return h itself: the readout W_p h + b_p follows, and the cross-entropy squashes it."
    return [
        Change(told=f"the output goes through {kind}", hint=hint, values={"after": kind})
        for kind in ("softmax", "log_softmax", "σ", "tanh", "relu")
    ]


def squash_changes(gate: str, place: int, usual: tuple[str, ...], gates: str) -> list[Change]:
    """Return the changes that give gate number `place` another non-linearity."""
    right = usual[place]
    changes = []
    for kind in ("σ", "tanh", "relu", "no non-linearity"):
        if kind != right:
            squashes = (*usual[:place], kind, *usual[place + 1 :])
            changes.append(
                Change(
                    told=f"{gate} has {kind} where {gates} has {right}",
                    hint=f"Write {gate} = {right}(…).",
                    values={"squashes": squashes},
                )
            )
    return changes


def copied_changes(gates: Sequence[str]) -> list[Change]:
    """Return the changes that give one gate the weights of another, as copying and pasting does."""
    changes = []
    for part, what in (("h", "W_h"), ("x", "W_x"), ("all", "W_x, W_h and b")):
        for to, source in itertools.permutations(range(len(gates)), 2):
            gate, other = gates[to], gates[source]
            changes.append(
                Change(
                    told=f"{gate} is made with {what} of {other}",
                    hint=f"Give {gate} its own {what} where it is made.",
                    values={"copied": ((part, to, source),)},
                    leaves_idle=True,
                )
            )
    return changes
