"""The LSTM's equation with its parts to be exchanged, and the mistakes that are often made."""

from dataclasses import dataclass

import torch
from torch import Tensor

from unroll.probes.likeness.form import Change, after_changes, squash, squash_changes
from unroll.probes.likeness.weights import Weights

GATES = ("i", "f", "g", "o")
_SQUASHES = ("σ", "σ", "tanh", "σ")


@dataclass(frozen=True, kw_only=True)
class LSTMForm:
    """c' = write + keep ⊙ c, h' = output; every field is the LSTM's own by default."""

    squashes: tuple[str, ...] = _SQUASHES
    """The non-linearity of i, f, g and o."""
    write: str = "g ⊙ i"
    """What is added to the cell state."""
    keep: str = "f"
    """What the cell state is multiplied by."""
    output: str = "tanh(c') ⊙ o"
    """The output."""
    carried: str = "h"
    """What the gates read of the step before."""
    deaf_h: tuple[str, ...] = ()
    """Gates that do not read h."""
    deaf_x: tuple[str, ...] = ()
    """Gates that do not read x."""
    unbiased: tuple[str, ...] = ()
    """Gates whose bias is not added."""
    after: str = ""
    """A non-linearity of the output alone."""
    peepholes: bool = False
    """Whether i and f see c, and o sees c'."""

    def scan(self, weights: Weights, inputs: Tensor) -> Tensor:
        """Carry the cell along from zeros: inputs (B, T, D) -> outputs (R, B, T, H)."""
        read = c = weights.zeros(inputs[:, 0])
        outputs = []
        for x in inputs.unbind(1):
            i, f, g, o = self._before(weights, x, read)
            if self.peepholes:
                p_i, p_f, _ = weights.extra.unsqueeze(2).unbind(1)
                i, f = i + p_i * c, f + p_f * c
            i, f, g = map(squash, self.squashes[:3], (i, f, g))
            old, c = c, self._write(i, f, g) + self._keep(i, f) * c
            if self.keep == "f of the sum":
                c = f * (old + g * i)
            if self.peepholes:
                o = o + weights.extra[:, 2].unsqueeze(1) * c
            output = self._output(squash(self.squashes[3], o), old, c)
            read = self._carry(output, c)
            outputs.append(squash(self.after, output))
        return torch.stack(outputs, 2)

    def _before(self, weights: Weights, x: Tensor, read: Tensor) -> list[Tensor]:
        """Return what i, f, g and o are squashed from."""
        sums = []
        from_x, from_h = weights.from_x(x), weights.from_h(read)
        if not (self.deaf_h or self.deaf_x or self.unbiased):
            return list(from_x + from_h)
        biases = (weights.bias_x + weights.bias_h).transpose(0, 1).unsqueeze(2)
        for k, gate in enumerate(GATES):
            value = biases[k].expand_as(from_x[k])
            if gate not in self.deaf_x:
                value = value + (from_x[k] - weights.bias_x[:, k].unsqueeze(1))
            if gate not in self.deaf_h:
                value = value + (from_h[k] - weights.bias_h[:, k].unsqueeze(1))
            sums.append(value - biases[k] if gate in self.unbiased else value)
        return sums

    def _write(self, i: Tensor, f: Tensor, g: Tensor) -> Tensor:
        match self.write:
            case "g":
                return g
            case "i":
                return i
            case "g + i":
                return g + i
            case "(1 − f) ⊙ g":
                return (1 - f) * g
            case "(1 − i) ⊙ g":
                return (1 - i) * g
        return g * i

    def _keep(self, i: Tensor, f: Tensor) -> Tensor:
        match self.keep:
            case "1":
                return torch.ones_like(f)
            case "1 − i":
                return 1 - i
            case "1 − f":
                return 1 - f
            case "0":
                return torch.zeros_like(f)
        return f

    def _output(self, o: Tensor, old: Tensor, c: Tensor) -> Tensor:
        match self.output:
            case "c' ⊙ o":
                return c * o
            case "σ(c') ⊙ o":
                return torch.sigmoid(c) * o
            case "tanh(c')":
                return torch.tanh(c)
            case "c'":
                return c
            case "o":
                return o
            case "tanh(c) ⊙ o":
                return torch.tanh(old) * o
            case "tanh(c' ⊙ o)":
                return torch.tanh(c * o)
            case "tanh(c') + o":
                return torch.tanh(c) + o
        return torch.tanh(c) * o

    def _carry(self, output: Tensor, c: Tensor) -> Tensor:
        match self.carried:
            case "nothing":
                return torch.zeros_like(c)
            case "c":
                return c
            case "tanh(c)":
                return torch.tanh(c)
            case "after":
                return squash(self.after, output)
        return output


