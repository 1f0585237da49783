"""The graph convolution of Kipf and Welling."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from unroll.graphs.initialisation import glorot
from unroll.graphs.propagation import (
    Propagation,
    check_rows,
    propagate,
    propagate_blocks,
    propagate_plain,
)
from unroll.graphs.sparse_features import SparseFeatures
from unroll.shapes import check_shape

_BLOCK_BYTES = 2**20
"""Half of a core's own cache, where the other half is for what the block is made of."""


class GCNLayer(nn.Module):
    """One graph convolution, without its non-linearity, which is the model's.

        H' = Â H W + b

    A row of H W is what a node says, a row of Â whom a node hears and how loudly: one hop a layer.
    W (D, F) starts as Glorot uniform, b (F,) as zero: D F + F parameters.

    Shapes: x (N, D), dense or SparseFeatures, matrix (N, N) -> (N, F).
    Source: Kipf & Welling 2017, eq. 2, with a bias as in the authors' later code.
    Raises: ShapeError when an axis of x differs.
    """

    def __init__(
        self,
        input_size: int,
        output_size: int,
        *,
        bias: bool = True,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.output_size = output_size
        self.weight = nn.Parameter(torch.empty(input_size, output_size))
        self.bias = nn.Parameter(torch.zeros(output_size)) if bias else None
        glorot(self.weight, generator)

    def forward(self, x: Tensor | SparseFeatures, matrix: Propagation) -> Tensor:
        """Return Â x W + b, multiplied in the order that carries the fewer columns over edges."""
        if isinstance(x, Tensor):
            check_shape("GCNLayer", "x", x, "N D", N=matrix.nodes, D=self.input_size)
        if isinstance(x, Tensor) and self.input_size <= self.output_size:
            check_rows("GCNLayer", matrix, x)
            mixed: Tensor = _MixedFirst.apply(  # type: ignore[no-untyped-call]
                x, self.weight, matrix
            )
        else:
            mixed = propagate(matrix, x @ self.weight)
        return mixed if self.bias is None else mixed.add_(self.bias)

    def extra_repr(self) -> str:
        """Return the sizes, for print(layer)."""
        return f"{self.input_size}, {self.output_size}, bias={self.bias is not None}"


class _MixedFirst(torch.autograd.Function):
    """(P x) W, block after block of rows, so that P x is never written to memory.

    Backward goes through U = Pᵀ g in the same way: ∂L/∂x = U Wᵀ and ∂L/∂W = xᵀ U, for which
    nothing need be kept but x and W.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, matrix: Propagation) -> Tensor:
        ctx.matrix = matrix
        ctx.save_for_backward(x, weight)
        x, weight = x.detach().contiguous(), weight.detach()
        out = x.new_empty(x.shape[0], weight.shape[1])
        for rows, mixed in propagate_blocks(matrix, x, _rows_of_block(weight)):
            torch.mm(mixed, weight, out=out[rows])
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, None]:
        x, weight = ctx.saved_tensors
        gradient = gradient.contiguous()
        to_x = torch.empty_like(x, memory_format=torch.contiguous_format)
        to_weight = torch.zeros_like(weight)
        blocks = propagate_blocks(ctx.matrix.transpose(), gradient, _rows_of_block(weight))
        for rows, mixed in blocks:
            to_weight.addmm_(x[rows].T, mixed)
            if ctx.needs_input_grad[0]:
                torch.mm(mixed, weight.T, out=to_x[rows])
        return (to_x if ctx.needs_input_grad[0] else None), to_weight, None


def _rows_of_block(weight: Tensor) -> int:
    """Return how many rows, of the wider side of W, fit into a block."""
    return max(1, _BLOCK_BYTES // (max(weight.shape) * weight.element_size()))


def gcn_plain(layer: GCNLayer, x: Tensor, matrix: Propagation) -> Tensor:
    """Return Â x W + b, term by term as the equation says; the reference for `GCNLayer`."""
    mixed = propagate_plain(matrix, x @ layer.weight)
    return mixed if layer.bias is None else mixed + layer.bias
