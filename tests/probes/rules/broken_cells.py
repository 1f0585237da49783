"""Cells that break one rule each, and keep the others that they can."""

import random
from typing import Any

import torch
from torch import Tensor, nn

from tests.cells.test_contract import State
from tests.probes.rules.right_cells import Right


class OnlyOneRow(Right):
    def forward(self, x: Tensor, state: Any) -> Any:
        h, _ = super().forward(x.squeeze(), state)
        return h, State(h)


class ClockSeeded(Right):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        nn.init.constant_(self.mix.bias, random.random())


class HiddenDraw(Right):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.scale = random.random()

    def forward(self, x: Tensor, state: Any) -> Any:
        return super().forward(self.scale * x, state)


class Counts(Right):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.steps = 0

    def forward(self, x: Tensor, state: Any) -> Any:
        self.steps += 1
        return super().forward(x, state)


class WritesIntoX(Right):
    def forward(self, x: Tensor, state: Any) -> Any:
        return super().forward(x.mul_(0.5), state)


class Forgets(Right):
    def forward(self, x: Tensor, state: Any) -> Any:
        return super().forward(x, State(torch.zeros_like(state.h)))


class ReadsTwoInputs(Right):
    def forward(self, x: Tensor, state: Any) -> Any:
        kept = torch.cat([x[:, :2], torch.zeros_like(x[:, 2:])], 1)
        return super().forward(kept, state)


class WrongBackward(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, value: Tensor) -> Tensor:
        context.save_for_backward(value)
        return value.tanh()

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> Tensor:
        (value,) = context.saved_tensors
        slope: Tensor = gradients[0] * (1 - value.tanh())
        return slope


class WrongGradient(Right):
    def forward(self, x: Tensor, state: Any) -> Any:
        h = WrongBackward.apply(self.mix(torch.cat([x, state.h], 1)))  # type: ignore[no-untyped-call]
        return h, State(h)


class Unregistered(Right):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.more = [nn.Linear(hidden_size, hidden_size)]


class HalfPrecision(Right):
    def forward(self, x: Tensor, state: Any) -> Any:
        h, _ = super().forward(x, state)
        return h.float(), State(h)


class StaysOnCPU(Right):
    def forward(self, x: Tensor, state: Any) -> Any:
        h, _ = super().forward(x, state)
        return h + 2 * torch.ones(1, h.shape[1], dtype=h.dtype), State(h)


class CutFromX(Right):
    def forward(self, x: Tensor, state: Any) -> Any:
        return super().forward(x.detach(), state)


class OnlyFloat32(Right):
    def initial_state(self, batch_size: int) -> Any:
        return State(torch.zeros(batch_size, self.hidden_size, dtype=torch.float32))

    def forward(self, x: Tensor, state: Any) -> Any:
        weight = self.mix.weight
        D = x.shape[1]
        h = (x @ weight[:, :D].T + state.h @ weight[:, D:].T + self.mix.bias).tanh()
        return h, State(h)


class MovesToCPU(Right):
    def forward(self, x: Tensor, state: Any) -> Any:
        return super().forward(x.cpu(), state)


class Explodes(Right):
    def forward(self, x: Tensor, state: Any) -> Any:
        h = 30 * state.h + self.mix(torch.cat([x, state.h], 1))
        return h, State(h)


class LogSoftmax(Right):
    def forward(self, x: Tensor, state: Any) -> Any:
        h, state = super().forward(x, state)
        return h.log_softmax(1), state
