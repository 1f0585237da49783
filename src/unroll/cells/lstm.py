"""The long short-term memory cell."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from unroll.cells.cell import Cell
from unroll.cells.initialisation import UNIFORM, initialise


class LSTMState(NamedTuple):
    """What an LSTM carries: the hidden state h and the cell state c, both (B, H)."""

    h: Tensor
    c: Tensor


class LSTMGates(NamedTuple):
    """What an LSTM's four gates let through at one step, after σ or tanh, (B, H) each."""

    i: Tensor
    f: Tensor
    g: Tensor
    o: Tensor


class LSTM(Cell[LSTMState]):
    """One step of the LSTM.

        i = σ(W_ix x + W_ih h + b_i)         input gate
        f = σ(W_fx x + W_fh h + b_f)         forget gate
        g = tanh(W_gx x + W_gh h + b_g)      input modulation gate
        o = σ(W_ox x + W_oh h + b_o)         output gate
        c' = g ⊙ i + c ⊙ f
        h' = tanh(c') ⊙ o

    `weight_x` (4H, D), `weight_h` (4H, H) and `bias` (4H,) stack the gates in the order i, f, g,
    o, which is torch.nn.LSTMCell's, so that weights can be copied: 4·(HD + H² + H) parameters.

    Shapes: x (B, D), state.h and state.c (B, H) -> output h (B, H), LSTMState.
    Source: Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000. One bias a
    gate where torch.nn.LSTMCell has two.
    Raises: ShapeError when an axis of x or of the state differs.
    """

    gates = ("i", "f", "g", "o")
    keep_gate = "f"
    write_gate = "i"

    def __init__(
        self, input_size: int, hidden_size: int, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.weight_x = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.weight_h = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.bias = nn.Parameter(torch.empty(4 * hidden_size))
        initialise(self, UNIFORM, generator=generator)

    def initial_state(self, batch_size: int) -> LSTMState:
        """Return h(0) = c(0) = 0."""
        zeros = self.bias.new_zeros(batch_size, self.hidden_size)
        return LSTMState(zeros, zeros)

    def gates_at(self, x: Tensor, state: LSTMState) -> LSTMGates:
        """Return i, f, g and o of the step that `forward` takes: x (B, D), state -> (B, H) each."""
        self.check_step(x, *state)
        gates = x @ self.weight_x.T + state.h @ self.weight_h.T + self.bias
        i, f, g, o = gates.chunk(4, dim=1)
        return LSTMGates(torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o))

    def forward(self, x: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        """Take one step."""
        i, f, g, o = self.gates_at(x, state)
        c = g * i + state.c * f
        h = torch.tanh(c) * o
        return h, LSTMState(h, c)
