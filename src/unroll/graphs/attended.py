"""Attended sums over neighbours without an array of edges times features."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from unroll.graphs.propagation import Propagation
from unroll.graphs.sparse_features import weighted_sums

# Beyond e^-40 a row whose sources all score low would lose digits in float32, then divide 0 by 0.
WIDEST_SCORES = 40.0

# Below the sum of any row that has an entry, and so far above 0 that a gradient may be divided by
# it where a row has none: by the smallest float it would be infinite, and 0 · ∞ is no number.
_LEAST_TOTAL = math.exp(-WIDEST_SCORES - 1)

# A column more costs a narrow sum less than a sum of its own; beyond a cache line it costs more.
_NARROW = 16


def is_factorable(h: Tensor, source: Tensor) -> bool:
    """Return whether `attended` is exact for the scores s = h · source of the sources.

    It shifts by each head's largest score of all, not by each row's, and so may be used where no
    score lies more than 40 below that. False if a score is not finite.

    Shapes: h (K, N, F), source (K, F).
    """
    s = torch.bmm(h, source.unsqueeze(2))
    return bool((s.amax(1) - s.amin(1) <= WIDEST_SCORES).all())


def attended(
    h: Tensor,
    source: Tensor,
    target: Tensor,
    matrix: Propagation,
    slope: float,
    kept: Tensor | None,
) -> Tensor:
    """Return Σ_j α_ij m_ij h_j with α_ij = softmax over row i of LeakyReLU(s_j + d_i).

    LeakyReLU(x) is the larger of x and slope·x, so its exponential factors into nodes' parts:

        s_j = source · h_j,  d_i = target · h_i,  S = max s                          a head
        exp(LeakyReLU(s_j + d_i)) ∝ p_ij = max(a_j, b_j r_i)
        a_j = e^(s_j − S),  b_j = e^(slope (s_j − S)),  r_i = min(1, e^((slope − 1) (S + d_i)))

    up to a factor of row i alone, which the softmax cancels. No part exceeds 1, and capping r at 1
    changes nothing: at S + d_i < 0 every b_j r_i is the larger anyway.

    Backward needs no product an edge either. With g_i = ∂L/∂out_i / Σ_j p_ij, t_i = g_i · out_i
    and n_ij = p_ij where b_j r_i is the larger, else 0:

        ∂L/∂s_j = h_j · Σ_i c_ij g_i − Σ_i c_ij t_i                   c = p − (1 − slope) n
        ∂L/∂d_i = (1 − slope) (t_i Σ_j n_ij − g_i · Σ_j n_ij h_j)
        ∂L/∂h_j = Σ_i p_ij g_i + ∂L/∂s_j source + ∂L/∂d_j target

    all of them weighted sums by rows of the matrix or of its transpose. m (`kept`) is dropout's
    mask: where it is given, p and n carry it in the sums of h and g, not in those of 1 and t.

    Shapes: h (K, N, F), source and target (K, F), kept (K, E') or None -> (N, K, F).
    Memory: three numbers an edge, one head at a time; an array of messages has E' K F.
    """
    wants = any(x.requires_grad for x in (h, source, target))
    needed = torch.is_grad_enabled() and wants
    out: Tensor = _Attended.apply(  # type: ignore[no-untyped-call]
        h, source, target, matrix, slope, kept, needed
    )
    return out


class _Attended(torch.autograd.Function):
    """The sums of `attended` and their gradients, head by head."""

    @staticmethod
    def forward(
        ctx: Any,
        h: Tensor,
        source: Tensor,
        target: Tensor,
        matrix: Propagation,
        slope: float,
        kept: Tensor | None,
        needed: bool,
    ) -> Tensor:
        K, N, F = h.shape
        parts = _node_parts(h, source, target, slope)
        weights = _EdgeWeights(matrix, h)
        out, totals, ones = h.new_empty(N, K, F), h.new_empty(K, N, 1), h.new_ones(N, 1)
        below = h.new_empty((K, N, F + 1) if needed else (0,))
        for k in range(K):
            p, n = weights(*(part[k] for part in parts))
            mask = None if kept is None else kept[k]
            sums, total = _sums(matrix, p, h[k], ones, mask)
            torch.clamp(total, min=_LEAST_TOTAL, out=totals[k])
            torch.div(sums, totals[k], out=out[:, k])
            if needed:
                below[k, :, :-1], below[k, :, -1:] = _sums(matrix, n, h[k], ones, mask)
        ctx.matrix, ctx.slope, ctx.kept = matrix, slope, kept
        ctx.save_for_backward(h, source, target, *parts, totals, below, out)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        h, source, target, a, b, r, totals, below, out = ctx.saved_tensors
        transposed, fall = ctx.matrix.transpose(), 1 - ctx.slope
        weights = _EdgeWeights(transposed, h, of_transpose=True)
        turned = None if ctx.kept is None else ctx.kept.index_select(1, ctx.matrix.by_source)
        to_h, to_source, to_target = (torch.empty_like(x) for x in (h, source, target))
        for k in range(h.shape[0]):
            g = gradient[:, k] / totals[k]
            t = (g * out[:, k]).sum(1, keepdim=True)
            to_d = (t * below[k, :, -1:]).sub_((g * below[k, :, :-1]).sum(1, keepdim=True))
            to_d = to_d.mul_(fall).squeeze(1)
            mask = None if turned is None else turned[k]
            p, n = weights(a[k], b[k], r[k])
            by_p, t_by_p = _sums(transposed, p, g, t, mask)
            by_n, t_by_n = _sums(transposed, n, g, t, mask)
            to_s = (h[k] * (by_p - fall * by_n)).sum(1)
            to_s = to_s.sub_((t_by_p - fall * t_by_n).squeeze(1))
            to_h[k] = by_p.addr(to_s, source[k]).addr_(to_d, target[k])
            torch.mv(h[k].T, to_s, out=to_source[k])
            torch.mv(h[k].T, to_d, out=to_target[k])
        return to_h, to_source, to_target, None, None, None, None


class _EdgeWeights:
    """p and n of every entry of a matrix for one head after another, in arrays used again.

    New arrays of E' numbers for every head would cost more in page faults than in arithmetic.
    """

    def __init__(self, matrix: Propagation, like: Tensor, *, of_transpose: bool = False) -> None:
        ends = matrix.sources, matrix.targets
        self.attended, self.attending = ends[::-1] if of_transpose else ends
        self.buffers = like.new_empty(3, matrix.sources.numel())
        self.is_less = torch.empty_like(matrix.sources, dtype=torch.bool)

    def __call__(self, a: Tensor, b: Tensor, r: Tensor) -> tuple[Tensor, Tensor]:
        """Return p = max(a_j, b_j r_i) and n, (E',) each, good until the next call."""
        first, second, third = self.buffers
        torch.index_select(a, 0, self.attended, out=first)
        torch.index_select(b, 0, self.attended, out=second)
        torch.index_select(r, 0, self.attending, out=third)
        second.mul_(third)
        torch.lt(second, first, out=self.is_less)
        p = torch.maximum(first, second, out=third)
        return p, second.masked_fill_(self.is_less, 0)


def _node_parts(
    h: Tensor, source: Tensor, target: Tensor, slope: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return a, b and r of every node: (K, N) each."""
    s = torch.bmm(h, source.unsqueeze(2)).squeeze(2)
    d = torch.bmm(h, target.unsqueeze(2)).squeeze(2)
    largest = s.amax(1, keepdim=True)
    below = s - largest
    return below.exp(), (below * slope).exp_(), ((d + largest) * (slope - 1)).clamp_(max=0).exp_()


def _sums(
    matrix: Propagation, weights: Tensor, rows: Tensor, column: Tensor, mask: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Return the weighted sums of `rows`, with dropout's mask if any, and of `column`, without."""
    offsets, sources = matrix.offsets, matrix.sources
    if mask is None and rows.shape[1] < _NARROW:
        both = weighted_sums(offsets, sources, weights, torch.cat([rows, column], 1))
        return both[:, :-1], both[:, -1:]
    masked = weights if mask is None else weights * mask
    sums = weighted_sums(offsets, sources, masked, rows.contiguous())
    return sums, weighted_sums(offsets, sources, weights, column)
