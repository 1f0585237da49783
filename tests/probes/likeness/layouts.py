"""Right cells as other people write them: fused, gate by gate, transposed, in other orders."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor, nn


class H(NamedTuple):
    """One tensor (B, H)."""

    h: Tensor


class CH(NamedTuple):
    """The cell state first."""

    c: Tensor
    h: Tensor


class Written(nn.Module, ABC):
    """What all of them share: sizes, and an LSTM's zero state."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.sizes = (input_size, hidden_size)
        self.declare(input_size, hidden_size)

    @abstractmethod
    def declare(self, D: int, H: int) -> None:
        """Make the parameters."""

    def initial_state(self, batch_size: int) -> CH:
        zeros = next(self.parameters()).new_zeros(batch_size, self.sizes[1])
        return CH(zeros, zeros)


class OneState(Written):
    """A cell that carries h alone."""

    def initial_state(self, batch_size: int) -> H:  # type: ignore[override] # it carries less
        return H(next(self.parameters()).new_zeros(batch_size, self.sizes[1]))


def number(*shape: int) -> nn.Parameter:
    return nn.Parameter(torch.randn(*shape) * 0.3)


def lstm_step(i: Tensor, f: Tensor, g: Tensor, o: Tensor, c: Tensor) -> tuple[Tensor, CH]:
    c = g.tanh() * i.sigmoid() + c * f.sigmoid()
    h = c.tanh() * o.sigmoid()
    return h, CH(c, h)


class FusedOnBoth(Written):
    """One weight (4H, H + D) on h and x side by side, gates in the order f, i, o, g."""

    def declare(self, D: int, H: int) -> None:
        self.gates = nn.Linear(D + H, 4 * H)

    def forward(self, x: Tensor, state: CH) -> tuple[Tensor, CH]:
        f, i, o, g = self.gates(torch.cat([state.h, x], 1)).chunk(4, 1)
        return lstm_step(i, f, g, o, state.c)


class FusedTransposed(Written):
    """Weights (D, 4H) and (H, 4H), multiplied from the left; one bias."""

    def declare(self, D: int, H: int) -> None:
        self.w, self.u, self.b = number(D, 4 * H), number(H, 4 * H), number(4 * H)

    def forward(self, x: Tensor, state: CH) -> tuple[Tensor, CH]:
        i, f, o, g = (x @ self.w + state.h @ self.u + self.b).chunk(4, 1)
        return lstm_step(i, f, g, o, state.c)


class TorchCell(Written):
    """torch.nn.LSTMCell, with two biases."""

    def declare(self, D: int, H: int) -> None:
        self.inner = nn.LSTMCell(D, H)

    def forward(self, x: Tensor, state: CH) -> tuple[Tensor, CH]:
        h, c = self.inner(x, (state.h, state.c))
        return h, CH(c, h)


class LinearEach(Written):
    """A layer on x and one on h for each gate, both with a bias, in the order o, g, f, i."""

    def declare(self, D: int, H: int) -> None:
        self.output_x, self.output_h = nn.Linear(D, H), nn.Linear(H, H)
        self.cell_x, self.cell_h = nn.Linear(D, H), nn.Linear(H, H)
        self.forget_x, self.forget_h = nn.Linear(D, H), nn.Linear(H, H)
        self.input_x, self.input_h = nn.Linear(D, H), nn.Linear(H, H)

    def forward(self, x: Tensor, state: CH) -> tuple[Tensor, CH]:
        return lstm_step(
            self.input_x(x) + self.input_h(state.h),
            self.forget_x(x) + self.forget_h(state.h),
            self.cell_x(x) + self.cell_h(state.h),
            self.output_x(x) + self.output_h(state.h),
            state.c,
        )


class TensorsEach(Written):
    """W_xi, W_hi, b_i, …: transposed tensors gate by gate, as a textbook writes them."""

    def declare(self, D: int, H: int) -> None:
        for gate in ("i", "f", "o", "c"):
            self.register_parameter(f"W_x{gate}", number(D, H))
            self.register_parameter(f"W_h{gate}", number(H, H))
            self.register_parameter(f"b_{gate}", number(H))

    def forward(self, x: Tensor, state: CH) -> tuple[Tensor, CH]:
        named = dict(self.named_parameters())
        i, f, o, g = (
            x @ named[f"W_x{k}"] + state.h @ named[f"W_h{k}"] + named[f"b_{k}"]
            for k in ("i", "f", "o", "c")
        )
        return lstm_step(i, f, g, o, state.c)


class Stacked(Written):
    """W (4, H, D), U (4, H, H) and b (4, H), whose names say nothing of gates."""

    def declare(self, D: int, H: int) -> None:
        self.W, self.U, self.b = number(4, H, D), number(4, H, H), number(4, H)

    def forward(self, x: Tensor, state: CH) -> tuple[Tensor, CH]:
        sums = (self.W @ x.T + self.U @ state.h.T).mT + self.b.unsqueeze(1)
        g, i, f, o = sums
        return lstm_step(i, f, g, o, state.c)


class Nameless(Written):
    """Four layers in a list, in the order o, f, i, g."""

    def declare(self, D: int, H: int) -> None:
        self.layers = nn.ModuleList(nn.Linear(D + H, H) for _ in range(4))

    def forward(self, x: Tensor, state: CH) -> tuple[Tensor, CH]:
        o, f, i, g = (layer(torch.cat([x, state.h], 1)) for layer in self.layers)
        return lstm_step(i, f, g, o, state.c)


