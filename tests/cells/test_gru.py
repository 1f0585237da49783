import random

import torch
from torch import nn

from tests.cells.test_cell import assert_close, make_cell
from unroll.cells import GRU, GRUState


def test_equals_torch_with_copied_weights() -> None:
    torch.manual_seed(0)
    cell = GRU(3, 7).double()
    reference = nn.GRUCell(3, 7, dtype=torch.float64)
    with torch.no_grad():
        reference.weight_ih.copy_(cell.weight_x)
        reference.weight_hh.copy_(cell.weight_h)
        reference.bias_ih.copy_(cell.bias)
        reference.bias_hh.copy_(torch.cat([cell.bias.new_zeros(14), cell.bias_nh]))
    x, h = torch.randn(5, 3, dtype=torch.float64), torch.randn(5, 7, dtype=torch.float64)
    output, state = cell(x, GRUState(h))
    assert_close(output, reference(x, h))
    assert state.h is output


def test_has_as_many_parameters_as_the_formula_says() -> None:
    draw = random.Random(0)
    for _ in range(25):
        n, d = draw.randint(1, 200), draw.randint(1, 60)
        assert sum(p.numel() for p in GRU(d, n).parameters()) == 3 * (n * d + n * n + n) + n


def test_an_update_gate_of_one_keeps_the_state() -> None:
    # z = 1 keeps and z = 0 overwrites; papers differ, and the forget-bias relies on it.
    cell = make_cell(GRU, 3, 7)
    with torch.no_grad():
        cell.bias[cell.gate_rows("z")] = 50
    h = torch.randn(5, 7, dtype=torch.float64)
    output, _ = cell(torch.randn(5, 3, dtype=torch.float64), GRUState(h))
    assert_close(output, h)
