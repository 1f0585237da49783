"""The interface that a scan relies on, checked rule by rule."""

from typing import Any

import torch
from torch import Tensor, nn

from unroll.cells.bidirectional import Bidirectional
from unroll.cells.cell import Cell
from unroll.cells.linear_cell import LinearCell, checked_coefficients
from unroll.errors import CellError, in_one_line

B, D, H = 3, 2, 8
"""Sizes of the trial step: all different, so that exchanged axes are seen."""


class BrokenFormError(CellError):
    """A cell can be built and takes a step, whose result has not the form that a scan needs."""


def check_cell(cell_class: object, spec: str) -> None:
    """Build a small cell and take two steps, and raise CellError naming the first rule broken.

    Rules: a class derived from torch.nn.Module; called as MyCell(input_size, hidden_size);
    `initial_state(batch_size)` gives a NamedTuple of tensors (B, …); `forward(x, state)` gives
    (output, state) with output (B, H) and a state of the same form; the gradient of the output
    reaches the parameters. A BrokenFormError says that it can be built and takes a step.
    """
    if not (isinstance(cell_class, type) and issubclass(cell_class, nn.Module)):
        raise CellError(f"cell '{spec}': must be a class derived from torch.nn.Module")
    if cell_class in (Cell, LinearCell, Bidirectional):
        raise CellError(f"cell '{spec}': is the base class; give a class derived from it")
    cell = _call(spec, "must be built as MyCell(input_size, hidden_size)", cell_class, D, H)
    for method in ("initial_state", "forward"):
        # nn.Module has a forward of its own that only raises.
        if getattr(cell_class, method, None) in (None, nn.Module.forward):
            raise CellError(f"cell '{spec}': has no method {method}; see docs/own-cell.md")
    state = _call(spec, "initial_state(batch_size) must work", cell.initial_state, B)
    _check_state(spec, "initial_state(batch_size)", state)
    x = torch.linspace(-1, 1, B * D).reshape(B, D)
    for _ in range(2):
        result = _call(spec, "forward(x, state) must work", cell, x, state)
        if not (isinstance(result, tuple) and len(result) == 2 and not hasattr(result, "_fields")):
            raise CellError(f"cell '{spec}': forward(x, state) must return (output, state)")
        output, following = result
        if not isinstance(output, Tensor) or tuple(output.shape) != (B, H):
            raise BrokenFormError(
                f"cell '{spec}': output of forward must be a tensor (B={B}, H={H}), "
                f"got {_describe(output)}"
            )
        _check_state(spec, "forward(x, state)", following)
        if type(following) is not type(state) or _shapes(following) != _shapes(state):
            raise BrokenFormError(
                f"cell '{spec}': forward must return a state of the form it was given, "
                f"{_describe(state)}, got {_describe(following)}"
            )
        state = following
    _check_gradient(spec, cell, output)
    if isinstance(cell, LinearCell):
        _check_coefficients(spec, cell, x)


def _check_state(spec: str, where: str, state: object) -> None:
    if not (isinstance(state, tuple) and hasattr(state, "_fields")):
        raise BrokenFormError(
            f"cell '{spec}': {where} must give its state as a NamedTuple of tensors, "
            f"got {_describe(state)}"
        )
    for name, tensor in zip(state._fields, state, strict=True):
        if not isinstance(tensor, Tensor) or tensor.dim() < 1 or tensor.shape[0] != B:
            raise BrokenFormError(
                f"cell '{spec}': state.{name} from {where} must be a tensor (B={B}, …), "
                f"got {_describe(tensor)}"
            )


def _check_coefficients(spec: str, cell: LinearCell, x: Tensor) -> None:
    """Raise CellError unless the coefficients of steps together are those of each by itself."""
    rule = "coefficients(inputs) must work for inputs (T, B, D)"
    together = _call(spec, rule, checked_coefficients, cell, torch.stack([x, 1 - x]))
    for n, inputs in enumerate((x, 1 - x)):
        each = _call(spec, rule, checked_coefficients, cell, inputs)
        for name, whole, alone in zip("ab", together, each, strict=True):
            if not torch.allclose(whole[n], alone, rtol=1e-4, atol=1e-5):
                raise CellError(
                    f"cell '{spec}': coefficients(inputs) must treat each input by itself; {name} "
                    "of two steps together differs from that of each alone"
                )


def _check_gradient(spec: str, cell: nn.Module, output: Tensor) -> None:
    parameters = [p for p in cell.parameters() if p.requires_grad]
    if not parameters:
        raise BrokenFormError(f"cell '{spec}': has no parameters to train")
    if not output.requires_grad:
        raise BrokenFormError(f"cell '{spec}': no gradient reaches its parameters from the output")


def _call(spec: str, rule: str, function: Any, *arguments: Any) -> Any:
    """Call a user's code, and turn whatever it raises into one line."""
    try:
        return function(*arguments)
    except (Exception, SystemExit) as error:
        reason = in_one_line(error)
        raise CellError(f"cell '{spec}': {rule}; it raised {reason}") from error


def _shapes(state: tuple[Tensor, ...]) -> list[tuple[int, ...]]:
    return [tuple(tensor.shape) for tensor in state]


def _describe(value: object) -> str:
    if isinstance(value, Tensor):
        return f"a tensor {tuple(value.shape)}"
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        inside = (_describe(v) for v in value)
        return f"{type(value).__name__}({', '.join(inside)})"
    return f"a value of type {type(value).__name__}"
