import random

import torch
from torch import nn

from tests.cells.test_cell import assert_close, make_cell
from unroll.cells import LSTM, LSTMState


def test_equals_torch_with_copied_weights() -> None:
    cell = make_cell(LSTM, 3, 7)
    reference = nn.LSTMCell(3, 7, dtype=torch.float64)
    with torch.no_grad():
        reference.weight_ih.copy_(cell.weight_x)
        reference.weight_hh.copy_(cell.weight_h)
        reference.bias_ih.copy_(cell.bias)
        reference.bias_hh.zero_()
    x = torch.randn(5, 3, dtype=torch.float64)
    h, c = torch.randn(2, 5, 7, dtype=torch.float64)
    output, state = cell(x, LSTMState(h, c))
    wanted_h, wanted_c = reference(x, (h, c))
    assert_close(output, wanted_h)
    assert_close(state.c, wanted_c)
    assert state.h is output


def test_has_as_many_parameters_as_the_formula_says() -> None:
    draw = random.Random(0)
    for _ in range(25):
        n, d = draw.randint(1, 200), draw.randint(1, 60)
        assert sum(p.numel() for p in LSTM(d, n).parameters()) == 4 * (n * d + n * n + n)


def test_an_open_forget_gate_and_a_shut_input_gate_keep_the_cell_state() -> None:
    # The reason for the gates, apart from any formula: f → 1 and i → 0 carry c over.
    cell = make_cell(LSTM, 3, 7)
    with torch.no_grad():
        cell.bias[cell.gate_rows("f")] = 50
        cell.bias[cell.gate_rows("i")] = -50
    c = torch.randn(5, 7, dtype=torch.float64)
    _, state = cell(torch.randn(5, 3, dtype=torch.float64), LSTMState(torch.zeros_like(c), c))
    assert_close(state.c, c)
