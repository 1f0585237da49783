"""The Tree-LSTM cell: an LSTM whose past is several children instead of one step before."""

import math

import torch
from torch import Tensor, nn

from unroll.cells.lstm import LSTMState
from unroll.errors import ConfigError
from unroll.shapes import check_shape


class TreeLSTM(nn.Module):
    """One node of the N-ary Tree-LSTM, from the states of its K children.

        i   = σ(W_ix x + Σ_k U_ik h_k + b_i)             input gate
        f_k = σ(W_fx x + Σ_l U_fkl h_l + b_f)            a forget gate for each child
        g   = tanh(W_gx x + Σ_k U_gk h_k + b_g)          input modulation gate
        o   = σ(W_ox x + Σ_k U_ok h_k + b_o)             output gate
        c   = g ⊙ i + Σ_k c_k ⊙ f_k
        h   = tanh(c) ⊙ o

    `weight_x` (4H, D) and `bias` (4H,) stack i, f, g, o: the forget gates share W_fx and b_f.
    `weight_h` ((3 + K)H, KH) stacks i, f_1 … f_K, g, o, and its columns the children in order:
    4H(D + 1) + (3 + K)KH² parameters, all drawn from U(−1/√H, 1/√H). With K = 1 it is
    `unroll.cells.LSTM`, parameter by parameter. A child that is not there has h_k = c_k = 0.

    Shapes: x (B, D), children.h and children.c (B, K, H) -> output h (B, H), LSTMState (B, H).
    Source: Tai, Socher & Manning 2015, "Improved semantic representations from tree-structured
    long short-term memory networks", §3.2.
    Raises: ConfigError when a size is below 1; ShapeError when an axis of x or of the children
    differs.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        children: int = 2,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        sizes = {"input_size": input_size, "hidden_size": hidden_size, "children": children}
        for name, size in sizes.items():
            if size < 1:
                raise ConfigError(f"TreeLSTM: {name} must be 1 or more, got {size}")
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.children_each = children
        rows = (3 + children) * hidden_size
        self.weight_x = nn.Parameter(torch.empty(4 * hidden_size, input_size))
        self.weight_h = nn.Parameter(torch.empty(rows, children * hidden_size))
        self.bias = nn.Parameter(torch.empty(4 * hidden_size))
        bound = 1 / math.sqrt(hidden_size)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.uniform_(-bound, bound, generator=generator)

    def initial_state(self, batch_size: int) -> LSTMState:
        """Return the state of children that are not there: h = c = 0."""
        zeros = self.bias.new_zeros(batch_size, self.hidden_size)
        return LSTMState(zeros, zeros)

    def forward(self, x: Tensor, children: LSTMState) -> tuple[Tensor, LSTMState]:
        """Take a node from its children."""
        H, K = self.hidden_size, self.children_each
        check_shape("TreeLSTM", "x", x, "B D", D=self.input_size)
        for part in children:
            check_shape("TreeLSTM", "children", part, "B K H", B=x.shape[0], K=K, H=H)
        i, f, g, o = (x @ self.weight_x.T + self.bias).chunk(4, dim=1)
        heard = children.h.flatten(1) @ self.weight_h.T
        i_h, f_h, g_h, o_h = torch.split(heard, [H, K * H, H, H], dim=1)
        forget = torch.sigmoid(f.unsqueeze(1) + f_h.view(-1, K, H))
        kept = (children.c * forget).sum(1)
        c = torch.tanh(g + g_h) * torch.sigmoid(i + i_h) + kept
        h = torch.tanh(c) * torch.sigmoid(o + o_h)
        return h, LSTMState(h, c)

    def extra_repr(self) -> str:
        """Return the sizes, shown by `print(cell)`."""
        sizes = f"input_size={self.input_size}, hidden_size={self.hidden_size}"
        return f"{sizes}, children={self.children_each}"
