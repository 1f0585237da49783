"""Linear cells along a sequence: the coefficients of all steps at once, then a scan of them.

Measured on one thread of an AVX2 CPU, forward and backward, minGRU, H = 64, in processor time: at
B = 1 15 times as fast as the plain loop at T = 100, and 45 times at T = 1,000; at B = 64 twice and
three times. How far it is from the time of what must be computed: `benchmarks.parallel_scan`.
"""

from typing import Any

import torch
from torch import Tensor

from unroll.cells import LinearCell, LinearState, RecurrentCell
from unroll.cells.linear_cell import checked_coefficients
from unroll.engines.blocks import block_steps, blocks
from unroll.engines.engine import has_hooks
from unroll.engines.linear_scan import LinearScan

WIDTH = 6
"""Vectors of H numbers that a step works with: a, b, h, and their making."""
BLOCKS, LEAST = 4, 32
"""Steps are taken together by so many of the closed forms' blocks, and so many at least; from a
quarter of this to four times as much, the measured times differ by little more than their noise."""


class ParallelEngine:
    """A `LinearCell` by its coefficients: h(t) = a(t) ⊙ h(t−1) + b(t) for all t together.

    The cell is asked once for a and b of all steps, which no state has to be known for; the scan
    of them is `LinearScan`, a handful of passes instead of T steps, and so is its gradient.
    Without gradients, memory beyond the outputs does not grow with T.

    Products of several a stand where the plain loop has one after another: where |a| > 1 over
    many steps they may overflow earlier than h does.

    Shapes: inputs (B, T, D), state, last M -> outputs (B, M, H), state.
    """

    name = "parallel"

    def supports(self, cell: RecurrentCell) -> bool:
        """Return whether `cell` is a LinearCell with the step that follows from that, no hooks."""
        return isinstance(cell, LinearCell) and _has_derived_step(cell) and not has_hooks(cell)

    def scan(
        self, cell: RecurrentCell, inputs: Tensor, state: Any, last: int
    ) -> tuple[Tensor, Any]:
        """Carry `cell` along `inputs` from `state`."""
        assert isinstance(cell, LinearCell)
        T, h = inputs.shape[1], state.h
        kept = []
        for block in blocks(T, _block_length(h, T)):
            a, b, h = _prepare(cell, inputs[:, block], h)
            hs = LinearScan.apply(a, b, h)  # type: ignore[no-untyped-call]
            h = hs[-1]
            if block.stop > T - last:
                kept.append(hs[max(0, T - last - block.start) :])
        # The state would keep the whole block alive.
        return torch.cat(kept).transpose(0, 1), LinearState(h.clone())


def _has_derived_step(cell: LinearCell) -> bool:
    """Return whether the step is the one that `LinearCell` derives from the coefficients."""
    own = {"forward", "__call__"} & vars(cell).keys()
    kind = type(cell)
    return not own and kind.forward is LinearCell.forward and kind.__call__ is LinearCell.__call__


def _prepare(cell: LinearCell, inputs: Tensor, h0: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return a and b (T, B, H) of inputs (B, T, D), and h0, all in the dtype of their sum."""
    a, b = checked_coefficients(cell, inputs.transpose(0, 1).contiguous())
    dtype = torch.promote_types(torch.promote_types(a.dtype, h0.dtype), b.dtype)
    return a.to(dtype), b.to(dtype), h0.to(dtype)


def _block_length(h: Tensor, T: int) -> int:
    """Return how many steps are taken together: on a CPU, what stays in its cache."""
    if h.device.type != "cpu":
        return T
    return max(LEAST, BLOCKS * block_steps(h, WIDTH * h.shape[1]))