def lstm_changes() -> list[Change]:
    """Return the mistakes that are tried, the likeliest first."""
    changes = [
        Change(
            told="c is not carried: c' = g ⊙ i at every step",
            hint="Keep the old cell state: c' = g ⊙ i + c ⊙ f, with c from the passed state.",
            values={"keep": "0"},
        ),
        Change(
            told="h is not carried: the gates read no h of the step before",
            hint="Return h' in the state, and let each gate read the passed h.",
            values={"carried": "nothing"},
        ),
        Change(
            told="the gates read c of the step before instead of h",
            hint="Give W_h the passed h; c goes into c' = g ⊙ i + c ⊙ f alone.",
            values={"carried": "c"},
        ),
        Change(
            told="the gates read tanh(c) of the step before, without the output gate",
            hint="Carry h' = tanh(c') ⊙ o in the state, the same as the output.",
            values={"carried": "tanh(c)"},
        ),
        *_cell_state_changes(),
        *_output_changes(),
    ]
    for place, gate in enumerate(GATES):
        changes += squash_changes(gate, place, _SQUASHES, "an LSTM")
    changes += after_changes()
    for one in ("softmax", "log_softmax", "σ", "tanh", "relu"):
        changes.append(
            Change(
                told=f"h' goes through {one}, and is carried on so",
                hint="Return h' = tanh(c') ⊙ o itself, and carry it.",
                values={"after": one, "carried": "after"},
            )
        )
    return changes + _ignored_changes()


def _cell_state_changes() -> list[Change]:
    right = "Write c' = g ⊙ i + c ⊙ f."
    values: list[tuple[str, dict[str, object]]] = [
        ("the forget gate is missing: c' = g ⊙ i + c", {"keep": "1"}),
        ("the forget gate is 1 − i", {"keep": "1 − i"}),
        ("1 − f keeps c, where f does", {"keep": "1 − f"}),
        ("f multiplies the sum: c' = f ⊙ (c + g ⊙ i)", {"keep": "f of the sum"}),
        ("the input gate is missing: c' = g + c ⊙ f", {"write": "g"}),
        ("the input gate is 1 − f", {"write": "(1 − f) ⊙ g"}),
        ("1 − i admits g, where i does", {"write": "(1 − i) ⊙ g"}),
        ("g is added to i, not multiplied: c' = g + i + c ⊙ f", {"write": "g + i"}),
        ("g is missing: c' = i + c ⊙ f", {"write": "i"}),
    ]
    return [Change(told=told, hint=right, values=fields) for told, fields in values]


def _output_changes() -> list[Change]:
    meant = {
        "c' ⊙ o": "h' = c' ⊙ o, without tanh of c'",
        "tanh(c')": "the output gate is missing: h' = tanh(c')",
        "tanh(c) ⊙ o": "h' is made of the old c, not of c'",
        "tanh(c' ⊙ o)": "o stands inside the tanh: h' = tanh(c' ⊙ o)",
        "σ(c') ⊙ o": "σ of c' where an LSTM has tanh of c'",
        "tanh(c') + o": "o is added to tanh(c'), not multiplied",
        "c'": "the output is c' itself",
        "o": "the output is the output gate alone",
    }
    hint = "Write h' = tanh(c') ⊙ o, with the new c'."
    return [Change(told=told, hint=hint, values={"output": key}) for key, told in meant.items()]


def _ignored_changes() -> list[Change]:
    changes = [
        Change(
            told="no bias is added",
            hint="Add each gate's bias.",
            values={"unbiased": GATES},
        )
    ]
    for field, what, hint in (
        ("unbiased", "adds no bias", "Add b_{gate} to what {gate} is made of."),
        ("deaf_h", "does not read h", "Add W_h h to what {gate} is made of."),
        ("deaf_x", "does not read x", "Add W_x x to what {gate} is made of."),
    ):
        for gate in GATES:
            told = f"{gate} {what}"
            values = {field: (gate,)}
            changes.append(Change(told=told, hint=hint.format(gate=gate), values=values))
    return changes
