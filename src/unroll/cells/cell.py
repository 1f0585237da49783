"""The interface of a recurrent cell: one step of an equation, and its state."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from torch import Tensor, nn

from unroll.shapes import check_shape

StateT = TypeVar("StateT", bound=tuple[Tensor, ...])


class RecurrentCell(Protocol):
    """What a scan needs of a cell; any `nn.Module` of this form will do.

    The class is called as `MyCell(input_size, hidden_size)`. The state is a NamedTuple of
    tensors whose first axis is the batch; it is passed in and returned, never stored.

    Shapes: x (B, D), state -> output (B, H), state.
    """

    def initial_state(self, batch_size: int) -> Any:
        """Return the state before the first step."""
        ...

    def __call__(self, x: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Take one step."""
        ...


class Cell(nn.Module, ABC, Generic[StateT]):
    """Base of the built-in cells.

    `weight_x` (G·H, D), `weight_h` (G·H, H) and `bias` (G·H,) hold one block of H rows for each
    of the G names in `gates`, so that an initialisation can reach one gate by its name.
    `keep_gate` is the gate that carries the state over, `write_gate` the one that admits news;
    None where a cell has no such gate.
    """

    gates: ClassVar[tuple[str, ...]]
    keep_gate: ClassVar[str | None] = None
    write_gate: ClassVar[str | None] = None

    weight_x: nn.Parameter
    weight_h: nn.Parameter
    bias: nn.Parameter

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size

    @abstractmethod
    def initial_state(self, batch_size: int) -> StateT:
        """Return the zero state, on the parameters' device and in their dtype."""

    @abstractmethod
    def forward(self, x: Tensor, state: StateT) -> tuple[Tensor, StateT]:
        """Take one step: x (B, D), state -> output (B, H), state."""

    def gate_rows(self, gate: str) -> slice:
        """Return the rows that `gate` has in `weight_x`, `weight_h` and `bias`."""
        start = self.gates.index(gate) * self.hidden_size
        return slice(start, start + self.hidden_size)

    def check_step(self, x: Tensor, *state: Tensor) -> None:
        """Raise ShapeError unless x is (B, D) and each state tensor (B, H)."""
        where = type(self).__name__
        check_shape(where, "x", x, "B D", D=self.input_size)
        for tensor in state:
            check_shape(where, "state", tensor, "B H", B=x.shape[0], H=self.hidden_size)

    def extra_repr(self) -> str:
        """Return the sizes, shown by `print(cell)`."""
        return f"input_size={self.input_size}, hidden_size={self.hidden_size}"
