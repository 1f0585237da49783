"""Features of nodes that are mostly zero, kept as their non-zeros by rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from unroll.errors import ConfigError
from unroll.graphs.dropout import dropout_mask
from unroll.shapes import check_shape

LARGEST_DENSE = 400_000_000
"""Numbers of a dense form at most, as of a matrix of 20,000 nodes."""


@dataclass(frozen=True, eq=False)
class SparseFeatures:
    """A matrix X (N, D) of features as the list of its non-zeros, row after row.

    Row i holds `values[offsets[i]:offsets[i + 1]]` in the columns of the same places. Of Cora's
    2,708 x 1,433 features 98.7% are zero: 49,216 numbers stand for 3.9 million.
    """

    offsets: Tensor
    """Where each row begins, and where the last one ends: (N + 1,) int32 or int64."""
    columns: Tensor
    """The column of each non-zero, of the dtype of `offsets`: (Z,)."""
    values: Tensor
    """The non-zeros themselves: (Z,), floating."""
    width: int
    """D, the number of columns."""

    def __post_init__(self) -> None:
        """Raise unless offsets, columns and values fit each other."""
        check_shape("SparseFeatures", "offsets", self.offsets, "N+1")
        check_shape("SparseFeatures", "columns", self.columns, "Z", Z=self.values.numel())
        if not self.offsets.numel() or int(self.offsets[-1]) != self.values.numel():
            raise ConfigError(
                "SparseFeatures: offsets must end with the number of values, "
                f"{self.values.numel()}, got {self.offsets[-1:].tolist()}: give where rows begin"
            )
        least, most = self.columns.aminmax() if self.columns.numel() else (0, 0)
        if int(least) < 0 or int(most) >= self.width:
            raise ConfigError(
                f"SparseFeatures: columns must lie in 0–{self.width - 1}, "
                f"got {int(least)}–{int(most)}: give the true width"
            )

    @classmethod
    def from_dense(cls, dense: Tensor) -> "SparseFeatures":
        """Return the non-zeros of `dense` (N, D)."""
        check_shape("SparseFeatures.from_dense", "dense", dense, "N D")
        rows, columns = dense.nonzero(as_tuple=True)
        counts = torch.bincount(rows, minlength=dense.shape[0])
        offsets = functional.pad(counts.cumsum(0), (1, 0))
        return cls(offsets.int(), columns.int(), dense[rows, columns], dense.shape[1])

    @classmethod
    def stacked(cls, parts: Sequence["SparseFeatures"]) -> "SparseFeatures":
        """Return the rows of all `parts`, of one width, one part after another."""
        widths = {part.width for part in parts}
        if len(widths) != 1:
            raise ConfigError(f"SparseFeatures.stacked: one width is needed, got {sorted(widths)}")
        counts = torch.cat([part.offsets.diff() for part in parts])
        offsets = functional.pad(counts.cumsum(0), (1, 0)).to(parts[0].offsets.dtype)
        columns = torch.cat([part.columns for part in parts])
        return cls(offsets, columns, torch.cat([part.values for part in parts]), parts[0].width)

    @property
    def shape(self) -> tuple[int, int]:
        """Return (N, D)."""
        return self.offsets.numel() - 1, self.width

    @cached_property
    def rows(self) -> Tensor:
        """The row of each non-zero (Z,), worked out at first use and kept."""
        counts = self.offsets.diff()
        numbers = torch.arange(counts.numel(), dtype=counts.dtype, device=counts.device)
        return numbers.repeat_interleave(counts, output_size=self.values.numel())

    @cached_property
    def by_column(self) -> tuple[Tensor, Tensor, Tensor]:
        """Xᵀ's pattern, worked out at first use and kept.

        That is the order of the non-zeros by column, the row of each in that order, and where
        each column begins.
        """
        order = torch.argsort(self.columns, stable=True)
        counts = torch.bincount(self.columns, minlength=self.width)
        offsets = functional.pad(counts.cumsum(0), (1, 0)).to(self.offsets.dtype)
        return order, self.rows[order], offsets

    def to_dense(self) -> Tensor:
        """Return X as (N, D) numbers, zeros included.

        Raises: ConfigError above 400 million of them, which would take 1.6 GB and more.
        """
        if math.prod(self.shape) > LARGEST_DENSE:
            raise ConfigError(
                f"SparseFeatures.to_dense: at most {LARGEST_DENSE:,} numbers, got "
                f"{self.shape[0]:,} x {self.width:,}: use the sparse form, or give fewer features"
            )
        dense = self.values.new_zeros(self.shape)
        dense[self.rows.long(), self.columns.long()] = self.values
        return dense

    def to(self, dtype: torch.dtype) -> "SparseFeatures":
        """Return these features with values of another dtype."""
        return self.with_values(self.values.to(dtype))

    def with_values(self, values: Tensor) -> "SparseFeatures":
        """Return other `values` (Z,) in the same places, whose rows and order are worked out once.

        So that training on a new draw of dropout each epoch does not sort the columns each epoch.
        """
        other = replace(self, values=values)
        other.__dict__.update(rows=self.rows, by_column=self.by_column)
        return other

    def dropped(self, rate: float, generator: torch.Generator | None = None) -> "SparseFeatures":
        """Return the features with each non-zero set to 0 at `rate`, the others / (1 − rate).

        A zero stays zero whether it is dropped or not, so that this has the distribution of
        dropout on the dense matrix, at a draw a non-zero.
        """
        kept = dropout_mask(
            "SparseFeatures.dropped: rate", self.values, self.values.shape, rate, generator
        )
        return self.with_values(self.values * kept)

    def __getitem__(self, order: Tensor) -> "SparseFeatures":
        """Return the rows that `order` (M,) names, in its order."""
        counts = self.offsets.diff()[order]
        offsets = functional.pad(counts.cumsum(0), (1, 0)).to(self.offsets.dtype)
        starts = (self.offsets[:-1][order] - offsets[:-1]).repeat_interleave(counts)
        places = starts + torch.arange(starts.numel(), device=starts.device)
        return SparseFeatures(offsets, self.columns[places], self.values[places], self.width)

    def __matmul__(self, weight: Tensor) -> Tensor:
        """Return X W, differentiable in W: (N, D) @ (D, F) -> (N, F)."""
        check_shape("SparseFeatures @ weight", "weight", weight, "D F", D=self.width)
        product: Tensor = _Product.apply(weight, self)  # type: ignore[no-untyped-call]
        return product


class _Product(torch.autograd.Function):
    """X W by rows, and Xᵀ G by columns for the gradient of W."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, features: SparseFeatures) -> Tensor:
        ctx.features = features
        return weighted_sums(features.offsets, features.columns, features.values, weight)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        features = ctx.features
        order, rows, offsets = features.by_column
        values = features.values.index_select(0, order)
        return weighted_sums(offsets, rows, values, gradient.contiguous()), None


def weighted_sums(offsets: Tensor, members: Tensor, weights: Tensor, x: Tensor) -> Tensor:
    """Return Σ weights[e] · x[members[e]] over the entries e of each row: x (M, F) -> (N, F).

    `embedding_bag` fetches the rows of x ahead and sums in registers, without an array of E x F
    products; it wants offsets and members of one integer dtype, and int32 halves their bytes.
    Not differentiable: those who call it know a gradient that needs no list of bags.
    """
    return functional.embedding_bag(
        members,
        x.detach(),
        offsets,
        mode="sum",
        per_sample_weights=weights,
        include_last_offset=True,
    )


Features = Tensor | SparseFeatures
"""What is known of each node: (N, D)."""
