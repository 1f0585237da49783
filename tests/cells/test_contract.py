"""Every rule of the cell interface, broken in turn."""

from collections import OrderedDict
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn

from unroll.cells import GRU, LSTM, RNN, Cell
from unroll.cells.contract import check_cell
from unroll.errors import CellError


class State(NamedTuple):
    """One tensor (B, H)."""

    h: Tensor


class Pair(NamedTuple):
    """Two tensors (B, H)."""

    h: Tensor
    c: Tensor


class Good(nn.Module):
    """h' = tanh(A [x, h] + b): keeps every rule; each class below breaks one."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.mix = nn.Linear(input_size + hidden_size, hidden_size)

    def initial_state(self, batch_size: int) -> Any:
        return State(torch.zeros(batch_size, self.hidden_size))

    def forward(self, x: Tensor, state: Any) -> Any:
        h = torch.tanh(self.mix(torch.cat([x, state[0]], dim=1)))
        return h, State(h)


class NoModule:
    def __init__(self, input_size: int, hidden_size: int) -> None:
        pass


class OneArgument(Good):
    def __init__(self, hidden_size: int) -> None:
        super().__init__(1, hidden_size)


class RaisesInConstructor(Good):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        raise ValueError(f"no room\nfor {hidden_size} units of {input_size} inputs")


class NoInitialState(nn.Module):
    def __init__(self, *_: int) -> None:
        super().__init__()

    def forward(self, x: Tensor, state: Any) -> Any:
        return x, state


class NoForward(nn.Module):
    def __init__(self, *_: int) -> None:
        super().__init__()

    def initial_state(self, batch_size: int) -> Any:
        return State(torch.zeros(batch_size, 8))


class InitialStateRaises(Good):
    def initial_state(self, batch_size: int) -> Any:
        raise RuntimeError(f"batch {batch_size}")


class ListState(Good):
    def initial_state(self, batch_size: int) -> Any:
        return [torch.zeros(batch_size, self.hidden_size)]


class TensorState(Good):
    def initial_state(self, batch_size: int) -> Any:
        return torch.zeros(batch_size, self.hidden_size)


class TupleState(Good):
    def initial_state(self, batch_size: int) -> Any:
        return (torch.zeros(batch_size, self.hidden_size),)


class StateOfNone(Good):
    def initial_state(self, batch_size: int) -> Any:  # noqa: ARG002
        return State(None)  # type: ignore[arg-type] # that is the fault


class StateWithoutBatch(Good):
    def initial_state(self, batch_size: int) -> Any:  # noqa: ARG002
        return State(torch.zeros(self.hidden_size))


class StateBatchLast(Good):
    def initial_state(self, batch_size: int) -> Any:
        return State(torch.zeros(self.hidden_size, batch_size))


class ScalarState(Good):
    def initial_state(self, batch_size: int) -> Any:
        return State(torch.tensor(float(batch_size)))


class ForwardRaises(Good):
    def forward(self, x: Tensor, state: Any) -> Any:
        raise KeyError(f"{len(x)} rows, {len(state)} part")


class OutputOnly(Good):
    def forward(self, x: Tensor, state: Any) -> Any:
        return super().forward(x, state)[0]


class StateOnly(Good):
    # A NamedTuple of two parts is a tuple of two, and must not pass for (output, state).
    def forward(self, x: Tensor, state: Any) -> Any:
        h, _ = super().forward(x, state)
        return Pair(h, h)


class Triple(Good):
    def forward(self, x: Tensor, state: Any) -> Any:
        h, state = super().forward(x, state)
        return h, state, h


class OutputExchanged(Good):
    def forward(self, x: Tensor, state: Any) -> Any:
        h, state = super().forward(x, state)
        return h.T, state


class OutputTooWide(Good):
    def forward(self, x: Tensor, state: Any) -> Any:
        h, state = super().forward(x, state)
        return torch.cat([h, h], dim=1), state


class OutputNoTensor(Good):
    def forward(self, x: Tensor, state: Any) -> Any:
        h, state = super().forward(x, state)
        return h.tolist(), state


class StateBecomesTensor(Good):
    def forward(self, x: Tensor, state: Any) -> Any:
        h, _ = super().forward(x, state)
        return h, h


class StateLosesBatch(Good):
    def forward(self, x: Tensor, state: Any) -> Any:
        h, _ = super().forward(x, state)
        return h, State(h.mean(0))


class StateOfAnotherKind(Good):
    def forward(self, x: Tensor, state: Any) -> Any:
        h, _ = super().forward(x, state)
        return h, Pair(h, h)


class StateGrows(Good):
    def forward(self, x: Tensor, state: Any) -> Any:
        h, _ = super().forward(x, State(state.h[:, : self.hidden_size]))
        return h, State(torch.cat([h, h], dim=1))


class SecondStepRaises(Good):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.steps = 0

    def forward(self, x: Tensor, state: Any) -> Any:
        self.steps += 1
        return super().forward(x, state) if self.steps < 2 else 1 / 0


class NoParameters(Good):
    def __init__(self, _: int, hidden_size: int) -> None:
        nn.Module.__init__(self)
        self.hidden_size = hidden_size

    def forward(self, x: Tensor, state: Any) -> Any:
        h = state.h + x.sum(1, keepdim=True)
        return h, State(h)


class FrozenParameters(Good):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.requires_grad_(False)


class Detached(Good):
    def forward(self, x: Tensor, state: Any) -> Any:
        h = super().forward(x, state)[0].detach()
        return h, State(h)


RETURN_PAIR = "forward(x, state) must return (output, state)"

BROKEN = [
    (NoModule, "must be a class derived from torch.nn.Module"),
    (Good(2, 8), "must be a class derived from torch.nn.Module"),
    (OrderedDict, "must be a class derived from torch.nn.Module"),
    (Cell, "is the base class; give a class derived from it"),
    (
        OneArgument,
        "must be built as MyCell(input_size, hidden_size); it raised TypeError: "
        "OneArgument.__init__() takes 2 positional arguments but 3 were given",
    ),
    (
        RaisesInConstructor,
        "must be built as MyCell(input_size, hidden_size); it raised ValueError: no room for 8 "
        "units of 2 inputs",
    ),
    (NoInitialState, "has no method initial_state; see docs/own-cell.md"),
    (NoForward, "has no method forward; see docs/own-cell.md"),
    (
        InitialStateRaises,
        "initial_state(batch_size) must work; it raised RuntimeError: batch 3",
    ),
    (
        ListState,
        "initial_state(batch_size) must give its state as a NamedTuple of tensors, got a value "
        "of type list",
    ),
    (
        TensorState,
        "initial_state(batch_size) must give its state as a NamedTuple of tensors, got a tensor "
        "(3, 8)",
    ),
    (
        TupleState,
        "initial_state(batch_size) must give its state as a NamedTuple of tensors, got a value "
        "of type tuple",
    ),
    (
        StateOfNone,
        "state.h from initial_state(batch_size) must be a tensor (B=3, …), got a value of type "
        "NoneType",
    ),
    (
        StateWithoutBatch,
        "state.h from initial_state(batch_size) must be a tensor (B=3, …), got a tensor (8,)",
    ),
    (
        StateBatchLast,
        "state.h from initial_state(batch_size) must be a tensor (B=3, …), got a tensor (8, 3)",
    ),
    (
        ScalarState,
        "state.h from initial_state(batch_size) must be a tensor (B=3, …), got a tensor ()",
    ),
    (
        ForwardRaises,
        "forward(x, state) must work; it raised KeyError: '3 rows, 1 part'",
    ),
    (OutputOnly, RETURN_PAIR),
    (StateOnly, RETURN_PAIR),
    (Triple, RETURN_PAIR),
    (OutputExchanged, "output of forward must be a tensor (B=3, H=8), got a tensor (8, 3)"),
    (OutputTooWide, "output of forward must be a tensor (B=3, H=8), got a tensor (3, 16)"),
    (OutputNoTensor, "output of forward must be a tensor (B=3, H=8), got a value of type list"),
    (
        StateBecomesTensor,
        "forward(x, state) must give its state as a NamedTuple of tensors, got a tensor (3, 8)",
    ),
    (
        StateLosesBatch,
        "state.h from forward(x, state) must be a tensor (B=3, …), got a tensor (8,)",
    ),
    (
        StateOfAnotherKind,
        "forward must return a state of the form it was given, State(a tensor (3, 8)), got "
        "Pair(a tensor (3, 8), a tensor (3, 8))",
    ),
    (
        StateGrows,
        "forward must return a state of the form it was given, State(a tensor (3, 8)), got "
        "State(a tensor (3, 16))",
    ),
    (
        SecondStepRaises,
        "forward(x, state) must work; it raised ZeroDivisionError: division by zero",
    ),
    (NoParameters, "has no parameters to train"),
    (FrozenParameters, "has no parameters to train"),
    (Detached, "no gradient reaches its parameters from the output"),
]


@pytest.mark.parametrize(
    ("broken", "message"), BROKEN, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_broken_rule_is_told_in_one_line(broken: object, message: str) -> None:
    with pytest.raises(CellError) as caught:
        check_cell(broken, "mine.py:Mine")
    assert str(caught.value) == f"cell 'mine.py:Mine': {message}"


@pytest.mark.parametrize("kind", [Good, RNN, LSTM, GRU])
def test_a_cell_that_keeps_the_rules_passes(kind: type[nn.Module]) -> None:
    check_cell(kind, "mine.py:Mine")
