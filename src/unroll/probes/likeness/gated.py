"""The equations of RNN, GRU and the minimal cells, with their parts to be exchanged."""

from dataclasses import dataclass

import torch
from torch import Tensor

from unroll.probes.likeness.form import (
    Change,
    after_changes,
    copied_changes,
    squash,
    squash_changes,
)
from unroll.probes.likeness.weights import Exchange, Weights

_GRU_SQUASHES = ("σ", "σ", "tanh")


@dataclass(frozen=True, kw_only=True)
class RNNForm:
    """h' = squash(W_x x + W_h h + b)."""

    squashes: tuple[str, ...] = ("tanh",)
    """The non-linearity."""
    carried: str = "h"
    """What is read of the step before: h, nothing, or the sum before the non-linearity."""
    unbiased: bool = False
    """Whether the bias is left out."""
    adds: bool = False
    """Whether the old h is added."""
    after: str = ""
    """A non-linearity of the output alone."""

    def scan(self, weights: Weights, inputs: Tensor) -> Tensor:
        """Carry the cell along from zeros: inputs (B, T, D) -> outputs (R, B, T, H)."""
        h = weights.zeros(inputs[:, 0])
        outputs = []
        for x in inputs.unbind(1):
            (before,) = weights.from_x(x) + weights.from_h(h)
            if self.unbiased:
                before = before - (weights.bias_x + weights.bias_h)[:, 0].unsqueeze(1)
            output = squash(self.squashes[0], before) + (h if self.adds else 0)
            outputs.append(squash(self.after, output))
            h = {"h": output, "sum": before}.get(self.carried, torch.zeros_like(h))
        return torch.stack(outputs, 2)


def rnn_changes() -> list[Change]:
    """Return the mistakes that are tried, the likeliest first."""
    return [
        Change(
            told="h is not carried",
            hint="Return h' in the state, and add W_hh h with the passed h.",
            values={"carried": "nothing"},
        ),
        *squash_changes("h'", 0, ("tanh",), "an RNN"),
        Change(
            told="what is carried is the sum before tanh",
            hint="Return h' = tanh(…) in the state, the same as the output.",
            values={"carried": "sum"},
        ),
        Change(
            told="the old h is added to the new one",
            hint="Write h' = tanh(W_hx x + W_hh h + b).",
            values={"adds": True},
        ),
        Change(
            told="no bias is added", hint="Add b_h.", values={"unbiased": True}, leaves_idle=True
        ),
        *after_changes(),
    ]


@dataclass(frozen=True, kw_only=True)
class GRUForm:
    """h' = (1 − z) ⊙ n + z ⊙ h, n = squash(W_x x + b + r ⊙ (W_h h + b_nh))."""

    squashes: tuple[str, ...] = _GRU_SQUASHES
    """The non-linearity of r, z and n."""
    reset: str = "after"
    """Where r is applied: after W_nh, before it, to x too, or nowhere; z in its place."""
    update: str = "(1 − z) ⊙ n + z ⊙ h"
    """The new h."""
    carried: str = "h"
    """h, or nothing."""
    unbiased: bool = False
    """Whether all biases are left out."""
    copied: Exchange = ()
    """Weights of a gate that are used for another."""
    after: str = ""
    """A non-linearity of the output alone."""

    def scan(self, weights: Weights, inputs: Tensor) -> Tensor:
        """Carry the cell along from zeros: inputs (B, T, D) -> outputs (R, B, T, H)."""
        h = weights.zeros(inputs[:, 0])
        weights = weights.copied(self.copied)
        outputs = []
        for x in inputs.unbind(1):
            from_x, from_h = weights.from_x(x), weights.from_h(h)
            if self.unbiased:
                from_x = from_x - weights.bias_x.transpose(0, 1).unsqueeze(2)
                from_h = from_h - weights.bias_h.transpose(0, 1).unsqueeze(2)
            r, z = map(squash, self.squashes[:2], (from_x[:2] + from_h[:2]).unbind(0))
            heard = {
                "after": r * from_h[2],
                "of the sum": r * from_h[2],
                "z": z * from_h[2],
                "before": weights.from_h(r * h)[2] if self.reset == "before" else from_h[2],
            }.get(self.reset, from_h[2])
            entered = from_x[2]
            if self.reset == "of the sum":
                bias = weights.bias_x[:, 2].unsqueeze(1)
                entered = r * (entered - bias) + bias
            n = squash(self.squashes[2], entered + heard)
            output = self._update(z, n, h)
            outputs.append(squash(self.after, output))
            h = output if self.carried == "h" else torch.zeros_like(h)
        return torch.stack(outputs, 2)

    def _update(self, z: Tensor, n: Tensor, h: Tensor) -> Tensor:
        match self.update:
            case "(1 − z) ⊙ h + z ⊙ n":
                return (1 - z) * h + z * n
            case "n":
                return n
            case "n + z ⊙ h":
                return n + z * h
            case "z ⊙ n + h":
                return z * n + h
            case "(1 − z) ⊙ n":
                return (1 - z) * n
        return (1 - z) * n + z * h


