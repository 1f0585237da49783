"""Right cells that are easily taken for wrong ones."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.cells.test_contract import Good, State


class Right(Good):
    """h' = tanh(W [x, h] + b), which keeps every rule; the others change one thing of it."""

    def initial_state(self, batch_size: int) -> Any:
        return State(self.mix.weight.new_zeros(batch_size, self.hidden_size))


class Rate(Right):
    """A rate network, whose slope is another on each side of a state of zeros."""

    def forward(self, x: Tensor, state: Any) -> Any:
        v = 0.9 * state.h + 0.1 * self.mix(torch.cat([x, state.h.relu()], 1))
        return v.relu(), State(v)


class HighestSoFar(Right):
    """Keeps the largest value met: many units stay as they were."""

    def forward(self, x: Tensor, state: Any) -> Any:
        h = torch.maximum(state.h, self.mix(torch.cat([x, torch.zeros_like(state.h)], 1)))
        return h, State(h)


class Moves(Right):
    """Makes tensors on the CPU and moves them where x or the parameters are."""

    def initial_state(self, batch_size: int) -> Any:
        return State(torch.zeros(batch_size, self.hidden_size).to(self.mix.weight))

    def forward(self, x: Tensor, state: Any) -> Any:
        h, _ = super().forward(x, state)
        h = h * torch.ones(1, self.hidden_size).to(x.device).type_as(x)
        h = h[:, torch.arange(self.hidden_size - 1, -1, -1)]
        return h, State(h)


class ListsItsLayers(Right):
    """Registered layers and parameters stand in a list as well, beside a module of functions."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.more = nn.Linear(hidden_size, hidden_size)
        self.layers = [self.mix, self.more]
        self.weights = {"mix": self.mix.weight}
        self.library = functional

    def forward(self, x: Tensor, state: Any) -> Any:
        h = self.library.tanh(self.layers[1](self.layers[0](torch.cat([x, state.h], 1))))
        return h, State(h)


class OldParameters(Right):
    """Parameters that are made in float32 whatever torch's default is."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.scale = nn.Parameter(torch.ones(hidden_size, dtype=torch.float32))

    def forward(self, x: Tensor, state: Any) -> Any:
        h = self.scale * super().forward(x, state)[0]
        return h, State(h)


class Computed(Right):
    """A weight that is computed from parameters before each step, as weight normalisation does."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.size = nn.Parameter(torch.ones(hidden_size, 1))
        self.compute()

    def compute(self) -> None:
        self.weight = self.size * functional.normalize(self.mix.weight, dim=1)

    def forward(self, x: Tensor, state: Any) -> Any:
        self.compute()
        h = functional.linear(torch.cat([x, state.h], 1), self.weight, self.mix.bias).tanh()
        return h, State(h)


class LearnedStart(Right):
    """The first state is a parameter."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.begin = nn.Parameter(torch.full((hidden_size,), 0.1))

    def initial_state(self, batch_size: int) -> Any:
        return State(self.begin.expand(batch_size, -1))


class TwoPaces(NamedTuple):
    quick: Tensor
    slow: Tensor
    step: Tensor


class Clockwork(nn.Module):
    """Half of the units move at every eighth step only."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.units = hidden_size // 2
        self.quick = nn.Linear(input_size + 2 * self.units, self.units)
        self.slow = nn.Linear(input_size + 2 * self.units, self.units)

    def initial_state(self, batch_size: int) -> TwoPaces:
        weight = self.quick.weight
        zeros = weight.new_zeros(batch_size, self.units)
        return TwoPaces(zeros, zeros, weight.new_zeros(batch_size, 1, dtype=torch.int64))

    def forward(self, x: Tensor, state: TwoPaces) -> tuple[Tensor, TwoPaces]:
        read = torch.cat([x, state.quick, state.slow], 1)
        quick = self.quick(read).tanh()
        slow = torch.where(state.step % 8 == 0, self.slow(read).tanh(), state.slow)
        return torch.cat([quick, slow], 1), TwoPaces(quick, slow, state.step + 1)


class Line(NamedTuple):
    waiting: Tensor


class Delay(nn.Module):
    """Says what entered eight steps ago: nothing is felt before."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.enter = nn.Linear(input_size, hidden_size)

    def initial_state(self, batch_size: int) -> Line:
        return Line(self.enter.weight.new_zeros(batch_size, 8, self.hidden_size))

    def forward(self, x: Tensor, state: Line) -> tuple[Tensor, Line]:
        entered = self.enter(x).unsqueeze(1)
        return state.waiting[:, 0].tanh(), Line(torch.cat([state.waiting[:, 1:], entered], 1))


class Turning(nn.Module):
    """Complex numbers turn and shrink, as in a linear recurrent unit."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.log_rate = nn.Parameter(torch.linspace(-2, 0, hidden_size))
        self.angle = nn.Parameter(torch.linspace(0, 1, hidden_size))
        self.enter = nn.Linear(input_size, 2 * hidden_size)
        self.leave = nn.Linear(2 * hidden_size, hidden_size)

    def initial_state(self, batch_size: int) -> State:
        zeros = self.angle.new_zeros(batch_size, len(self.angle))
        return State(torch.complex(zeros, zeros))

    def forward(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        factor = torch.polar((-self.log_rate.exp()).exp(), self.angle)
        h = factor * state.h + torch.complex(*self.enter(x).chunk(2, 1))
        return self.leave(torch.cat([h.real, h.imag], 1)), State(h)


RIGHT_CELLS = (
    Right,
    Rate,
    HighestSoFar,
    Moves,
    ListsItsLayers,
    OldParameters,
    Computed,
    LearnedStart,
    Clockwork,
    Delay,
    Turning,
)
"""Each keeps every rule."""
