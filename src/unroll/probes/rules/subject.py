"""The cell that is checked, and what it is tried on."""

import contextlib
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from unroll.scan import scan
from unroll.seeding import make_generator

B, T = 4, 10
"""Rows and steps of a trial."""
LONG = 32
"""Steps after which what had no effect has none: a part of a state may be renewed now and then."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A cell's class, the sizes it is built with, and the seed of all draws.

    Shapes: x (B, D), inputs (B, T, D), in torch's default dtype, which the rules set to float64.
    """

    cell_class: type[Any]
    """Builds a cell as `cell_class(input_size, hidden_size)`."""
    path: str | None
    """The file that defines it; None where it is not known."""
    D: int
    """Inputs a step."""
    H: int
    """Hidden units."""
    seed: int
    """Of the parameters and the inputs."""

    def build(self, *, D: int | None = None, H: int | None = None, other: int = 0) -> Any:
        """Return a cell; the same arguments give the same draws from torch's generator.

        Its parameters have torch's default dtype, also where the constructor names another.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed + other)
            cell = self.cell_class(D or self.D, H or self.H)
        # `to` would make real numbers of complex ones.
        return cell.double() if torch.get_default_dtype() == torch.float64 else cell.float()

    def inputs(self, *, T: int = T, B: int = B, D: int | None = None, other: int = 0) -> Tensor:
        """Return random inputs (B, T, D), the same for the same arguments."""
        generator = make_generator(self.seed + other, "rules")
        return torch.randn(B, T, D or self.D, generator=generator)

    def run(self, cell: Any, inputs: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Scan without gradients: inputs (B, T, D) -> outputs (B, T, H), last state."""
        with torch.no_grad():
            return scan(cell, inputs, state)

    def reach(self, cell: Any, *, other: int = 1) -> Any:
        """Return a state that the cell itself comes to, after three steps on other inputs."""
        state = self.run(cell, self.inputs(T=3, other=other))[1]
        return type(state)(*(part.detach().clone() for part in state))

    def line_of(self, error: BaseException) -> str:
        """Return ` (line 31 of my.py)`: where in the cell's file it was raised; else nothing."""
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == self.path]
        name = Path(self.path).name if self.path else ""
        return f" (line {lines[-1]} of {name})" if lines else ""


@contextlib.contextmanager
def in_float64() -> Iterator[None]:
    """Make float64 torch's default dtype, and one thread do: small sums gain nothing by more.

    What a cell draws meanwhile leaves torch's generator as it was.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with default_dtype(torch.float64), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            yield
    finally:
        torch.set_num_threads(threads)


@contextlib.contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    """Make another dtype torch's default for a while."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def gradients_of(value: Tensor, wanted: list[Tensor]) -> list[Tensor]:
    """Return the gradient of a weighted sum of `value` by each tensor; zeros where none arrives."""
    if not value.requires_grad:
        return [torch.zeros_like(part) for part in wanted]
    weights = torch.linspace(1, 2, value.numel()).view_as(value)
    # By allow_unused a gradient may be None, which its type does not say.
    found: tuple[Tensor | None, ...] = torch.autograd.grad(
        (value * weights).sum(), wanted, allow_unused=True
    )
    pairs = zip(found, wanted, strict=True)
    return [torch.zeros_like(part) if one is None else one for one, part in pairs]


def largest(difference: Tensor) -> float:
    """Return the largest absolute value; 0 of an empty tensor."""
    return float(difference.detach().abs().max()) if difference.numel() else 0.0


def is_continuous(tensor: Tensor) -> bool:
    """Return whether a tensor holds real or complex numbers, which a little can be added to."""
    return tensor.is_floating_point() or tensor.is_complex()


def has_complex_parameters(cell: Any) -> bool:
    """Return whether a parameter is complex: then it follows no change of a cell's dtype."""
    return any(parameter.is_complex() for parameter in cell.parameters())


def differ(one: Tensor, other: Tensor, *, tolerance: float = 1e-9) -> float:
    """Return the largest difference, or 0 where it is within `tolerance` of the values' size.

    Float64 rounds at 2e-16; the same sums in another order stay far below 1e-9 of their size.
    Raises no error where shapes differ: that is infinitely different.
    """
    if one.shape != other.shape:
        return float("inf")
    one, other = (part if part.is_complex() else part.double() for part in (one, other))
    difference = largest(one - other)
    size = max(1.0, largest(other))
    return difference if difference > tolerance * size or difference != difference else 0.0
