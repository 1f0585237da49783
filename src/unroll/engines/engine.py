"""The interface of an engine: one way to carry a cell along a sequence."""

from typing import Any, Protocol

from torch import Tensor, nn

from unroll.cells import GRU, LSTM, RNN, RecurrentCell
from unroll.scan import scan

BUILT_IN: tuple[type, ...] = (RNN, LSTM, GRU)


def is_built_in(cell: RecurrentCell) -> bool:
    """Return whether `cell` is exactly an RNN, LSTM or GRU, called without hooks.

    A subclass may override the step, and a hook must see every step: both belong to the plain
    scan, which calls the cell; the other engines only read its parameters.
    """
    return type(cell) in BUILT_IN and isinstance(cell, nn.Module) and not has_hooks(cell)


def has_hooks(cell: nn.Module) -> bool:
    """Return whether somebody wants to see each call of `cell`."""
    hooks = (
        cell._forward_hooks,
        cell._forward_pre_hooks,
        cell._backward_hooks,
        cell._backward_pre_hooks,
    )
    return any(hooks)


class Engine(Protocol):
    """One way to compute what `unroll.scan.scan` computes.

    Only the outputs of the last M steps are returned, because an engine can spare the work on
    gradients that never come.

    Shapes: inputs (B, T, D), state, last M -> outputs (B, M, H), state after the last step.
    Shapes are checked by `run_scan`, not here.
    """

    @property
    def name(self) -> str:
        """The name it is chosen by and recorded under."""
        ...

    def supports(self, cell: RecurrentCell) -> bool:
        """Return whether this engine can run `cell`."""
        ...

    def scan(
        self, cell: RecurrentCell, inputs: Tensor, state: Any, last: int
    ) -> tuple[Tensor, Any]:
        """Carry `cell` along `inputs` from `state`; return the last outputs and the state."""
        ...


class PlainEngine:
    """The plain loop over time: runs any cell, and is what the others must equal."""

    name = "plain"

    def supports(self, cell: RecurrentCell) -> bool:  # noqa: ARG002 - any cell will do
        """Return True."""
        return True

    def scan(
        self, cell: RecurrentCell, inputs: Tensor, state: Any, last: int
    ) -> tuple[Tensor, Any]:
        """Carry `cell` along `inputs` from `state`, one call a step."""
        outputs, state = scan(cell, inputs, state)
        return outputs[:, -last:], state
