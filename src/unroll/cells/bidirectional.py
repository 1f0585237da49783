"""Two cells that read a sequence from both its ends."""

from functools import cache
from typing import Any, ClassVar

from torch import nn

from unroll.errors import ConfigError

PREFIX = "bidirectional:"
"""Before the name of a cell: two of it, from both ends."""


class Bidirectional(nn.Module):
    """Read forwards with one cell of H/2 units, and backwards with another.

        u(t), s(t) = forwards(x(t), s(t−1))     for t = 1 … T
        v(t), r(t) = backwards(x(t), r(t+1))    for t = T … 1
        y(t) = [u(t), v(t)]

    It is no cell that steps: y(t) knows the steps after t, and there is no state to be passed.
    `unroll.engines.run_scan` runs it, each half by the engine that is fastest for that half; of
    the last M outputs, the backward half has read the last M inputs only.

    `bidirectional(LSTM)` is a class of this kind, called as any cell's:
    `bidirectional(LSTM)(input_size, hidden_size)`, with as many parameters as two cells of H/2.

    Shapes: inputs (B, T, D) -> outputs (B, T, H).
    Source: Schuster & Paliwal 1997, "Bidirectional recurrent neural networks".
    Raises: ConfigError when H is odd.
    """

    half_class: ClassVar[type[Any]]
    """The class of each half."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        if hidden_size < 2 or hidden_size % 2:
            raise ConfigError(
                "bidirectional: hidden-size must be even, one half for each direction, "
                f"got {hidden_size}"
            )
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.forwards = self.half_class(input_size, hidden_size // 2)
        self.backwards = self.half_class(input_size, hidden_size // 2)


@cache
def bidirectional(cell_class: type[Any]) -> type[Bidirectional]:
    """Return the class that reads from both ends with cells of `cell_class`.

    >>> from unroll.cells import LSTM
    >>> bidirectional(LSTM).__name__
    'Bidirectional[LSTM]'

    Raises: ConfigError for a class that already reads from both ends.
    """
    if not is_causal(cell_class):
        raise ConfigError(f"bidirectional: {cell_class.__name__} reads from both ends already")
    name = f"Bidirectional[{cell_class.__name__}]"
    return type(
        name, (Bidirectional,), {"half_class": cell_class, "__doc__": Bidirectional.__doc__}
    )


def is_causal(cell_class: object) -> bool:
    """Return whether what a cell of this class says at a step depends on no later step."""
    return not (isinstance(cell_class, type) and issubclass(cell_class, Bidirectional))


def check_reads_forwards(spec: str, cell_class: object) -> None:
    """Raise ConfigError for a cell that would read the characters it is to predict."""
    if not is_causal(cell_class):
        raise ConfigError(
            f"cell '{spec}': a bidirectional network reads what it is to predict; name a cell that "
            "reads forwards only"
        )


def stepping_class(cell_class: type[Any]) -> type[Any]:
    """Return the class that takes the steps: a half's for two ends, else the class itself."""
    if is_causal(cell_class):
        return cell_class
    # The base class itself has no half.
    half: type[Any] = getattr(cell_class, "half_class", cell_class)
    return half


def stepping_cells(cell: nn.Module) -> tuple[nn.Module, ...]:
    """Return the cells that take the steps: both halves for two ends, else the cell itself."""
    return (cell.forwards, cell.backwards) if isinstance(cell, Bidirectional) else (cell,)
