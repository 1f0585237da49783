"""The vanilla RNN's scan with its backward pass through time written out."""

from typing import Any

import torch
from torch import Tensor

from unroll.engines.blocks import (
    Gradients,
    block_steps,
    blocks,
    first_gradient,
    last_outputs,
    output_gradients,
    project,
    refuse_second_derivatives,
    tanh_from_sigmoid_,
)


def rnn_forward(x: Tensor, h0: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Tensor:
    """Return every h, the initial one first: h(t) = tanh(W_x x(t) + W_h h(t−1) + b).

    Shapes: x (T, B, D), h0 (B, H) -> (T + 1, B, H).
    """
    hs = weight_h.new_empty(x.shape[0] + 1, *h0.shape)
    hs[0] = h0
    project(x, weight_x * 2, bias * 2, out=hs[1:])
    minus_one = hs.new_full((), -1.0)
    weight_h_t = weight_h.T
    before, *rest = hs.unbind(0)
    for h in rest:
        h.addmm_(before, weight_h_t, alpha=2)
        torch.sigmoid(h, out=h)
        tanh_from_sigmoid_(h, minus_one)
        before = h
    return hs


class RNNScan(torch.autograd.Function):
    """A vanilla RNN along a sequence.

    Backward, from t = T to 1, with d(t) the gradient at h(t) and a(t) at the tanh's input:

        a(t)   = d(t) ⊙ (1 − h(t)²)
        d(t−1) = a(t) W_h + ∂L/∂y(t−1)

    Shapes: inputs (B, T, D), h0 (B, H) -> last M outputs (B, M, H), last h (B, H).
    Source: Werbos 1990, "Backpropagation through time". Differentiable once.
    """

    @staticmethod
    def forward(
        ctx: Any,
        last: int,
        inputs: Tensor,
        h0: Tensor,
        weight_x: Tensor,
        weight_h: Tensor,
        bias: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Run the scan, keeping x and every h."""
        x = inputs.transpose(0, 1).contiguous()
        hs = rnn_forward(x, h0, weight_x, weight_h, bias)
        ctx.save_for_backward(x, hs, weight_x, weight_h)
        ctx.set_materialize_grads(False)
        return last_outputs(hs, last), hs[-1].clone()

    @staticmethod
    def backward(
        ctx: Any, d_outputs: Tensor | None, d_last: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        """Return the gradients of inputs, h0, weight_x, weight_h and bias, after a None."""
        refuse_second_derivatives()
        x, hs, weight_x, weight_h = ctx.saved_tensors
        T, B, H = hs.shape[0] - 1, hs.shape[1], hs.shape[2]
        d = first_gradient(d_last, hs[0])
        d_y = output_gradients(d_outputs, T)
        wanted = ctx.needs_input_grad
        gradients = Gradients(x, hs, weight_x, inputs=wanted[1], weights=any(wanted[3:]))
        tanh_backward = torch.ops.aten.tanh_backward.grad_input
        h = hs[1:].unbind(0)
        work = hs.new_empty(min(T, block_steps(d, H)), B, H)
        a = work.unbind(0)
        for block in reversed(list(blocks(T, len(a)))):
            for t in reversed(range(block.start, block.stop)):
                if (d_y_t := d_y[t]) is not None:
                    d.add_(d_y_t)
                a_t = a[t - block.start]
                tanh_backward(d, h[t], grad_input=a_t)
                torch.mm(a_t, weight_h, out=d)
            used = work[: block.stop - block.start]
            gradients.add(block, used, used)
        return None, gradients.inputs(), d, *gradients.weights()
