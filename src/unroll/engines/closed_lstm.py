"""The LSTM's scan with its backward pass through time written out."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from unroll.engines.blocks import (
    Gradients,
    block_steps,
    blocks,
    doubled,
    first_gradient,
    last_outputs,
    output_gradients,
    project,
    refuse_second_derivatives,
    tanh_from_sigmoid_,
)


class LSTMTape(NamedTuple):
    """What n steps leave behind for the backward pass."""

    gates: Tensor
    """i, f, g, o after their non-linearities, (n, B, 4H)."""
    cells: Tensor
    """c(t), (n, B, H)."""
    squashed: Tensor
    """tanh(c(t)), (n, B, H)."""


def lstm_forward(
    x: Tensor, h0: Tensor, c0: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor
) -> tuple[Tensor, LSTMTape]:
    """Return every h, the initial one first, and the tape, by the equations of `unroll.cells.LSTM`.

    Shapes: x (T, B, D), h0 and c0 (B, H) -> (T + 1, B, H), tape of T steps.
    """
    T, (B, H) = x.shape[0], h0.shape
    g_rows = slice(2 * H, 3 * H)
    hs = h0.new_empty(T + 1, B, H)
    hs[0] = h0
    # Several allocations on purpose. The C library keeps freed memory up to twice the largest
    # piece, if that is below 32 MiB; else each training step fetches its pages anew.
    tape = LSTMTape(h0.new_empty(T, B, 4 * H), h0.new_empty(T, B, H), h0.new_empty(T, B, H))
    project(x, doubled(weight_x, g_rows), doubled(bias, g_rows), out=tape.gates)
    _steps(hs, c0, doubled(weight_h, g_rows).T, tape)
    return hs, tape


def _steps(hs: Tensor, c: Tensor, weight_h_t: Tensor, tape: LSTMTape) -> None:
    """Run all steps, where the tape's gates hold W_x x + b."""
    minus_one = hs.new_full((), -1.0)
    i, f, g, o = (gate.unbind(0) for gate in tape.gates.chunk(4, dim=2))
    cells, tanh_c, h = tape.cells.unbind(0), tape.squashed.unbind(0), hs.unbind(0)
    for t, gates in enumerate(tape.gates.unbind(0)):
        gates.addmm_(h[t], weight_h_t)
        torch.sigmoid(gates, out=gates)
        tanh_from_sigmoid_(g[t], minus_one)
        c = torch.mul(f[t], c, out=cells[t])
        c.addcmul_(i[t], g[t])
        torch.add(c, c, out=tanh_c[t])
        torch.sigmoid(tanh_c[t], out=tanh_c[t])
        tanh_from_sigmoid_(tanh_c[t], minus_one)
        torch.mul(o[t], tanh_c[t], out=h[t + 1])


