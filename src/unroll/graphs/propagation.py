"""How news goes along the edges: Ã, Â and the product of such a matrix with the nodes' rows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from unroll.errors import ConfigError
from unroll.graphs.graph import Graph
from unroll.graphs.sparse_features import weighted_sums
from unroll.shapes import check_shape

LARGEST_DENSE = 20_000
_LARGEST_INT32 = 2**31 - 1


@dataclass(frozen=True, eq=False)
class Propagation:
    """A sparse matrix P (N, N) by rows: row i lists the nodes that i gathers from, and weights.

    (P X)_i = Σ_j P_ij x_j over the entries `offsets[i]` to `offsets[i + 1]` of `sources` (j) and
    `weights` (P_ij). Sources ascend within a row. Of E' entries the matrix costs 8 bytes each, so
    that a graph of any size fits whose edges do; the dense form is for the eye.
    """

    offsets: Tensor
    """Where each row begins, and where the last one ends: (N + 1,) int32, int64 if it must be."""
    sources: Tensor
    """Column of each entry, of the dtype of `offsets`: (E',)."""
    weights: Tensor
    """Value of each entry: (E',), floating."""
    nodes: int
    """N."""
    is_symmetric: bool = field(default=False)
    """Whether P = Pᵀ is known, so that a gradient can be carried back by P itself."""

    def __post_init__(self) -> None:
        """Raise unless the parts have lengths that fit each other."""
        check_shape("Propagation", "offsets", self.offsets, "N+1", **{"N+1": self.nodes + 1})
        check_shape("Propagation", "sources", self.sources, "E", E=self.weights.numel())

    @cached_property
    def targets(self) -> Tensor:
        """Row of each entry (E',), worked out at first use and kept."""
        numbers = torch.arange(self.nodes, dtype=self.sources.dtype, device=self.sources.device)
        return numbers.repeat_interleave(self.offsets.diff(), output_size=self.sources.numel())

    @cached_property
    def by_source(self) -> Tensor:
        """The entries' numbers in the order of Pᵀ, by source and then target; kept once known."""
        return torch.argsort(self.sources, stable=True).to(self.sources.dtype)

    @cached_property
    def _transposed(self) -> "Propagation":
        """Pᵀ of a matrix that is not symmetric, kept once known: one sort for many gradients."""
        counts = torch.bincount(self.sources, minlength=self.nodes)
        offsets = functional.pad(counts.cumsum(0), (1, 0)).to(self.offsets.dtype)
        order = self.by_source
        return Propagation(offsets, self.targets[order], self.weights[order], self.nodes)

    def transpose(self) -> "Propagation":
        """Return Pᵀ: P itself if it is symmetric, otherwise sorted once and kept."""
        return self if self.is_symmetric else self._transposed

    def row_sums(self) -> Tensor:
        """Return Σ_j P_ij for each row i: (N,)."""
        return self.weights.new_zeros(self.nodes).index_add(0, self.targets, self.weights)

    def to_dense(self) -> Tensor:
        """Return P as (N, N) numbers, zeros included.

        Raises: ConfigError above 20,000 nodes, where it would take 1.6 GB and more.
        """
        if self.nodes > LARGEST_DENSE:
            raise ConfigError(
                f"Propagation.to_dense: at most {LARGEST_DENSE:,} nodes, got {self.nodes:,}: "
                "use the sparse form (propagate)"
            )
        dense = self.weights.new_zeros(self.nodes, self.nodes)
        dense[self.targets.long(), self.sources.long()] = self.weights
        return dense

    def to(self, where: torch.dtype | torch.device) -> "Propagation":
        """Return the matrix with another dtype of weights, or on another device."""
        if isinstance(where, torch.dtype):
            offsets, sources, weights = self.offsets, self.sources, self.weights.to(where)
        else:
            offsets, sources = self.offsets.to(where), self.sources.to(where)
            weights = self.weights.to(where)
        return Propagation(offsets, sources, weights, self.nodes, self.is_symmetric)

    def repeated(self, times: int) -> "Propagation":
        """Return the block-diagonal matrix of `times` copies, for a batch of equal graphs.

        Nodes of copy b are b N to (b + 1) N − 1, as in `repeated(graph, times)`: the same matrix
        as that graph's, without normalising again.
        """
        if times < 1:
            raise ConfigError(f"Propagation.repeated: times must be at least 1, got {times}")
        entries = self.sources.numel()
        dtype = index_dtype(times * max(entries, self.nodes + 1))
        copies = torch.arange(times, dtype=dtype, device=self.sources.device).unsqueeze(1)
        offsets = (self.offsets[:-1] + copies * entries).reshape(-1)
        return Propagation(
            functional.pad(offsets, (0, 1), value=times * entries),
            (self.sources + copies * self.nodes).reshape(-1),
            self.weights.repeat(times),
            times * self.nodes,
            self.is_symmetric,
        )


def index_dtype(largest: int) -> torch.dtype:
    """Return int32 where `largest` fits into it, else int64."""
    return torch.int32 if largest <= _LARGEST_INT32 else torch.int64


def adjacency_matrix(graph: Graph) -> Propagation:
    """Return A as the graph's edges say, without added loops: A_ij = 1 for an edge j → i."""
    return _by_rows(graph, graph.edges)


def a_tilde(graph: Graph) -> Propagation:
    """Return Ã = A + I, the adjacency matrix with a loop at every node.

    A node that brings a loop of its own keeps that one, of weight 1: no diagonal entry is 2.
    """
    edges = graph.edges[:, graph.edges[0] != graph.edges[1]]
    loops = torch.arange(graph.nodes, device=edges.device).expand(2, -1)
    return _by_rows(graph, torch.cat([edges, loops], 1))


def a_hat(graph: Graph, *, dtype: torch.dtype = torch.float32) -> Propagation:
    """Return Â = D̃^(−1/2) Ã D̃^(−1/2) with weights of `dtype`; D̃ is the diagonal of Ã's row sums.

    The weight of an edge j → i is 1 / √(d_i d_j), d_i counting i itself and those it gathers from.
    No row of Ã is empty, so nothing is divided by zero: an isolated node keeps its own row. The
    rows of Â do not sum to 1 (those of D̃⁻¹Ã would); `row_sums` gives what they sum to.

    Source: Kipf & Welling 2017, eq. 2, for undirected graphs. For directed ones D̃ counts the
    edges that come in on both sides, as torch_geometric's `gcn_norm` does.
    """
    matrix = a_tilde(graph)
    scale = matrix.offsets.diff().to(torch.float64).rsqrt()
    weights = scale[matrix.targets] * scale[matrix.sources]
    return Propagation(
        matrix.offsets,
        matrix.sources,
        weights.to(dtype),
        matrix.nodes,
        matrix.is_symmetric,
    )


def _by_rows(graph: Graph, edges: Tensor) -> Propagation:
    """Return the matrix with a 1 for every edge, entries sorted by target and source."""
    keys = (edges[1] * graph.nodes + edges[0]).sort().values
    targets = keys.div(graph.nodes, rounding_mode="floor")
    dtype = index_dtype(max(keys.numel(), graph.nodes))
    counts = torch.bincount(targets, minlength=graph.nodes)
    return Propagation(
        functional.pad(counts.cumsum(0), (1, 0)).to(dtype),
        (keys - targets * graph.nodes).to(dtype),
        torch.ones(keys.numel(), device=edges.device),
        graph.nodes,
        not graph.is_directed,
    )


def propagate(matrix: Propagation, x: Tensor) -> Tensor:
    """Return P x, one hop: row i is Σ_j P_ij x_j, differentiable in x.

    Equal to `propagate_plain`, but sums each row where it is read, so that memory grows with
    N F and not with E' F; backward is the same product with Pᵀ.

    Shapes: x (N, F), of the matrix's dtype -> (N, F).
    Raises: ShapeError when x is not (N, F), ConfigError when its dtype differs.
    """
    check_rows("propagate", matrix, x)
    propagated: Tensor = _Propagate.apply(x, matrix)  # type: ignore[no-untyped-call]
    return propagated


def propagate_plain(matrix: Propagation, x: Tensor) -> Tensor:
    """Return P x as the sum itself: every edge's product, then added where it points."""
    check_rows("propagate_plain", matrix, x)
    messages = matrix.weights.unsqueeze(1) * x[matrix.sources]
    return torch.zeros_like(x).index_add(0, matrix.targets, messages)


def propagate_blocks(matrix: Propagation, x: Tensor, rows: int) -> Iterator[tuple[slice, Tensor]]:
    """Yield P x by blocks of `rows` rows, with their numbers; the gradient is the caller's.

    A block that is used while it is in the cache costs no way to memory and back.
    """
    starts = list(range(0, matrix.nodes, rows))
    ends = [*starts[1:], matrix.nodes]
    bounds = matrix.offsets[[*starts, matrix.nodes]].tolist()
    for start, end, first, last in zip(starts, ends, bounds, bounds[1:], strict=False):
        offsets = matrix.offsets[start : end + 1] - first
        sources, weights = matrix.sources[first:last], matrix.weights[first:last]
        yield slice(start, end), weighted_sums(offsets, sources, weights, x)


class _Propagate(torch.autograd.Function):
    """P x with the gradient Pᵀ g, itself a propagation and so differentiable again."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, matrix: Propagation) -> Tensor:
        ctx.matrix = matrix
        return weighted_sums(matrix.offsets, matrix.sources, matrix.weights, x.contiguous())

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return propagate(ctx.matrix.transpose(), gradient), None


def check_rows(where: str, matrix: Propagation, x: Tensor) -> None:
    """Raise unless x has a row for every node, in the matrix's dtype."""
    check_shape(where, "x", x, "N F", N=matrix.nodes)
    if x.dtype != matrix.weights.dtype:
        raise ConfigError(
            f"{where}: x must be {matrix.weights.dtype} as the matrix, got {x.dtype}: "
            f"use matrix.to({x.dtype})"
        )
