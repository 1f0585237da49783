import random

import torch
from torch import nn

from tests.cells.test_cell import assert_close, make_cell
from unroll.cells import RNN, RNNState


def test_equals_torch_with_copied_weights() -> None:
    cell = make_cell(RNN, 3, 7)
    reference = nn.RNNCell(3, 7, dtype=torch.float64)
    with torch.no_grad():
        reference.weight_ih.copy_(cell.weight_x)
        reference.weight_hh.copy_(cell.weight_h)
        reference.bias_ih.copy_(cell.bias)
        reference.bias_hh.zero_()
    x, h = torch.randn(5, 3, dtype=torch.float64), torch.randn(5, 7, dtype=torch.float64)
    output, state = cell(x, RNNState(h))
    assert_close(output, reference(x, h))
    assert state.h is output


def test_has_as_many_parameters_as_the_formula_says() -> None:
    draw = random.Random(0)
    for _ in range(25):
        n, d = draw.randint(1, 300), draw.randint(1, 60)
        assert sum(p.numel() for p in RNN(d, n).parameters()) == n * d + n * n + n
