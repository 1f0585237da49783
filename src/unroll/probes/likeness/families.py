"""The cells that another can be compared with: their gates, equations and usual mistakes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from unroll.cells.source import BUILT_IN
from unroll.errors import unknown_name
from unroll.probes.likeness.form import Change, Form
from unroll.probes.likeness.gated import GRUForm, RNNForm, gru_changes, rnn_changes
from unroll.probes.likeness.lstm import LSTMForm
from unroll.probes.likeness.lstm_mistakes import lstm_changes
from unroll.probes.likeness.minimal import LinearForm, linear_changes
from unroll.probes.likeness.names import WORDS
from unroll.probes.likeness.weights import Weights


@dataclass(frozen=True, kw_only=True)
class Family:
    """One of the shipped cells, as a reference."""

    name: str
    """As BUILT_IN has it."""
    called: str
    """In a sentence: `an LSTM`."""
    gates: tuple[str, ...]
    """In the order in which the shipped cell stacks them."""
    form: LSTMForm | GRUForm | RNNForm | LinearForm
    """Its equation."""
    changes: Sequence[Change]
    """What is tried where nothing is equal."""
    reads_h: bool = True
    """Whether its gates read h."""
    extras: int = 0
    """Vectors (H,) besides the biases."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What its gates are called; empty where names do not matter."""

    def with_changes(self, changes: Sequence[Change]) -> Form:
        """Return the equation with these changes."""
        values: dict[str, Any] = {}
        for change in changes:
            values |= change.values
        return replace(self.form, **values)

    def copy(self, weights: Weights, D: int, H: int) -> Any:
        """Return the shipped cell with the weights (R = 1) of another."""
        cell = BUILT_IN[self.name](D, H)
        bias = weights.bias_x[0] + weights.bias_h[0]
        ours = {
            "weight_x": weights.x[0].reshape(-1, D),
            "weight_h": weights.h[0].reshape(-1, H),
            "weight_c": weights.extra[0],
            "log_tau": weights.extra[0].reshape(-1),
            "bias_nh": weights.bias_h[0, -1],
            "bias": bias.reshape(-1),
        }
        if hasattr(cell, "bias_nh"):
            ours["bias"] = torch.cat([*bias[:2], weights.bias_x[0, 2]])
        with torch.no_grad():
            for name, parameter in cell.named_parameters():
                parameter.copy_(ours[name])
        return cell


_LSTM_GATES = ("i", "f", "g", "o")
_FAMILIES = (
    Family(
        name="lstm",
        called="an LSTM",
        gates=_LSTM_GATES,
        form=LSTMForm(),
        changes=lstm_changes(),
        words=WORDS["lstm"],
    ),
    Family(
        name="gru",
        called="a GRU",
        gates=("r", "z", "n"),
        form=GRUForm(),
        changes=gru_changes(),
        words=WORDS["gru"],
    ),
    Family(name="rnn", called="an RNN", gates=("h",), form=RNNForm(), changes=rnn_changes()),
    Family(
        name="peephole",
        called="a peephole LSTM",
        gates=_LSTM_GATES,
        form=LSTMForm(peepholes=True),
        changes=[
            Change(
                told="the peepholes are missing",
                hint="Add p_i ⊙ c to i, p_f ⊙ c to f and p_o ⊙ c' to o; or compare --as lstm.",
                values={"peepholes": False},
            ),
            *lstm_changes(),
        ],
        extras=3,
        words=WORDS["lstm"],
    ),
    Family(
        name="min-gru",
        called="a minGRU",
        gates=("z", "n"),
        form=LinearForm(kind="min-gru"),
        changes=linear_changes("min-gru"),
        reads_h=False,
        words={"z": ("z", "u", "update"), "n": ("n", "h", "g", "c", "candidate", "hidden")},
    ),
    Family(
        name="min-lstm",
        called="a minLSTM",
        gates=("f", "i", "n"),
        form=LinearForm(kind="min-lstm"),
        changes=linear_changes("min-lstm"),
        reads_h=False,
        words={
            "f": ("f", "forget"),
            "i": ("i", "input"),
            "n": ("n", "h", "g", "c", "candidate", "hidden"),
        },
    ),
    Family(
        name="linear",
        called="a linear recurrence",
        gates=("b",),
        form=LinearForm(kind="linear"),
        changes=linear_changes("linear"),
        reads_h=False,
        extras=1,
    ),
)
FAMILIES: dict[str, Family] = {family.name: family for family in _FAMILIES}
"""Each by the name of the shipped cell."""


def find_family(name: str) -> Family:
    """Return the reference called `name`. Raises: ConfigError for a name nobody knows."""
    if name not in FAMILIES:
        raise unknown_name("reference cell", name, FAMILIES)
    return FAMILIES[name]
