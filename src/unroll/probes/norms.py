"""Euclidean norms of numbers whose squares are no numbers any more."""

import torch
from torch import Tensor


def row_norms(rows: Tensor) -> Tensor:
    """Return ‖x‖ of each row, as m ‖x / m‖ with m the row's largest absolute entry.

    The square of 1e-200 is 0 in float64, and that of 1e-23 in float32: a norm taken from squares
    would lose a gradient that is still there. Scaled by m, the largest square is 1. A row of
    zeros has norm 0 exactly; one with an infinite entry has inf, with a nan nan.

    Shapes: rows (N, …) -> (N,). Norms are in the unit and dtype of the entries.
    Source: Blue 1978, "A portable Fortran program to find the Euclidean norm of a vector".

    >>> tiny = 2.0**-100  # whose square is 0 in float32
    >>> (row_norms(torch.tensor([[3.0, 4.0], [0.0, 0.0]]) * tiny) / tiny).tolist()
    [5.0, 0.0]
    """
    flat = rows.reshape(rows.shape[0], -1)
    largest = flat.abs().amax(1)
    usable = largest.isfinite() & (largest > 0)
    scale = torch.where(usable, largest, torch.ones_like(largest))
    norms = scale * (flat / scale.unsqueeze(1)).square().sum(1).sqrt()
    return torch.where(usable, norms, largest)
