"""The LSTM's equation with its parts to be exchanged."""

from dataclasses import dataclass

import torch
from torch import Tensor

from unroll.probes.likeness.form import squash
from unroll.probes.likeness.weights import Exchange, Weights

GATES = ("i", "f", "g", "o")
"""In the order of the weights."""
SQUASHES = ("σ", "σ", "tanh", "σ")
"""The non-linearities of the four."""


@dataclass(frozen=True, kw_only=True)
class LSTMForm:
    """c' = write + keep ⊙ c, h' = output; every field is the LSTM's own by default."""

    squashes: tuple[str, ...] = SQUASHES
    """The non-linearity of i, f, g and o."""
    write: str = "g ⊙ i"
    """What is added to the cell state."""
    keep: str = "f"
    """What the cell state is multiplied by."""
    kept: str = "c"
    """What f keeps: c, or h in its place."""
    o_reads: str = ""
    """What o reads in place of the passed h: c' or tanh(c')."""
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
    copied: Exchange = ()
    """Weights of a gate that are used for another."""
    raised: float = 0.0
    """What is added to the bias of f."""
    after: str = ""
    """A non-linearity of the output alone."""
    peepholes: bool = False
    """Whether i and f see c, and o sees c'."""

    def scan(self, weights: Weights, inputs: Tensor) -> Tensor:
        """Carry the cell along from zeros: inputs (B, T, D) -> outputs (R, B, T, H)."""
        read = c = h = weights.zeros(inputs[:, 0])
        weights = weights.copied(self.copied)
        outputs = []
        for x in inputs.unbind(1):
            i, f, g, o = self._before(weights, x, read)
            if self.peepholes:
                p_i, p_f, _ = weights.extra.unsqueeze(2).unbind(1)
                i, f = i + p_i * c, f + p_f * c
            i, f, g = map(squash, self.squashes[:3], (i, f + self.raised, g))
            old, c = c, self._write(i, f, g) + self._keep(i, f) * (h if self.kept == "h" else c)
            if self.keep == "f of the sum":
                c = f * (old + g * i)
            if self.peepholes:
                o = o + weights.extra[:, 2].unsqueeze(1) * c
            if self.o_reads:
                new = torch.tanh(c) if self.o_reads == "tanh(c')" else c
                o = o + weights.from_h(new)[3] - weights.from_h(read)[3]
            h = output = self._output(squash(self.squashes[3], o), old, c)
            read = self._carry(output, c)
            c = output if self.carried == "c, and h as c" else c
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
            case "c" | "c, and h as c":
                return c
            case "tanh(c)":
                return torch.tanh(c)
            case "after":
                return squash(self.after, output)
        return output
