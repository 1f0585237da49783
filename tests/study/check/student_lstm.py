"""An LSTM as a student writes it: right, until a test plants a mistake into this text."""

from typing import NamedTuple

import torch
from torch import Tensor, nn


class State(NamedTuple):
    h: Tensor
    c: Tensor


class MyLSTM(nn.Module):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.W_i = nn.Linear(input_size + hidden_size, hidden_size)
        self.W_f = nn.Linear(input_size + hidden_size, hidden_size)
        self.W_g = nn.Linear(input_size + hidden_size, hidden_size)
        self.W_o = nn.Linear(input_size + hidden_size, hidden_size)

    def initial_state(self, batch_size: int) -> State:
        zeros = self.W_i.bias.new_zeros(batch_size, self.hidden_size)
        return State(zeros, zeros)

    def forward(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        both = torch.cat([x, state.h], dim=1)
        i = torch.sigmoid(self.W_i(both))
        f = torch.sigmoid(self.W_f(both))
        g = torch.tanh(self.W_g(both))
        o = torch.sigmoid(self.W_o(both))
        c = g * i + state.c * f
        h = torch.tanh(c) * o
        return h, State(h, c)
