"""Smoothing: how alike the nodes of a graph become, by propagation alone or in a network."""

import torch
from torch import Tensor

from unroll.errors import ConfigError
from unroll.graphs import Propagation, SparseFeatures, propagate


def smoothed(matrix: Propagation, x: Tensor | SparseFeatures, k: int) -> Tensor:
    """Return Âᵏ X: k hops of propagation and nothing else, no weights and no non-linearity.

    Shapes: matrix (N, N), x (N, D), dense or sparse -> (N, D), dense.
    Source: Wu et al. 2019, "Simplifying Graph Convolutional Networks".
    Raises: ConfigError for a negative k.
    """
    if k < 0:
        raise ConfigError(f"smoothed: k must be 0 hops or more, got {k}")
    rows = x.to_dense() if isinstance(x, SparseFeatures) else x
    for _ in range(k):
        rows = propagate(matrix, rows)
    return rows


def dirichlet_energy(matrix: Propagation, x: Tensor) -> float:
    """Return how much neighbours differ, as a share of how large the rows are.

        E(X) = ½ Σ_ij Ã_ij ‖x_i/√d_i − x_j/√d_j‖² / ‖X‖²_F  =  tr(Xᵀ (I − Â) X) / ‖X‖²_F

    It lies in 0 … 2. 0: each connected part has rows proportional to √d_i, which is all that Âᵏ X
    comes to in the end. Divided by ‖X‖² it does not fall when all rows merely shrink; it is 0
    where all rows are 0.

    Shapes: matrix Â (N, N), symmetric, x (N, D). Source: Cai & Wang 2020, "A note on
    over-smoothing for graph neural networks", who do not divide.
    Raises: ConfigError for rows that are not finite, which are no more alike than they differ.
    """
    rows = _finite("dirichlet_energy", x)
    size = rows.square().sum()
    if not bool(size > 0):
        return 0.0
    inner = (rows * propagate(matrix.to(torch.float64), rows)).sum()
    # Rounding may leave a difference of two equal sums below 0.
    return max(0.0, float((size - inner) / size))


def mean_cosine(x: Tensor) -> float:
    """Return the mean cosine between the rows of all pairs of two nodes, in −1 … 1.

    1: all rows point the same way, so that nodes can no longer be told apart by direction. A row
    of zeros, which points nowhere, counts 0 with every other and 1 with another of zeros, as they
    are the same. With u_i = x_i / ‖x_i‖ the sum over pairs is (‖Σ_i u_i‖² − Σ_i ‖u_i‖²) / 2: N²
    cosines are never built.

    Shapes: x (N, D), N at least 2.
    Raises: ConfigError for fewer than two nodes, or rows that are not finite.
    """
    count = x.shape[0]
    if count < 2:
        raise ConfigError(f"mean_cosine: needs at least 2 nodes, got {count}")
    rows = _finite("mean_cosine", x)
    lengths = rows.norm(dim=1, keepdim=True)
    units = torch.where(lengths > 0, rows / lengths.clamp(min=1e-300), 0.0)
    together = float(units.sum(0).square().sum() - units.square().sum())
    empty = int((lengths == 0).sum())
    return (together + empty * (empty - 1)) / (count * (count - 1))


def _finite(where: str, x: Tensor) -> Tensor:
    """Return x in float64, in which squares of float32 numbers stay finite."""
    bad = (~x.isfinite()).any(1).nonzero()
    if bad.numel():
        raise ConfigError(
            f"{where}: rows must be finite, and that of node {int(bad[0])} is not: "
            "scale the features down, or train at a lower rate"
        )
    return x.double()