class LSTMScan(torch.autograd.Function):
    """An LSTM along a sequence.

    Backward, from t = T to 1, with d and e the gradients at h(t) and c(t), and a_k the one at
    the input of gate k:

        a_o = d ⊙ tanh(c(t)) ⊙ o (1 − o)
        e   ← e + d ⊙ o ⊙ (1 − tanh²(c(t)))
        a_i = e ⊙ g ⊙ i (1 − i),   a_f = e ⊙ c(t−1) ⊙ f (1 − f),   a_g = e ⊙ i ⊙ (1 − g²)
        e   ← e ⊙ f,   d ← [a_i a_f a_g a_o] W_h + ∂L/∂y(t−1)

    Shapes: inputs (B, T, D), h0, c0 (B, H) -> last M outputs (B, M, H), last h and c (B, H).
    Source: Hochreiter & Schmidhuber 1997; the full gradient is Graves & Schmidhuber 2005's.
    Differentiable once.
    """

    @staticmethod
    def forward(
        ctx: Any,
        last: int,
        inputs: Tensor,
        h0: Tensor,
        c0: Tensor,
        weight_x: Tensor,
        weight_h: Tensor,
        bias: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Run the scan, keeping x, every h and the tape."""
        x = inputs.transpose(0, 1).contiguous()
        hs, tape = lstm_forward(x, h0, c0, weight_x, weight_h, bias)
        ctx.save_for_backward(x, hs, c0, *tape, weight_x, weight_h)
        ctx.set_materialize_grads(False)
        return last_outputs(hs, last), hs[-1].clone(), tape.cells[-1].clone()

    @staticmethod
    def backward(
        ctx: Any, d_outputs: Tensor | None, d_last_h: Tensor | None, d_last_c: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        """Return the gradients of inputs, h0, c0, weight_x, weight_h and bias, after a None."""
        refuse_second_derivatives()
        x, hs, c0, gates, cells, squashed, weight_x, weight_h = ctx.saved_tensors
        T, B, H = cells.shape
        d, e = first_gradient(d_last_h, c0), first_gradient(d_last_c, c0)
        d_y = output_gradients(d_outputs, T)
        wanted = ctx.needs_input_grad
        gradients = Gradients(x, hs, weight_x, inputs=wanted[1], weights=any(wanted[4:]))
        steps = _backward_steps(LSTMTape(gates, cells, squashed), hs, c0)
        work = hs.new_empty(min(T, block_steps(d, 4 * H)), B, 4 * H)
        a = _work_steps(work)
        for block in reversed(list(blocks(T, len(a)))):
            for t in reversed(range(block.start, block.stop)):
                if (d_y_t := d_y[t]) is not None:
                    d.add_(d_y_t)
                _step_back(d, e, steps[t], a[t - block.start])
                torch.mm(a[t - block.start].all, weight_h, out=d)
            used = work[: block.stop - block.start]
            gradients.add(block, used, used)
        return None, gradients.inputs(), d, e, *gradients.weights()


class _Step(NamedTuple):
    """What step t left behind, (B, H) each but i_f (B, 2H)."""

    i_f: Tensor
    i: Tensor
    f: Tensor
    g: Tensor
    o: Tensor
    c_before: Tensor
    squashed: Tensor
    h: Tensor


class _Work(NamedTuple):
    """The gradients at the gates' inputs at one step: all of them (B, 4H), and each."""

    all: Tensor
    i_f: Tensor
    i: Tensor
    f: Tensor
    g: Tensor
    o: Tensor


def _backward_steps(tape: LSTMTape, hs: Tensor, c0: Tensor) -> list[_Step]:
    """Return each step's views: taken together, they cost less than one by one."""
    H = c0.shape[1]
    i, f, g, o = (gate.unbind(0) for gate in tape.gates.chunk(4, dim=2))
    c_before = (c0, *tape.cells[:-1].unbind(0))
    i_f = tape.gates[..., : 2 * H].unbind(0)
    parts = (i_f, i, f, g, o, c_before, tape.squashed.unbind(0), hs[1:].unbind(0))
    return [_Step(*step) for step in zip(*parts, strict=True)]


def _work_steps(work: Tensor) -> list[_Work]:
    """Return the views of a work buffer (n, B, 4H), step by step."""
    i_f = work[..., : work.shape[2] // 2]
    parts = (work, i_f, *work.chunk(4, dim=2))
    return [_Work(*step) for step in zip(*(p.unbind(0) for p in parts), strict=True)]


def _step_back(d: Tensor, e: Tensor, step: _Step, a: _Work) -> None:
    """Fill `a` and take e from c(t) to c(t−1), by the equations of LSTMScan."""
    sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input
    torch.mul(d, step.squashed, out=a.o)
    # o (1 − tanh²c) = o − tanh(c) h, and d ⊙ tanh(c) is at hand: no pass over memory for 1 − tanh².
    e.addcmul_(d, step.o).addcmul_(a.o, step.h, value=-1)
    torch.mul(e, step.g, out=a.i)
    torch.mul(e, step.c_before, out=a.f)
    torch.mul(e, step.i, out=a.g)
    sigmoid_backward(a.i_f, step.i_f, grad_input=a.i_f)
    torch.ops.aten.tanh_backward.grad_input(a.g, step.g, grad_input=a.g)
    sigmoid_backward(a.o, step.o, grad_input=a.o)
    e.mul_(step.f)
