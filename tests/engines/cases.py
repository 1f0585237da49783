"""What the tests of all engines share: a scan with everything that can be compared about it."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from unroll.cells import GRU, LSTM, RNN
from unroll.engines import run_scan

CELLS: list[type[RNN | LSTM | GRU]] = [RNN, LSTM, GRU]
FAST = ["torch", "closed-form"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A cell, inputs (B, T, D) and perhaps an initial state, all asking for gradients."""

    cell: RNN | LSTM | GRU
    inputs: Tensor
    state: Any = None

    @property
    def asked(self) -> dict[str, Tensor]:
        """All that a gradient is taken with respect to."""
        state = {} if self.state is None else self.state._asdict()
        return {
            "inputs": self.inputs,
            **dict(self.cell.named_parameters()),
            **{f"{name}(0)": part for name, part in state.items()},
        }

    def values(self, engine: str, last: int | None = None) -> dict[str, Tensor]:
        """Return outputs and final state by name."""
        outputs, final = run_scan(self.cell, self.inputs, self.state, engine, last=last)
        return {"outputs": outputs, **{f"{name}(T)": part for name, part in _named(final)}}

    def everything(self, engine: str, last: int | None = None) -> dict[str, Tensor]:
        """Return the values and all gradients of a loss with random weights on all values."""
        values = self.values(engine, last)
        generator = torch.Generator().manual_seed(1)
        weights = [
            torch.randn(value.shape, generator=generator, dtype=torch.float64).to(value.dtype)
            for value in values.values()
        ]
        loss = torch.stack(
            [(value * w).sum() for value, w in zip(values.values(), weights, strict=True)]
        ).sum()
        gradients = torch.autograd.grad(loss, list(self.asked.values()))
        named = zip(self.asked, gradients, strict=True)
        return {
            **{name: value.detach() for name, value in values.items()},
            **{f"gradient of {name}": gradient for name, gradient in named},
        }


def make_case(
    cell_class: type[RNN | LSTM | GRU],
    sizes: tuple[int, int, int, int],
    dtype: torch.dtype = torch.float64,
    *,
    with_state: bool = True,
) -> Case:
    """Return a random case of sizes (B, T, D, H)."""
    B, T, D, H = sizes
    generator = torch.Generator().manual_seed(1000 * B + 100 * T + 10 * D + H)
    cell = cell_class(D, H, generator=generator).to(dtype)
    zero = cell.initial_state(B)
    parts = [_draw(generator, dtype, B, H) for _ in zero]
    state = type(zero)(*parts) if with_state else None
    return Case(cell=cell, inputs=_draw(generator, dtype, B, T, D), state=state)


def assert_equal(one: dict[str, Tensor], other: dict[str, Tensor], tolerance: float) -> None:
    """Compare within `tolerance` of each tensor's largest entry, or of 1 if that is smaller."""
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert value.shape == other[name].shape, name
        scale = max(1.0, value.abs().max().item())
        assert (value - other[name]).abs().max().item() <= tolerance * scale, name


def _draw(generator: torch.Generator, dtype: torch.dtype, *shape: int) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=dtype).requires_grad_()


def _named(state: Any) -> list[tuple[str, Tensor]]:
    return list(state._asdict().items())