def gru_changes() -> list[Change]:
    """Return the published variants and the mistakes that are tried, the likeliest first."""
    update = "Write h' = (1 − z) ⊙ n + z ⊙ h."
    meant = {
        "n": "the update gate is missing: h' = n",
        "n + z ⊙ h": "n is not multiplied by 1 − z: h' = n + z ⊙ h",
        "z ⊙ n + h": "h is not multiplied by 1 − z: h' = z ⊙ n + h",
        "(1 − z) ⊙ n": "h is not carried by z: h' = (1 − z) ⊙ n",
    }
    changes = [
        Change(
            told="z and 1 − z stand in each other's place, as in Chung et al. 2014",
            hint="to copy them, negate z's weights and bias",
            values={"update": "(1 − z) ⊙ h + z ⊙ n"},
            published=True,
        ),
        Change(
            told="r is applied before W_nh, as in Cho et al. 2014",
            hint="torch and unroll apply it after: n = tanh(W_nx x + b_n + r ⊙ (W_nh h + b_nh))",
            values={"reset": "before"},
            published=True,
        ),
        Change(
            told="r is applied before W_nh, as in Cho et al. 2014, and z and 1 − z stand in each "
            "other's place, as in Chung et al. 2014",
            hint="torch and unroll apply r after W_nh, and keep h with z",
            values={"reset": "before", "update": "(1 − z) ⊙ h + z ⊙ n"},
            published=True,
        ),
        Change(
            told="the reset gate is missing",
            hint="Write n = tanh(W_nx x + b_n + r ⊙ (W_nh h + b_nh)).",
            values={"reset": "none"},
        ),
        Change(
            told="r multiplies what comes from x too",
            hint="Write n = tanh(W_nx x + b_n + r ⊙ (W_nh h + b_nh)).",
            values={"reset": "of the sum"},
        ),
        Change(
            told="z stands where r should: n = tanh(W_nx x + b_n + z ⊙ (W_nh h + b_nh))",
            hint="Write n = tanh(W_nx x + b_n + r ⊙ (W_nh h + b_nh)).",
            values={"reset": "z"},
            leaves_idle=True,
        ),
        *(Change(told=told, hint=update, values={"update": key}) for key, told in meant.items()),
        Change(
            told="h is not carried",
            hint="Return h' in the state, and read the passed h.",
            values={"carried": "nothing"},
        ),
        Change(
            told="no bias is added",
            hint="Add each gate's bias.",
            values={"unbiased": True},
            leaves_idle=True,
        ),
    ]
    for place, gate in enumerate(("r", "z", "n")):
        changes += squash_changes(gate, place, _GRU_SQUASHES, "a GRU")
    return changes + copied_changes(("r", "z", "n")) + after_changes()
