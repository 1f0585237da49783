"""The scan over trees: node by node it is the cell, and on a chain it is the scan over time."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tests.cells.test_cell import assert_close
from tests.cells.test_tree_lstm import make_cell, slow_node
from unroll.cells import LSTM, LSTMState, TreeLSTM
from unroll.errors import ConfigError, ShapeError
from unroll.scan import scan, scan_tree


def random_forest(N: int, K: int, generator: torch.Generator) -> Tensor:
    """Return children (N, K) of N nodes in any order, of any shape, with any number of roots."""
    order = torch.randperm(N, generator=generator)
    children = torch.full((N, K), -1)
    for place in range(1, N):
        parent = int(torch.randint(-1, place, (1,), generator=generator))
        slot = int(torch.randint(K, (1,), generator=generator))
        if parent >= 0 and children[order[parent], slot] < 0:
            children[order[parent], slot] = order[place]
    return children


def slow_forest(cell: TreeLSTM, inputs: Tensor, children: Tensor) -> tuple[Tensor, Tensor]:
    """Work out each node from its children by recursion."""
    nobody = [0.0] * cell.hidden_size

    def node(i: int) -> tuple[list[float], list[float]]:
        states = [node(j) if j >= 0 else (nobody, nobody) for j in children[i].tolist()]
        return slow_node(cell, inputs[i].tolist(), [h for h, _ in states], [c for _, c in states])

    found = [node(i) for i in range(len(inputs))]
    h, c = (torch.tensor(part, dtype=torch.float64) for part in zip(*found, strict=True))
    return h, c


@settings(max_examples=25)
@given(N=st.integers(1, 12), K=st.integers(1, 3), seed=st.integers(0, 2**32 - 1))
def test_each_node_of_a_forest_equals_the_slow_oracle(N: int, K: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    cell = make_cell(2, 3, K, seed)
    inputs = torch.randn(N, 2, dtype=torch.float64, generator=generator)
    children = random_forest(N, K, generator)
    outputs, state = scan_tree(cell, inputs, children)
    h, c = slow_forest(cell, inputs, children)
    assert isinstance(state, LSTMState)
    assert_close(outputs, h)
    assert_close(state.h, h)
    assert_close(state.c, c)


@settings(max_examples=25)
@given(T=st.integers(1, 40), seed=st.integers(0, 2**32 - 1))
def test_on_a_chain_it_is_the_scan_of_an_lstm(T: int, seed: int) -> None:
    cell, line = make_cell(3, 5, 1, seed), LSTM(3, 5).double()
    line.load_state_dict(cell.state_dict())
    inputs = torch.randn(T, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    outputs, state = scan_tree(cell, inputs, torch.arange(-1, T - 1).unsqueeze(1))
    wanted, last = scan(line, inputs.unsqueeze(0))
    assert_close(outputs, wanted[0])
    assert_close(state.c[-1:], last.c)


def test_chains_of_many_lengths_side_by_side_are_as_many_scans() -> None:
    cell, line = make_cell(3, 5, 1), LSTM(3, 5).double()
    line.load_state_dict(cell.state_dict())
    inputs = torch.randn(1 + 4 + 9, 3, dtype=torch.float64)
    before = torch.arange(-1, 13)
    before[[1, 5]] = -1
    outputs, _ = scan_tree(cell, inputs, before.unsqueeze(1))
    for chain in (slice(0, 1), slice(1, 5), slice(5, 14)):
        wanted, _ = scan(line, inputs[chain].unsqueeze(0))
        assert_close(outputs[chain], wanted[0])


def test_the_numbers_that_nodes_have_do_not_matter() -> None:
    generator = torch.Generator().manual_seed(0)
    cell, children = make_cell(2, 3, 2), random_forest(20, 2, generator)
    inputs = torch.randn(20, 2, dtype=torch.float64)
    outputs, _ = scan_tree(cell, inputs, children)
    order = torch.randperm(20, generator=generator)
    renamed = torch.cat([order.argsort(), torch.tensor([-1])])[children[order]]
    moved, _ = scan_tree(cell, inputs[order], renamed)
    assert_close(moved, outputs[order])


def test_nodes_equally_far_from_their_root_are_one_call() -> None:
    calls: list[int] = []
    cell = make_cell(1, 2, 2)
    cell.register_forward_hook(lambda _, arguments, __: calls.append(len(arguments[0])))
    #   0       5        6
    #  1 2      7
    # 3   4
    none = [-1, -1]
    children = torch.tensor([[1, 2], [3, -1], [-1, 4], none, none, [7, -1], none, none])
    scan_tree(cell, torch.zeros(8, 1, dtype=torch.float64), children)
    assert calls == [2, 3, 3]


def test_gradients_of_inputs_and_parameters_are_right() -> None:
    cell = make_cell(2, 2, 2)
    children = random_forest(7, 2, torch.Generator().manual_seed(3))
    inputs = torch.randn(7, 2, dtype=torch.float64, requires_grad=True)
    names = [name for name, _ in cell.named_parameters()]

    class Scan(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = cell

        def forward(self, inputs: Tensor) -> Tensor:
            _, state = scan_tree(self.cell, inputs, children)
            return torch.cat(tuple(state))

    def run(inputs: Tensor, *parameters: Tensor) -> Tensor:
        given_weights = {f"cell.{n}": p for n, p in zip(names, parameters, strict=True)}
        result: Tensor = torch.func.functional_call(Scan(), given_weights, (inputs,))
        return result

    assert torch.autograd.gradcheck(run, (inputs, *cell.parameters()), eps=1e-6, atol=1e-8, rtol=0)


@pytest.mark.parametrize(
    ("children", "problem"),
    [
        ([[1], [2], [3]], "children must be nodes 0 to 2, or -1 for none, got 3"),
        ([[1], [-2], [-1]], "children must be nodes 0 to 2, or -1 for none, got -2"),
        (
            [[2], [2], [-1]],
            "a node of a tree has one parent, and node 2 is the child of 2: copy it for each",
        ),
        ([[-1], [2], [1]], "2 of 3 nodes are below no root: a node is its own ancestor"),
        ([[1], [2], [0]], "3 of 3 nodes are below no root: a node is its own ancestor"),
    ],
)
def test_what_is_no_forest_is_refused(children: list[list[int]], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        scan_tree(make_cell(1, 2, 1), torch.zeros(3, 1).double(), torch.tensor(children))
    assert str(caught.value) == f"scan_tree: {problem}"


@pytest.mark.parametrize(
    ("inputs", "children", "problem"),
    [
        ((2, 3, 1), (3, 1), "inputs must be (N, D) with N ≥ 1, got (2, 3, 1)"),
        ((0, 1), (0, 1), "inputs must be (N, D) with N ≥ 1, got (0, 1)"),
        ((3, 1), (2, 1), "children must be (N=3, K), got (2, 1): axis N differs"),
        ((3, 1), (3,), "children must be (N=3, K), got (3,): expected 2 axes, got 1"),
    ],
)
def test_a_wrong_shape_is_told_in_full(
    inputs: tuple[int, ...], children: tuple[int, ...], problem: str
) -> None:
    with pytest.raises(ShapeError) as caught:
        scan_tree(make_cell(1, 2, 1), torch.zeros(inputs), torch.full(children, -1))
    assert str(caught.value) == f"scan_tree: {problem}"


def test_children_that_are_no_integers_are_refused() -> None:
    with pytest.raises(ShapeError) as caught:
        scan_tree(make_cell(1, 2, 1), torch.zeros(3, 1), torch.full((3, 1), -1.0))
    assert str(caught.value) == (
        "scan_tree: children must be int64, got torch.float32: convert them"
    )


def test_children_more_or_fewer_than_the_cell_has_are_told_by_the_cell() -> None:
    with pytest.raises(ShapeError) as caught:
        scan_tree(make_cell(1, 4, 2), torch.zeros(3, 1).double(), torch.full((3, 1), -1))
    assert str(caught.value) == (
        "TreeLSTM: children must be (B=3, K=2, H=4), got (3, 1, 4): axis K differs"
    )
