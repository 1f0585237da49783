"""The LSTM whose gates see the cell state: peephole connections."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from unroll.cells.cell import Cell
from unroll.cells.initialisation import UNIFORM, initialise
from unroll.cells.lstm import LSTMState


class PeepholeGates(NamedTuple):
    """What a peephole LSTM's gates let through at one step, and the cell state, (B, H) each."""

    i: Tensor
    f: Tensor
    g: Tensor
    o: Tensor
    c: Tensor


class Peephole(Cell[LSTMState]):
    """One step of the LSTM with peepholes.

        i = σ(W_ix x + W_ih h + p_i ⊙ c + b_i)      input gate
        f = σ(W_fx x + W_fh h + p_f ⊙ c + b_f)      forget gate
        g = tanh(W_gx x + W_gh h + b_g)             input modulation gate
        c' = g ⊙ i + c ⊙ f
        o = σ(W_ox x + W_oh h + p_o ⊙ c' + b_o)     output gate
        h' = tanh(c') ⊙ o

    `weight_x` (4H, D), `weight_h` (4H, H) and `bias` (4H,) are the LSTM's, in its order i, f, g,
    o; `weight_c` (3, H) holds p_i, p_f and p_o, one number a unit: 4·(HD + H² + H) + 3H
    parameters. With `weight_c` zero it is `unroll.cells.LSTM`.

    Shapes: x (B, D), state.h and state.c (B, H) -> output h (B, H), LSTMState.
    Source: Gers & Schmidhuber 2000, "Recurrent nets that time and count"; Gers, Schraudolph &
    Schmidhuber 2002. They leave out tanh of c', have several units share a gate and cut the
    gradient off at a block's borders; here as in Graves 2013: tanh, one gate a unit, the whole
    gradient.
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
        self.weight_c = nn.Parameter(torch.empty(3, hidden_size))
        self.bias = nn.Parameter(torch.empty(4 * hidden_size))
        initialise(self, UNIFORM, generator=generator)

    def initial_state(self, batch_size: int) -> LSTMState:
        """Return h(0) = c(0) = 0."""
        zeros = self.bias.new_zeros(batch_size, self.hidden_size)
        return LSTMState(zeros, zeros)

    def gates_at(self, x: Tensor, state: LSTMState) -> PeepholeGates:
        """Return i, f, g, o and c' of the step that `forward` takes: x (B, D), state -> (B, H)."""
        self.check_step(x, *state)
        gates = x @ self.weight_x.T + state.h @ self.weight_h.T + self.bias
        i, f, g, o = gates.chunk(4, dim=1)
        p_i, p_f, p_o = self.weight_c
        i, f = torch.sigmoid(i + p_i * state.c), torch.sigmoid(f + p_f * state.c)
        g = torch.tanh(g)
        c = g * i + state.c * f
        return PeepholeGates(i, f, g, torch.sigmoid(o + p_o * c), c)

    def forward(self, x: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        """Take one step."""
        _, _, _, o, c = self.gates_at(x, state)
        h = torch.tanh(c) * o
        return h, LSTMState(h, c)
