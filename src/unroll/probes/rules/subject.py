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
        """Return a cell; the same arguments give the same draws from torch's generator."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed + other)
            return self.cell_class(D or self.D, H or self.H)

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
    dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_num_threads(threads)


def largest(difference: Tensor) -> float:
    """Return the largest absolute value; 0 of an empty tensor."""
    return float(difference.detach().abs().max()) if difference.numel() else 0.0


def differ(one: Tensor, other: Tensor, *, tolerance: float = 1e-9) -> float:
    """Return the largest difference, or 0 where it is within `tolerance` of the values' size.

    Float64 rounds at 2e-16; the same sums in another order stay far below 1e-9 of their size.
    Raises no error where shapes differ: that is infinitely different.
    """
    if one.shape != other.shape:
        return float("inf")
    difference = largest(one.double() - other.double())
    size = max(1.0, largest(other))
    return difference if difference > tolerance * size or difference != difference else 0.0
