"""The cells' equations, gate by gate and number by number: nothing but loops over floats.

Written from the equations of Elman, Hochreiter & Schmidhuber with Gers et al., Cho et al., Feng et
al. and Orvieto et al., not from `unroll.cells`; only the names of the parameters and the order of
the gates are taken from it.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from unroll.cells import GRU, LSTM, RNN, LinearRecurrence, MinGRU, MinLSTM, Peephole

Vector = list[float]
Gate = Callable[[str, int], float]


def sigmoid(a: float) -> float:
    return 1 / (1 + math.exp(-a))


def dot(a: Vector, b: Vector) -> float:
    return sum(u * v for u, v in zip(a, b, strict=True))


class Numbers:
    """The weights of a cell as lists of floats, by gate and row."""

    def __init__(self, cell: Any, gates: str) -> None:
        self.hidden_size: int = cell.hidden_size
        self.gates = gates
        self.weight_x: list[Vector] = cell.weight_x.tolist()
        self.weight_h: list[Vector] = cell.weight_h.tolist() if hasattr(cell, "weight_h") else []
        self.bias: Vector = cell.bias.tolist()

    def row(self, gate: str, unit: int) -> int:
        return self.gates.index(gate) * self.hidden_size + unit

    def from_x(self, gate: str, unit: int, x: Vector) -> float:
        row = self.row(gate, unit)
        return dot(self.weight_x[row], x) + self.bias[row]

    def from_h(self, gate: str, unit: int, h: Vector) -> float:
        return dot(self.weight_h[self.row(gate, unit)], h)


def rnn_row(cell: Any, x: Vector, h: Vector) -> tuple[Vector]:
    numbers = Numbers(cell, "h")
    units = range(cell.hidden_size)
    return ([math.tanh(numbers.from_x("h", j, x) + numbers.from_h("h", j, h)) for j in units],)


def lstm_row(cell: Any, x: Vector, h: Vector, c: Vector) -> tuple[Vector, Vector]:
    numbers = Numbers(cell, "ifgo")
    new_h, new_c = [], []
    for j in range(cell.hidden_size):
        a = {gate: numbers.from_x(gate, j, x) + numbers.from_h(gate, j, h) for gate in "ifgo"}
        i, f, o = sigmoid(a["i"]), sigmoid(a["f"]), sigmoid(a["o"])
        g = math.tanh(a["g"])
        new_c.append(g * i + c[j] * f)
        new_h.append(math.tanh(new_c[j]) * o)
    return new_h, new_c


def gru_row(cell: Any, x: Vector, h: Vector) -> tuple[Vector]:
    assert isinstance(cell, GRU)
    numbers = Numbers(cell, "rzn")
    bias_nh: Vector = cell.bias_nh.tolist()
    new_h = []
    for j in range(cell.hidden_size):
        r = sigmoid(numbers.from_x("r", j, x) + numbers.from_h("r", j, h))
        z = sigmoid(numbers.from_x("z", j, x) + numbers.from_h("z", j, h))
        n = math.tanh(numbers.from_x("n", j, x) + r * (numbers.from_h("n", j, h) + bias_nh[j]))
        new_h.append((1 - z) * n + z * h[j])
    return (new_h,)


def peephole_row(cell: Any, x: Vector, h: Vector, c: Vector) -> tuple[Vector, Vector]:
    numbers = Numbers(cell, "ifgo")
    p_i, p_f, p_o = cell.weight_c.tolist()
    new_h, new_c = [], []
    for j in range(cell.hidden_size):
        a = {gate: numbers.from_x(gate, j, x) + numbers.from_h(gate, j, h) for gate in "ifgo"}
        i, f = sigmoid(a["i"] + p_i[j] * c[j]), sigmoid(a["f"] + p_f[j] * c[j])
        new_c.append(math.tanh(a["g"]) * i + c[j] * f)
        new_h.append(math.tanh(new_c[j]) * sigmoid(a["o"] + p_o[j] * new_c[j]))
    return new_h, new_c


def min_gru_row(cell: Any, x: Vector, h: Vector) -> tuple[Vector]:
    numbers = Numbers(cell, "zn")
    new_h = []
    for j in range(cell.hidden_size):
        z = sigmoid(numbers.from_x("z", j, x))
        new_h.append((1 - z) * h[j] + z * numbers.from_x("n", j, x))
    return (new_h,)


def min_lstm_row(cell: Any, x: Vector, h: Vector) -> tuple[Vector]:
    numbers = Numbers(cell, "fin")
    new_h = []
    for j in range(cell.hidden_size):
        f, i = sigmoid(numbers.from_x("f", j, x)), sigmoid(numbers.from_x("i", j, x))
        new_h.append(f / (f + i) * h[j] + i / (f + i) * numbers.from_x("n", j, x))
    return (new_h,)


def linear_row(cell: Any, x: Vector, h: Vector) -> tuple[Vector]:
    numbers = Numbers(cell, "x")
    new_h = []
    for j, log_tau in enumerate(cell.log_tau.tolist()):
        a = math.exp(-1 / math.exp(log_tau))
        new_h.append(a * h[j] + math.sqrt(1 - a * a) * numbers.from_x("x", j, x))
    return (new_h,)


ROWS: dict[type[Any], Callable[..., tuple[Vector, ...]]] = {
    RNN: rnn_row,
    LSTM: lstm_row,
    GRU: gru_row,
    Peephole: peephole_row,
    MinGRU: min_gru_row,
    MinLSTM: min_lstm_row,
    LinearRecurrence: linear_row,
}


def slow_step(cell: Any, x: Tensor, *state: Tensor) -> list[Tensor]:
    """Take one step of `cell`, row by row: x (B, D), state tensors (B, H) -> the new state's."""
    rows = [
        ROWS[type(cell)](cell, *row)
        for row in zip(x.tolist(), *(tensor.tolist() for tensor in state), strict=True)
    ]
    return [torch.tensor(part, dtype=torch.float64) for part in zip(*rows, strict=True)]


def slow_scan(cell: Any, inputs: Tensor, *state: Tensor) -> tuple[Tensor, list[Tensor]]:
    """Take all steps: inputs (B, T, D) -> outputs (B, T, H), the last state's tensors."""
    outputs, parts = [], list(state)
    for t in range(inputs.shape[1]):
        parts = slow_step(cell, inputs[:, t], *parts)
        outputs.append(parts[0])
    return torch.stack(outputs, dim=1), parts
