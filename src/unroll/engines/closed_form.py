"""Scans whose backward pass through time is written out, not recorded step by step."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from unroll.cells import GRU, LSTM, RNN, GRUState, LSTMState, RecurrentCell, RNNState
from unroll.cells.cell import StateT
from unroll.engines.blocks import block_steps, blocks
from unroll.engines.closed_gru import GRUScan, gru_forward
from unroll.engines.closed_lstm import LSTMScan, lstm_forward
from unroll.engines.closed_rnn import RNNScan, rnn_forward
from unroll.engines.engine import is_built_in

CLOSED_FORM_DTYPES = (torch.float32, torch.float64)


class ClosedFormEngine:
    """Backpropagation through time by hand: no graph of steps, few passes over memory.

    The inputs of all steps are projected at once, each step works in buffers allocated once, and
    the weights' gradients are one large product a block of steps. Without gradients, memory
    beyond the outputs does not grow with T.

    Gradients are first-order: a second derivative is refused with a ConfigError, and torch.func
    finds no rule; both belong to `plain`.

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
        y, h = RNNScan.apply(last, inputs, *state, *weights)  # type: ignore[no-untyped-call]
        return y, RNNState(h)

    def run(x: Tensor, state: RNNState) -> tuple[Tensor, RNNState]:
        hs = rnn_forward(x, *state, *weights)
        return hs, RNNState(hs[-1])

    return _scan_in_blocks(inputs, state, last, block_steps(state.h, cell.hidden_size), run)


def _scan_lstm(cell: LSTM, inputs: Tensor, state: LSTMState, last: int) -> tuple[Tensor, LSTMState]:
    weights = (cell.weight_x, cell.weight_h, cell.bias)
    if _is_differentiated(inputs, *state, *weights):
        y, h, c = LSTMScan.apply(last, inputs, *state, *weights)  # type: ignore[no-untyped-call]
        return y, LSTMState(h, c)

    def run(x: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        hs, tape = lstm_forward(x, *state, *weights)
        return hs, LSTMState(hs[-1], tape.cells[-1])

    return _scan_in_blocks(inputs, state, last, block_steps(state.h, 7 * cell.hidden_size), run)


def _scan_gru(cell: GRU, inputs: Tensor, state: GRUState, last: int) -> tuple[Tensor, GRUState]:
    weights = (cell.weight_x, cell.weight_h, cell.bias, cell.bias_nh)
    if _is_differentiated(inputs, *state, *weights):
        y, h = GRUScan.apply(last, inputs, *state, *weights)  # type: ignore[no-untyped-call]
        return y, GRUState(h)

    def run(x: Tensor, state: GRUState) -> tuple[Tensor, GRUState]:
        hs, _ = gru_forward(x, *state, *weights)
        return hs, GRUState(hs[-1])

    return _scan_in_blocks(inputs, state, last, block_steps(state.h, 5 * cell.hidden_size), run)


def _scan_in_blocks(
    inputs: Tensor,
    state: StateT,
    last: int,
    length: int,
    run: Callable[[Tensor, StateT], tuple[Tensor, StateT]],
) -> tuple[Tensor, StateT]:
    """Carry `state` along `inputs` (B, T, D) by blocks of `length` steps, and forget each block.

    `run` takes x (n, B, D) and a state to every h (n + 1, B, H) and the next state.
    """
    T = inputs.shape[1]
    h = state[0]
    outputs, filled = h.new_empty(last, *h.shape), 0
    for block in blocks(T, length):
        hs, state = run(inputs[:, block].transpose(0, 1).contiguous(), state)
        wanted = hs[1:][max(0, T - last - block.start) :]
        outputs[filled : filled + len(wanted)] = wanted
        filled += len(wanted)
    # The state would keep its whole block alive.
    return outputs.transpose(0, 1), type(state)(*(part.clone() for part in state))


def _is_differentiated(*tensors: Tensor) -> bool:
    """Return whether a gradient may be asked for with respect to one of these."""
    return torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)
