"""Weights gate by gate, for many readings of a cell's parameters at once."""

from dataclasses import dataclass, replace
from typing import TypeAlias

import torch
from torch import Tensor

Exchange: TypeAlias = tuple[tuple[str, int, int], ...]
"""(part, to, source): gate number `to` takes the part x, h or all of gate number `source`."""


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Weights of R readings of a cell with G gates; what a cell lacks is 0."""

    x: Tensor
    """(R, G, H, D)."""
    h: Tensor
    """(R, G, H, H)."""
    bias_x: Tensor
    """(R, G, H): added to what comes from x."""
    bias_h: Tensor
    """(R, G, H): added to what comes from h."""
    extra: Tensor
    """(R, E, H): vectors that are no biases, such as peepholes."""

    def from_x(self, x: Tensor) -> Tensor:
        """Return W_x x + b_x: x (B, D) -> (G, R, B, H)."""
        return (x @ self.x.transpose(2, 3) + self.bias_x.unsqueeze(2)).transpose(0, 1)

    def from_h(self, h: Tensor) -> Tensor:
        """Return W_h h + b_h: h (R, B, H) -> (G, R, B, H)."""
        product = h.unsqueeze(1) @ self.h.transpose(2, 3) + self.bias_h.unsqueeze(2)
        return product.transpose(0, 1)

    def zeros(self, x: Tensor) -> Tensor:
        """Return a state of zeros: x (B, D) -> (R, B, H)."""
        return x.new_zeros(len(self.x), len(x), self.x.shape[2])

    def copied(self, parts: Exchange) -> "Weights":
        """Return the weights with those of one gate in the place of another's."""
        made = self
        for part, to, source in parts:
            order = list(range(self.x.shape[1]))
            order[to] = source
            if part in ("x", "all"):
                made = replace(made, x=made.x[:, order])
            if part in ("h", "all"):
                made = replace(made, h=made.h[:, order])
            if part == "all":
                made = replace(made, bias_x=made.bias_x[:, order], bias_h=made.bias_h[:, order])
        return made

    def at(self, reading: int) -> "Weights":
        """Return the weights of one reading, R = 1."""
        one = slice(reading, reading + 1)
        return Weights(
            x=self.x[one],
            h=self.h[one],
            bias_x=self.bias_x[one],
            bias_h=self.bias_h[one],
            extra=self.extra[one],
        )


def stack(all_of_them: list[Weights]) -> Weights:
    """Return several readings as one."""
    return Weights(
        x=torch.cat([one.x for one in all_of_them]),
        h=torch.cat([one.h for one in all_of_them]),
        bias_x=torch.cat([one.bias_x for one in all_of_them]),
        bias_h=torch.cat([one.bias_h for one in all_of_them]),
        extra=torch.cat([one.extra for one in all_of_them]),
    )
