"""The peer that a student writes: one matrix product per gate, one sequence at a time."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

_ENDLESS = 2**40


class PalindromeDataset(Dataset[tuple[NDArray[np.float32], int]]):
    """Palindromes made one by one with NumPy: all digits but the last, and the last."""

    def __init__(self, length: int) -> None:
        self.length = length

    def __len__(self) -> int:
        return _ENDLESS

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], int]:
        half = np.random.randint(0, 10, (self.length + 1) // 2)
        digits = np.concatenate((half, half[::-1][self.length % 2 :]))
        return digits[:-1].astype(np.float32), int(digits[-1])


def load_batches(length: int, batch_size: int) -> Any:
    """Return an iterator of batches (B, T − 1), (B,) from a loader with one worker process."""
    dataset = PalindromeDataset(length)
    return iter(DataLoader(dataset, batch_size=batch_size, num_workers=1))


class GateByGate(nn.Module):
    """RNN, LSTM or GRU with two matrix products a gate and step, differentiated by autograd.

    Shapes: inputs (B, T) -> scores (B, K) after the last step.
    """

    def __init__(self, cell: str, hidden_size: int, classes: int) -> None:
        super().__init__()
        self.cell, self.hidden_size = cell, hidden_size
        names = {"rnn": "h", "lstm": "gifo", "gru": "rzn"}[cell]
        draw = nn.init.xavier_uniform_
        H = hidden_size
        self.weight_x = nn.ParameterDict({k: nn.Parameter(draw(torch.empty(1, H))) for k in names})
        self.weight_h = nn.ParameterDict({k: nn.Parameter(draw(torch.empty(H, H))) for k in names})
        self.bias = nn.ParameterDict({k: nn.Parameter(torch.zeros(H)) for k in names})
        self.weight_p = nn.Parameter(draw(torch.empty(H, classes)))
        self.bias_p = nn.Parameter(torch.zeros(classes))

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the scores after the last step."""
        step = {"rnn": self._rnn, "lstm": self._lstm, "gru": self._gru}[self.cell]
        h = c = torch.zeros(inputs.shape[0], self.hidden_size)
        for t in range(inputs.shape[1]):
            h, c = step(inputs[:, t : t + 1], h, c)
        scores: Tensor = h @ self.weight_p + self.bias_p
        return scores

    def _at_gate(self, gate: str, x: Tensor, h: Tensor) -> Tensor:
        summed: Tensor = x @ self.weight_x[gate] + h @ self.weight_h[gate] + self.bias[gate]
        return summed

    def _rnn(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        return torch.tanh(self._at_gate("h", x, h)), c

    def _lstm(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        g = torch.tanh(self._at_gate("g", x, h))
        i = torch.sigmoid(self._at_gate("i", x, h))
        f = torch.sigmoid(self._at_gate("f", x, h))
        o = torch.sigmoid(self._at_gate("o", x, h))
        c = g * i + c * f
        return torch.tanh(c) * o, c

    def _gru(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        r = torch.sigmoid(self._at_gate("r", x, h))
        z = torch.sigmoid(self._at_gate("z", x, h))
        recalled = r * (h @ self.weight_h["n"])
        n = torch.tanh(x @ self.weight_x["n"] + self.bias["n"] + recalled)
        return (1 - z) * n + z * h, c
