"""The scan of a linear recurrence over all steps, with its backward pass, a scan the other way.

Sequences here are (T, B, H). A scan pairs neighbouring steps, carries the pairs, half as many,
and fills in the steps between them: about 2 log₂ T passes, whose lengths add up to about two over
the sequence. Nothing is divided, so a may be 0 or negative. Where a step is wide enough to fill a
call by itself, and for the last few pairs, a loop of one call a step is quicker.
"""

from typing import Any

import torch
from torch import Tensor

LOOP_STEPS = 16
"""Steps up to which a loop is as quick as pairing."""


def carry(a: Tensor, b: Tensor, h0: Tensor, *, reverse: bool = False) -> Tensor:
    """Return every h of h(t) = a(t) ⊙ h(t−1) + b(t), with h(0) given; not differentiated.

    `reverse` runs from the last step to the first: h(t) = a(t) ⊙ h(t+1) + b(t), with h(T+1)
    given.

    Shapes: a and b (T, B, H), h0 (B, H) -> (T, B, H).
    """
    hs = torch.empty_like(b, memory_format=torch.contiguous_format)
    if len(b) <= LOOP_STEPS:
        _loop(a, b, h0, hs, reverse=reverse)
    elif reverse:
        flipped = torch.empty_like(hs)
        _pair(a.flip(0), b.flip(0), h0, flipped)
        hs = flipped.flip(0)
    else:
        _pair(a, b, h0, hs)
    return hs


def _loop(a: Tensor, b: Tensor, h: Tensor, out: Tensor, *, reverse: bool = False) -> None:
    """Fill `out` with one call a step."""
    steps = list(zip(a.unbind(0), b.unbind(0), out.unbind(0), strict=True))
    for a_t, b_t, out_t in reversed(steps) if reverse else steps:
        h = torch.addcmul(b_t, a_t, h, out=out_t)


def _pair(a: Tensor, b: Tensor, h0: Tensor, out: Tensor) -> None:
    """Fill `out` by pairs of steps: the second of each first, from which the others follow.

    (a₂, b₂) after (a₁, b₁) is (a₂ ⊙ a₁, a₂ ⊙ b₁ + b₂).
    """
    T = len(b)
    if T <= LOOP_STEPS:
        _loop(a, b, h0, out)
        return
    even = T - T % 2
    a_1, b_1, a_2, b_2 = a[0:even:2], b[0:even:2], a[1:even:2], b[1:even:2]
    seconds = out[1:even:2]
    _pair(a_2 * a_1, torch.addcmul(b_2, a_2, b_1), h0, seconds)
    torch.addcmul(b[0], a[0], h0, out=out[0])
    firsts = out[2::2]
    torch.addcmul(b[2::2], a[2::2], seconds[: len(firsts)], out=firsts)


class LinearScan(torch.autograd.Function):
    """h(t) = a(t) ⊙ h(t−1) + b(t) along a sequence.

    Backward, from t = T to 1, with g(t) the gradient of the loss at h(t):

        g(t)      = ∂L/∂y(t) + a(t+1) ⊙ g(t+1)
        ∂L/∂b(t)  = g(t),   ∂L/∂a(t) = g(t) ⊙ h(t−1),   ∂L/∂h(0) = a(1) ⊙ g(1)

    which is a scan of the same form in the other direction. Differentiable any number of times.

    Shapes: a and b (T, B, H), h0 (B, H) -> every h (T, B, H).
    Source: Martin & Cundy 2018, "Parallelizing linear recurrent neural nets over sequence
    length", §2.2.
    """

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor, h0: Tensor) -> Tensor:
        """Run the scan, keeping a and every h."""
        hs = carry(a, b, h0)
        ctx.save_for_backward(a, h0, hs)
        return hs

    @staticmethod
    def backward(ctx: Any, d_hs: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of a, b and h0."""
        a, h0, hs = ctx.saved_tensors
        g = _carry_back(a, d_hs)
        wants_a, _, wants_h0 = ctx.needs_input_grad
        d_a = g * torch.cat([h0[None], hs[:-1]]) if wants_a else None
        return d_a, g, a[0] * g[0] if wants_h0 else None


def _carry_back(a: Tensor, d_hs: Tensor) -> Tensor:
    """Return every g: g(T) = ∂L/∂y(T), and so on backwards."""
    if len(d_hs) == 1:
        return d_hs
    last = d_hs[-1]
    if torch.is_grad_enabled():
        # The gradient is to be differentiated in turn.
        before = LinearScan.apply(a[1:].flip(0), d_hs[:-1].flip(0), last)  # type: ignore[no-untyped-call]
        return torch.cat([before.flip(0), last[None]])
    return torch.cat([carry(a[1:], d_hs[:-1], last, reverse=True), last[None]])
