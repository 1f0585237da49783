"""An LSTM and a GRU with a textbook's tensors gate by gate, and one mistake each."""

from typing import NamedTuple

import torch
from torch import Tensor

from tests.probes.likeness.layouts import CH, H, OneState, Written, number


class HC(NamedTuple):
    """The output first."""

    h: Tensor
    c: Tensor


class Gates(Written):
    """W_xi, W_hi, b_i, … for each gate."""

    names: tuple[str, ...] = ("i", "f", "g", "o")

    def declare(self, D: int, H: int) -> None:
        for gate in self.names:
            self.register_parameter(f"W_x{gate}", number(D, H))
            self.register_parameter(f"W_h{gate}", number(H, H))
            self.register_parameter(f"b_{gate}", number(H))

    def sum(self, gate: str, x: Tensor, h: Tensor, *, on_x: str = "", on_h: str = "") -> Tensor:
        named = dict(self.named_parameters())
        x = x @ named[f"W_x{on_x or gate}"]
        return x + h @ named[f"W_h{on_h or gate}"] + named[f"b_{gate}"]


class LSTM(Gates):
    """Without a mistake."""

    f_on_x = "f"
    f_on_h = "f"

    def forward(self, x: Tensor, state: CH) -> tuple[Tensor, CH]:
        i, g = self.sum("i", x, state.h).sigmoid(), self.sum("g", x, state.h).tanh()
        f = self.sum("f", x, state.h, on_x=self.f_on_x, on_h=self.f_on_h).sigmoid()
        c = g * i + self.kept(state) * f
        h = c.tanh() * self.sum("o", x, self.read_by_o(state, c)).sigmoid()
        return h, CH(c, h)

    def kept(self, state: CH) -> Tensor:
        return state.c

    def read_by_o(self, state: CH, c: Tensor) -> Tensor:  # noqa: ARG002 - mistakes read it
        return state.h


class KeepsH(LSTM):
    def kept(self, state: CH) -> Tensor:
        return state.h


class OutputReadsC(LSTM):
    def read_by_o(self, state: CH, c: Tensor) -> Tensor:  # noqa: ARG002 - the mistake
        return c


class OutputReadsTanh(LSTM):
    def read_by_o(self, state: CH, c: Tensor) -> Tensor:  # noqa: ARG002 - the mistake
        return c.tanh()


class CopiedH(LSTM):
    f_on_h = "i"


class CopiedX(LSTM):
    f_on_x = "o"


class CopiedAndTanh(LSTM):
    """Two mistakes, one of which leaves a weight idle."""

    f_on_h = "i"

    def read_by_o(self, state: CH, c: Tensor) -> Tensor:  # noqa: ARG002 - the mistake
        return c.tanh()


class CopiedAndUnknown(LSTM):
    """A mistake that is known and one that is not."""

    f_on_h = "i"

    def kept(self, state: CH) -> Tensor:
        return state.c * 0.9


class CopiedLayer(Written):
    """One layer a gate, and f goes through that of i."""

    def declare(self, D: int, H: int) -> None:
        self.W_i, self.W_f, self.W_g, self.W_o = (torch.nn.Linear(D + H, H) for _ in range(4))

    def forward(self, x: Tensor, state: CH) -> tuple[Tensor, CH]:
        both = torch.cat([x, state.h], 1)
        i, f = self.W_i(both).sigmoid(), self.W_i(both).sigmoid()
        c = self.W_g(both).tanh() * i + state.c * f
        h = c.tanh() * self.W_o(both).sigmoid()
        return h, CH(c, h)


class NoMatrix(LSTM):
    """f has no weight on h."""

    def declare(self, D: int, H: int) -> None:
        super().declare(D, H)
        del self.W_hf

    def forward(self, x: Tensor, state: CH) -> tuple[Tensor, CH]:
        named = dict(self.named_parameters())
        i, g, o = (self.sum(gate, x, state.h) for gate in ("i", "g", "o"))
        f = (x @ named["W_xf"] + named["b_f"]).sigmoid()
        c = g.tanh() * i.sigmoid() + state.c * f
        h = c.tanh() * o.sigmoid()
        return h, CH(c, h)


class Exchanged(LSTM):
    """State(h, c) is filled in the order c, h."""

    def initial_state(self, batch_size: int) -> HC:  # type: ignore[override] # in another order
        zeros = next(self.parameters()).new_zeros(batch_size, self.sizes[1])
        return HC(zeros, zeros)

    def forward(self, x: Tensor, state: HC) -> tuple[Tensor, HC]:  # type: ignore[override] # so too
        h, (c, _) = super().forward(x, CH(c=state.c, h=state.h))
        return h, HC(c, h)


class GRU(Gates, OneState):
    """Without a mistake."""

    names = ("r", "z", "n")

    def forward(self, x: Tensor, state: H) -> tuple[Tensor, H]:
        z = self.sum("z", x, state.h).sigmoid()
        h = (1 - z) * self.candidate(x, state.h) + z * state.h
        return h, H(h)

    def candidate(self, x: Tensor, h: Tensor) -> Tensor:
        return self.candidate_of(self.sum("r", x, h).sigmoid(), x, h)

    def candidate_of(self, r: Tensor, x: Tensor, h: Tensor) -> Tensor:
        named = dict(self.named_parameters())
        return (x @ named["W_xn"] + r * (h @ named["W_hn"]) + named["b_n"]).tanh()


class ResetsAll(GRU):
    def candidate_of(self, r: Tensor, x: Tensor, h: Tensor) -> Tensor:
        named = dict(self.named_parameters())
        return (r * (x @ named["W_xn"] + h @ named["W_hn"]) + named["b_n"]).tanh()


class UpdateResets(GRU):
    def candidate(self, x: Tensor, h: Tensor) -> Tensor:
        return self.candidate_of(self.sum("z", x, h).sigmoid(), x, h)


class CopiedReset(GRU):
    def candidate(self, x: Tensor, h: Tensor) -> Tensor:
        return self.candidate_of(self.sum("r", x, h, on_h="z").sigmoid(), x, h)
