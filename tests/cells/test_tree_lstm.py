import math
import random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tests.cells.oracle import Vector, dot, sigmoid
from tests.cells.test_cell import assert_close
from unroll.cells import LSTM, LSTMState, TreeLSTM
from unroll.errors import ConfigError, ShapeError


def make_cell(D: int, H: int, K: int, seed: int = 0) -> TreeLSTM:
    generator = torch.Generator().manual_seed(seed)
    return TreeLSTM(D, H, children=K, generator=generator).double()


def random_children(B: int, K: int, H: int) -> LSTMState:
    return LSTMState(*torch.randn(2, B, K, H, dtype=torch.float64))


def slow_node(
    cell: TreeLSTM, x: Vector, hs: list[Vector], cs: list[Vector]
) -> tuple[Vector, Vector]:
    """One node by the paper's equations, number by number: a weight matrix for each gate."""
    H, K = cell.hidden_size, cell.children_each
    weight_x: list[Vector] = cell.weight_x.tolist()
    bias: Vector = cell.bias.tolist()
    heard = [number for h in hs for number in h]
    from_children: list[Vector] = cell.weight_h.tolist()

    def gate(block_x: int, block_h: int, unit: int) -> float:
        row = block_x * H + unit
        return dot(weight_x[row], x) + dot(from_children[block_h * H + unit], heard) + bias[row]

    h, c = [], []
    for unit in range(H):
        i = sigmoid(gate(0, 0, unit))
        forget = [sigmoid(gate(1, 1 + k, unit)) for k in range(K)]
        g = math.tanh(gate(2, 1 + K, unit))
        o = sigmoid(gate(3, 2 + K, unit))
        c.append(i * g + sum(f * cs[k][unit] for k, f in enumerate(forget)))
        h.append(o * math.tanh(c[-1]))
    return h, c


@settings(max_examples=25)
@given(
    B=st.integers(1, 3),
    D=st.integers(1, 4),
    H=st.integers(1, 4),
    K=st.integers(1, 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_node_equals_the_slow_oracle(B: int, D: int, H: int, K: int, seed: int) -> None:
    cell = make_cell(D, H, K, seed)
    torch.manual_seed(seed)
    x, children = torch.randn(B, D, dtype=torch.float64), random_children(B, K, H)
    output, state = cell(x, children)
    rows = zip(x.tolist(), children.h.tolist(), children.c.tolist(), strict=True)
    wanted = [slow_node(cell, *row) for row in rows]
    assert_close(state.h, torch.tensor([h for h, _ in wanted], dtype=torch.float64))
    assert_close(state.c, torch.tensor([c for _, c in wanted], dtype=torch.float64))
    assert state.h is output


def test_with_one_child_it_is_the_lstm_parameter_by_parameter() -> None:
    cell, line = make_cell(3, 7, 1), LSTM(3, 7).double()
    line.load_state_dict(cell.state_dict())
    x, children = torch.randn(5, 3, dtype=torch.float64), random_children(5, 1, 7)
    _, got = cell(x, children)
    _, wanted = line(x, LSTMState(*(part[:, 0] for part in children)))
    assert_close(got.h, wanted.h)
    assert_close(got.c, wanted.c)


def test_each_child_has_a_forget_gate_of_its_own() -> None:
    # The reason for f_k: what one child remembers is kept, and what the other does is dropped.
    cell = make_cell(2, 3, 2)
    children = random_children(4, 2, 3)
    children = children._replace(h=torch.ones_like(children.h))
    with torch.no_grad():
        cell.weight_h[3:6], cell.weight_h[6:9] = 50, -50
        cell.bias[:3] = -1000
    _, state = cell(torch.randn(4, 2, dtype=torch.float64), children)
    assert_close(state.c, children.c[:, 0])


def test_a_node_without_children_is_an_lstm_s_first_step() -> None:
    cell, line = make_cell(3, 4, 2), LSTM(3, 4).double()
    with torch.no_grad():
        line.weight_x.copy_(cell.weight_x)
        line.bias.copy_(cell.bias)
    nobody = LSTMState(*(part.expand(5, 2, 4) for part in (torch.zeros(5, 2, 4).double(),) * 2))
    x = torch.randn(5, 3, dtype=torch.float64)
    _, got = cell(x, nobody)
    _, wanted = line(x, line.initial_state(5))
    assert_close(got.h, wanted.h)
    assert_close(got.c, wanted.c)


def test_has_as_many_parameters_as_the_formula_says() -> None:
    draw = random.Random(0)
    for _ in range(25):
        H, D, K = draw.randint(1, 40), draw.randint(1, 20), draw.randint(1, 4)
        count = sum(p.numel() for p in TreeLSTM(D, H, children=K).parameters())
        assert count == 4 * H * (D + 1) + (3 + K) * K * H**2


def test_parameters_come_from_the_generator_within_their_bound() -> None:
    first, second, other = make_cell(5, 16, 2), make_cell(5, 16, 2), make_cell(5, 16, 2, seed=1)
    for a, b, c in zip(*(cell.parameters() for cell in (first, second, other)), strict=True):
        assert torch.equal(a, b)
        assert not torch.equal(a, c)
        # Of 64 numbers and more, uniform: the largest is above half the bound all but surely.
        assert 0.5 / 4 < a.abs().max() <= 1 / 4


def test_gradients_of_input_children_and_parameters_are_right() -> None:
    cell = make_cell(2, 3, 2)
    x = torch.randn(2, 2, dtype=torch.float64, requires_grad=True)
    parts = [part.requires_grad_() for part in random_children(2, 2, 3)]
    names = [name for name, _ in cell.named_parameters()]

    def step(x: Tensor, h: Tensor, c: Tensor, *parameters: Tensor) -> tuple[Tensor, ...]:
        given_weights = dict(zip(names, parameters, strict=True))
        _, state = torch.func.functional_call(cell, given_weights, (x, LSTMState(h, c)))
        return tuple(state)

    # As for every cell: central differences err by about 1e-10.
    assert torch.autograd.gradcheck(
        step, (x, *parts, *cell.parameters()), eps=1e-6, atol=1e-8, rtol=0
    )


@pytest.mark.parametrize(
    ("x", "children", "problem"),
    [
        ((3, 7), (3, 2, 4), "x must be (B, D=5), got (3, 7): axis D differs"),
        ((3, 5), (2, 2, 4), "children must be (B=3, K=2, H=4), got (2, 2, 4): axis B differs"),
        ((3, 5), (3, 1, 4), "children must be (B=3, K=2, H=4), got (3, 1, 4): axis K differs"),
        ((3, 5), (3, 4), "children must be (B=3, K=2, H=4), got (3, 4): expected 3 axes, got 2"),
    ],
)
def test_a_wrong_shape_is_told_in_full(
    x: tuple[int, ...], children: tuple[int, ...], problem: str
) -> None:
    with pytest.raises(ShapeError) as caught:
        TreeLSTM(5, 4)(torch.zeros(x), LSTMState(torch.zeros(children), torch.zeros(children)))
    assert str(caught.value) == f"TreeLSTM: {problem}"


def test_a_size_below_one_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        TreeLSTM(5, 4, children=0)
    assert str(caught.value) == "TreeLSTM: children must be 1 or more, got 0"


def test_prints_its_sizes() -> None:
    assert str(TreeLSTM(2, 5)) == "TreeLSTM(input_size=2, hidden_size=5, children=2)"
