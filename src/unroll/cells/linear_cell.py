"""The optional interface of a cell whose step is linear in its state."""

from abc import ABC, abstractmethod
from typing import NamedTuple

from torch import Tensor, nn

from unroll.errors import ShapeError
from unroll.shapes import check_shape


class LinearState(NamedTuple):
    """What a linear cell carries: h (B, H)."""

    h: Tensor


class LinearCell(nn.Module, ABC):
    """Base of cells whose step is linear in the state; the output is the new state.

        h' = a(x) ⊙ h + b(x)

    A subclass gives `coefficients`, which knows the input and never the state, and the step
    follows from it. Steps of this form can be taken together: (a₂, b₂) after (a₁, b₁) is
    (a₂ ⊙ a₁, a₂ ⊙ b₁ + b₂), the same form again. So the engine `parallel` carries such a cell
    along T steps in few passes over all of them. A subclass that has a `forward` of its own is
    run by the plain loop.

    Shapes: x (B, D), state.h (B, H) -> output h (B, H), LinearState.
    Source: Blelloch 1990, "Prefix sums and their applications"; Martin & Cundy 2018,
    "Parallelizing linear recurrent neural nets over sequence length".
    Raises: ShapeError when an axis of x, of the state, of a or of b differs.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size

    @abstractmethod
    def coefficients(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return a and b of each input by itself: inputs (…, D) -> (…, H), (…, H).

        The axes before the last may be (B,), (T, B) or any other; no input may know another.
        """

    def initial_state(self, batch_size: int) -> LinearState:
        """Return h(0) = 0, on the parameters' device and in their dtype."""
        like = next(self.parameters())
        return LinearState(like.new_zeros(batch_size, self.hidden_size))

    def forward(self, x: Tensor, state: LinearState) -> tuple[Tensor, LinearState]:
        """Take one step."""
        where = type(self).__name__
        check_shape(where, "x", x, "B D", D=self.input_size)
        check_shape(where, "state", state.h, "B H", B=x.shape[0], H=self.hidden_size)
        a, b = checked_coefficients(self, x)
        h = a * state.h + b
        return h, LinearState(h)

    def extra_repr(self) -> str:
        """Return the sizes, shown by `print(cell)`."""
        return f"input_size={self.input_size}, hidden_size={self.hidden_size}"


def checked_coefficients(cell: LinearCell, inputs: Tensor) -> tuple[Tensor, Tensor]:
    """Return `cell.coefficients(inputs)`; ShapeError unless both are (…, H)."""
    a, b = cell.coefficients(inputs)
    wanted = (*inputs.shape[:-1], cell.hidden_size)
    for name, tensor in (("a", a), ("b", b)):
        if tuple(tensor.shape) != wanted:
            raise ShapeError(
                f"{type(cell).__name__}: coefficients of inputs {tuple(inputs.shape)} must be "
                f"{wanted}, got {name} {tuple(tensor.shape)}"
            )
    return a, b
