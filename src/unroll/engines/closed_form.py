"""Scans whose backward pass through time is written out, not recorded step by step."""

from typing import Any

import torch
from torch import Tensor

from unroll.cells import GRU, LSTM, RNN, GRUState, LSTMState, RecurrentCell, RNNState
from unroll.engines.blocks import block_steps, last_outputs
from unroll.engines.closed_gru import GRUScan, gru_forward, gru_tape
from unroll.engines.closed_lstm import LSTMScan, lstm_forward, lstm_tape
from unroll.engines.closed_rnn import RNNScan, rnn_forward
from unroll.engines.engine import is_built_in

CLOSED_FORM_DTYPES = (torch.float32, torch.float64)


class ClosedFormEngine:
    """Backpropagation through time by hand: no graph of steps, few passes over memory.

    The inputs of all steps are projected at once, each step works in buffers allocated once, and
    the weights' gradients are one large product a block of steps. Without gradients, memory
    beyond the outputs does not grow with T.

    Gradients are first-order: for a second derivative, or under torch.func, use `plain`.

    Shapes: inputs (B, T, D), state, last M -> outputs (B, M, H), state.
    """

    name = "closed-form"

    def supports(self, cell: RecurrentCell) -> bool:
        """Return whether `cell` is exactly an RNN, LSTM or GRU in float32 or float64."""
        return (
            is_built_in(cell)
            and isinstance(cell, RNN | LSTM | GRU)
            and cell.weight_h.dtype in CLOSED_FORM_DTYPES
        )

    def scan(
        self, cell: RecurrentCell, inputs: Tensor, state: Any, last: int
    ) -> tuple[Tensor, Any]:
        """Carry `cell` along `inputs` from `state`."""
        if isinstance(cell, LSTM):
            return _scan_lstm(cell, inputs, state, last)
        if isinstance(cell, GRU):
            return _scan_gru(cell, inputs, state, last)
        assert isinstance(cell, RNN)
        return _scan_rnn(cell, inputs, state, last)


def _scan_rnn(cell: RNN, inputs: Tensor, state: RNNState, last: int) -> tuple[Tensor, RNNState]:
    weights = (cell.weight_x, cell.weight_h, cell.bias)
    if _is_differentiated(inputs, *state, *weights):
        y, h = RNNScan.apply(last, inputs, state.h, *weights)  # type: ignore[no-untyped-call]
        return y, RNNState(h)
    hs = rnn_forward(inputs.transpose(0, 1).contiguous(), state.h, *weights)
    return last_outputs(hs, last), RNNState(hs[-1].clone())


def _scan_lstm(cell: LSTM, inputs: Tensor, state: LSTMState, last: int) -> tuple[Tensor, LSTMState]:
    weights = (cell.weight_x, cell.weight_h, cell.bias)
    if _is_differentiated(inputs, *state, *weights):
        y, h, c = LSTMScan.apply(last, inputs, *state, *weights)  # type: ignore[no-untyped-call]
        return y, LSTMState(h, c)
    x = inputs.transpose(0, 1).contiguous()
    tape = lstm_tape(state.h, block_steps(state.h, len(x), 6 * cell.hidden_size))
    hs, c = lstm_forward(x, state.h, state.c, weights, tape)
    return last_outputs(hs, last), LSTMState(hs[-1].clone(), c)


def _scan_gru(cell: GRU, inputs: Tensor, state: GRUState, last: int) -> tuple[Tensor, GRUState]:
    weights = (cell.weight_x, cell.weight_h, cell.bias, cell.bias_nh)
    if _is_differentiated(inputs, *state, *weights):
        y, h = GRUScan.apply(last, inputs, state.h, *weights)  # type: ignore[no-untyped-call]
        return y, GRUState(h)
    x = inputs.transpose(0, 1).contiguous()
    tape = gru_tape(state.h, block_steps(state.h, len(x), 4 * cell.hidden_size))
    hs = gru_forward(x, state.h, weights, tape)
    return last_outputs(hs, last), GRUState(hs[-1].clone())


def _is_differentiated(*tensors: Tensor) -> bool:
    """Return whether a gradient may be asked for with respect to one of these."""
    return torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)
