"""PyTorch's own fused kernels, fed with the parameters of our cells."""

from typing import Any

import torch
from torch import Tensor

from unroll.cells import GRU, LSTM, RNN, GRUState, LSTMState, RecurrentCell, RNNState
from unroll.engines.engine import is_built_in


class TorchEngine:
    """The kernels behind torch.nn.RNN, LSTM and GRU: oneDNN or ATen on a CPU, cuDNN on CUDA.

    Our cells have one bias where PyTorch has two. The second is zero, but for the GRU's
    candidate n, whose second bias is `bias_nh`. The gate orders agree.

    Shapes: inputs (B, T, D), state, last M -> outputs (B, M, H), state.
    """

    name = "torch"

    def supports(self, cell: RecurrentCell) -> bool:
        """Return whether `cell` is exactly an RNN, LSTM or GRU, without hooks."""
        return is_built_in(cell)

    def scan(
        self, cell: RecurrentCell, inputs: Tensor, state: Any, last: int
    ) -> tuple[Tensor, Any]:
        """Carry `cell` along `inputs` from `state` in one call."""
        h = state.h.unsqueeze(0)
        train = torch.is_grad_enabled()
        # The literal arguments: biases, 1 layer, no dropout, …, one direction, batch first.
        if isinstance(cell, LSTM):
            c = state.c.unsqueeze(0)
            weights = _weights(cell, torch.zeros_like(cell.bias))
            y, h, c = torch.lstm(inputs, (h, c), weights, True, 1, 0.0, train, False, True)
            return y[:, -last:], LSTMState(h.squeeze(0), c.squeeze(0))
        if isinstance(cell, GRU):
            zeros = cell.bias.new_zeros(2 * cell.hidden_size)
            weights = _weights(cell, torch.cat((zeros, cell.bias_nh)))
            y, h = torch.gru(inputs, h, weights, True, 1, 0.0, train, False, True)
            return y[:, -last:], GRUState(h.squeeze(0))
        assert isinstance(cell, RNN)
        weights = _weights(cell, torch.zeros_like(cell.bias))
        y, h = torch.rnn_tanh(inputs, h, weights, True, 1, 0.0, train, False, True)
        return y[:, -last:], RNNState(h.squeeze(0))


def _weights(cell: RNN | LSTM | GRU, second_bias: Tensor) -> list[Tensor]:
    """Return PyTorch's parameter list: input weights, hidden weights, two biases.

    cuDNN wants them end to end in one buffer, in this order, and otherwise warns and copies.
    """
    weights = [cell.weight_x, cell.weight_h, cell.bias, second_bias]
    if not cell.weight_h.is_cuda:
        return weights
    buffer = torch.cat([weight.flatten() for weight in weights])
    parts = torch.split(buffer, [weight.numel() for weight in weights])
    return [part.view_as(weight) for part, weight in zip(parts, weights, strict=True)]