class TorchGRU(OneState):
    """torch.nn.GRUCell."""

    def declare(self, D: int, H: int) -> None:
        self.inner = nn.GRUCell(D, H)

    def forward(self, x: Tensor, state: H) -> tuple[Tensor, H]:
        h = self.inner(x, state.h)
        return h, H(h)


class ChoGRU(OneState):
    """r before W_nh, as in Cho et al. 2014; z and 1 − z exchanged, as in Chung et al. 2014."""

    def declare(self, D: int, H: int) -> None:
        self.W_z, self.W_r, self.W_h = (nn.Linear(D + H, H) for _ in range(3))

    def forward(self, x: Tensor, state: H) -> tuple[Tensor, H]:
        both = torch.cat([state.h, x], 1)
        z, r = self.W_z(both).sigmoid(), self.W_r(both).sigmoid()
        n = self.W_h(torch.cat([r * state.h, x], 1)).tanh()
        h = (1 - z) * state.h + z * n
        return h, H(h)


class TwoAndOneGRU(OneState):
    """Layers for r and z together and one for n, on x and on h; z and 1 − z exchanged."""

    def declare(self, D: int, H: int) -> None:
        self.gates_x, self.gates_h = nn.Linear(D, 2 * H), nn.Linear(H, 2 * H)
        self.candidate_x, self.candidate_h = nn.Linear(D, H), nn.Linear(H, H)

    def forward(self, x: Tensor, state: H) -> tuple[Tensor, H]:
        z, r = (self.gates_x(x) + self.gates_h(state.h)).sigmoid().chunk(2, 1)
        n = (self.candidate_x(x) + r * self.candidate_h(state.h)).tanh()
        h = (1 - z) * state.h + z * n
        return h, H(h)


class TorchRNN(OneState):
    """torch.nn.RNNCell."""

    def declare(self, D: int, H: int) -> None:
        self.inner = nn.RNNCell(D, H)

    def forward(self, x: Tensor, state: H) -> tuple[Tensor, H]:
        h = self.inner(x, state.h)
        return h, H(h)


class LinearMinGRU(OneState):
    """A minGRU of two layers."""

    def declare(self, D: int, H: int) -> None:
        self.hidden, self.update = nn.Linear(D, H), nn.Linear(D, H)

    def forward(self, x: Tensor, state: H) -> tuple[Tensor, H]:
        z = self.update(x).sigmoid()
        h = (1 - z) * state.h + z * self.hidden(x)
        return h, H(h)


class PeepholeEach(Written):
    """A peephole LSTM of layers on x and h, and three vectors."""

    def declare(self, D: int, H: int) -> None:
        self.on_x, self.on_h = nn.Linear(D, 4 * H), nn.Linear(H, 4 * H, bias=False)
        self.p_f, self.p_i, self.p_o = number(H), number(H), number(H)

    def forward(self, x: Tensor, state: CH) -> tuple[Tensor, CH]:
        i, f, g, o = (self.on_x(x) + self.on_h(state.h)).chunk(4, 1)
        i, f = (i + self.p_i * state.c).sigmoid(), (f + self.p_f * state.c).sigmoid()
        c = g.tanh() * i + state.c * f
        h = c.tanh() * (o + self.p_o * c).sigmoid()
        return h, CH(c, h)


class GatesInTheMiddle(Written):
    """Weights (D, 4, H) and (H, 4, H) in the order g, i, f, o, and a bias (4, 1, H)."""

    def declare(self, D: int, H: int) -> None:
        self.enter, self.carry, self.bias = number(D, 4, H), number(H, 4, H), number(4, 1, H)

    def forward(self, x: Tensor, state: CH) -> tuple[Tensor, CH]:
        sums = torch.einsum("bd,dgh->gbh", x, self.enter) + self.bias
        g, i, f, o = sums + torch.einsum("bk,kgh->gbh", state.h, self.carry)
        return lstm_step(i, f, g, o, state.c)


class LearnedStart(FusedOnBoth):
    """The first state is learned."""

    def declare(self, D: int, H: int) -> None:
        super().declare(D, H)
        self.h_0, self.c_0 = number(H), number(1, H)

    def initial_state(self, batch_size: int) -> CH:
        return CH(self.c_0.expand(batch_size, -1), self.h_0.expand(batch_size, -1))


class RaisedForgetBias(Written):
    """1 is added to what f is made of."""

    def declare(self, D: int, H: int) -> None:
        self.gates = nn.Linear(D + H, 4 * H)

    def forward(self, x: Tensor, state: CH) -> tuple[Tensor, CH]:
        i, g, f, o = self.gates(torch.cat([x, state.h], 1)).chunk(4, 1)
        return lstm_step(i, f + 1, g, o, state.c)


class OneTensor(Written):
    """h and c stand in one tensor (B, 2H)."""

    def declare(self, D: int, H: int) -> None:
        self.gates = nn.Linear(D + H, 4 * H)

    def initial_state(self, batch_size: int) -> H:  # type: ignore[override] # it carries one
        return H(next(self.parameters()).new_zeros(batch_size, 2 * self.sizes[1]))

    def forward(self, x: Tensor, state: H) -> tuple[Tensor, H]:
        h, c = state.h.chunk(2, 1)
        i, f, g, o = self.gates(torch.cat([x, h], 1)).chunk(4, 1)
        h, (c, _) = lstm_step(i, f, g, o, c)
        return h, H(torch.cat([h, c], 1))
