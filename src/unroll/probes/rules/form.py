"""Rules on the form of a step: shapes and kinds of numbers."""

import torch
from torch import Tensor

from unroll.errors import in_one_line
from unroll.probes.rules.finding import BreachError, UntoldError
from unroll.probes.rules.subject import Subject, default_dtype, has_complex_parameters

_SIZES = {
    "batch": "Look for squeeze(), or for a size that is written as a number.",
    "inputs": "Look for squeeze() and for input_size and hidden_size in each other's place.",
}


def check_shapes(subject: Subject) -> str:
    """Take two steps at several B and D: output (B, H), and a state (B, …) of the form it had."""
    D, H = subject.D, subject.H
    sizes = [(1, D), (5, D), (3, 1), (3, H + 2)]
    for rows, inputs in sizes:
        _try_sizes(subject, rows, inputs)
    seen = f"B {_list({b for b, _ in sizes})} and D {_list({d for _, d in sizes})}"
    return f"{seen}: output (B, H), state (B, …)"


def _list(numbers: set[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))


def _try_sizes(subject: Subject, B: int, D: int) -> None:
    H = subject.H
    where = f"with B = {B}, D = {D}, H = {H}"
    hint = _SIZES["batch" if D == subject.D else "inputs"]
    inputs = subject.inputs(T=2, B=B, D=D)
    try:
        cell = subject.build(D=D)
        state = cell.initial_state(B)
        first = state
        for x in inputs.unbind(1):
            output, state = cell(x, state)
    except Exception as error:
        told = f"{where} it raised {in_one_line(error)}{subject.line_of(error)}"
        raise BreachError(told, hint) from error
    if tuple(output.shape) != (B, H):
        raise BreachError(f"{where} the output is {tuple(output.shape)}, not ({B}, {H})", hint)
    for name, part, begun in zip(state._fields, state, first, strict=True):
        if part.shape != begun.shape or part.shape[:1] != (B,):
            told = f"{where} state.{name} is {tuple(part.shape)} after it was {tuple(begun.shape)}"
            raise BreachError(told, hint)


def check_dtype(subject: Subject) -> str:
    """Try whether a cell in float64 gives outputs and states in float64; bfloat16 is a remark.

    Torch's default dtype is float32 meanwhile, as it is for a user.
    """
    with default_dtype(torch.float32):
        if has_complex_parameters(subject.build()):
            raise UntoldError("a parameter is complex, and stays so whatever dtype is asked for")
        _try_double(subject)
        return f"float32 and float64; bfloat16 {_try_bfloat16(subject)}"


def _try_double(subject: Subject) -> None:
    cell = subject.build().double()
    x = subject.inputs(T=1).double()[:, 0]
    state = cell.initial_state(len(x))
    for name, part in zip(state._fields, state, strict=True):
        if part.is_floating_point() and part.dtype != torch.float64:
            raise BreachError(
                f"initial_state gives state.{name} in {_dtype(part)} where the parameters are "
                "float64",
                "Make it from a parameter, which knows its dtype and device: "
                "weight.new_zeros(batch_size, hidden_size).",
            )
    hint = "Look for .float(), dtype=torch.float32 and torch.tensor(…) in forward."
    try:
        output, following = cell(x, state)
    except Exception as error:
        told = f"in float64 it raised {in_one_line(error)}{subject.line_of(error)}"
        raise BreachError(told, hint) from error
    for name, part in (("the output", output), *zip(state._fields, following, strict=True)):
        if part.is_floating_point() and part.dtype != torch.float64:
            told = f"{name} is {_dtype(part)} after a step where the parameters are float64"
            raise BreachError(told if name == "the output" else f"state.{told}", hint)


def _try_bfloat16(subject: Subject) -> str:
    try:
        cell = subject.build().bfloat16()
        x = subject.inputs(T=1).bfloat16()[:, 0]
        cell(x, cell.initial_state(len(x)))
    except Exception as error:
        return f"does not run ({in_one_line(error)})"
    return "runs"


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
