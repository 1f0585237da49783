"""The GRU's scan with its backward pass through time written out."""

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


class GRUTape(NamedTuple):
    """What n steps leave behind for the backward pass."""

    gates: Tensor
    """r, z, n after their non-linearities, (n, B, 3H)."""
    recalled: Tensor
    """u(t) = W_nh h(t−1) + b_nh, (n, B, H)."""


def gru_forward(
    x: Tensor, h0: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor, bias_nh: Tensor
) -> tuple[Tensor, GRUTape]:
    """Return every h, the initial one first, and the tape, by the equations of `unroll.cells.GRU`.

    Shapes: x (T, B, D), h0 (B, H) -> (T + 1, B, H), tape of T steps.
    """
    T, (B, H) = x.shape[0], h0.shape
    n_rows = slice(2 * H, 3 * H)
    hs = h0.new_empty(T + 1, B, H)
    hs[0] = h0
    tape = GRUTape(h0.new_empty(T, B, 3 * H), bias_nh.repeat(T, B, 1))
    project(x, doubled(weight_x, n_rows), doubled(bias, n_rows), out=tape.gates)
    _steps(hs, weight_h, tape)
    return hs, tape


def _steps(hs: Tensor, weight_h: Tensor, tape: GRUTape) -> None:
    """Run all steps, where the tape holds W_x x + b and b_nh."""
    H = hs.shape[2]
    minus_one = hs.new_full((), -1.0)
    weight_rz_t, weight_n_t = weight_h[: 2 * H].T, weight_h[2 * H :].T
    rz = tape.gates[..., : 2 * H].unbind(0)
    r, z, n = (gate.unbind(0) for gate in tape.gates.chunk(3, dim=2))
    h = hs.unbind(0)
    for t, u in enumerate(tape.recalled.unbind(0)):
        rz[t].addmm_(h[t], weight_rz_t)
        torch.sigmoid(rz[t], out=rz[t])
        u.addmm_(h[t], weight_n_t)
        n[t].addcmul_(r[t], u, value=2)
        torch.sigmoid(n[t], out=n[t])
        tanh_from_sigmoid_(n[t], minus_one)
        torch.lerp(n[t], h[t], z[t], out=h[t + 1])


class GRUScan(torch.autograd.Function):
    """A GRU along a sequence.

    Backward, from t = T to 1, with d the gradient at h(t), u = W_nh h(t−1) + b_nh, and a_k the
    gradient at the input of gate k:

        a_z = d ⊙ (h(t−1) − n) ⊙ z (1 − z)
        a_n = d ⊙ (1 − z) ⊙ (1 − n²)
        a_r = a_n ⊙ u ⊙ r (1 − r),   a_u = a_n ⊙ r
        d   ← d ⊙ z + [a_r a_z a_u] W_h + ∂L/∂y(t−1)

    Shapes: inputs (B, T, D), h0 (B, H) -> last M outputs (B, M, H), last h (B, H).
    Source: Cho et al. 2014, in the reset-after form of `unroll.cells.GRU`. Differentiable once.
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
        bias_nh: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Run the scan, keeping x, every h and the tape."""
        x = inputs.transpose(0, 1).contiguous()
        hs, tape = gru_forward(x, h0, weight_x, weight_h, bias, bias_nh)
        ctx.save_for_backward(x, hs, *tape, weight_x, weight_h)
        ctx.set_materialize_grads(False)
        return last_outputs(hs, last), hs[-1].clone()

    @staticmethod
    def backward(
        ctx: Any, d_outputs: Tensor | None, d_last: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        """Return the gradients of inputs, h0 and the four parameters in order, after a None."""
        refuse_second_derivatives()
        x, hs, gates, recalled, weight_x, weight_h = ctx.saved_tensors
        T, B, H = recalled.shape
        d, kept = first_gradient(d_last, hs[0]), torch.empty_like(hs[0])
        d_y = output_gradients(d_outputs, T)
        # The work's columns are n, r, z, u: n r z is the gradient at the inputs' side, r z u at
        # the hidden side, each in one piece.
        wanted = ctx.needs_input_grad
        gradients = Gradients(x, hs, weight_x.roll(H, 0), inputs=wanted[1], weights=any(wanted[3:]))
        d_bias_nh = hs.new_zeros(H)
        steps = _backward_steps(GRUTape(gates, recalled), hs)
        work = hs.new_empty(min(T, block_steps(d, 4 * H)), B, 4 * H)
        a = _work_steps(work)
        for block in reversed(list(blocks(T, len(a)))):
            for t in reversed(range(block.start, block.stop)):
                if (d_y_t := d_y[t]) is not None:
                    d.add_(d_y_t)
                _step_back(d, kept, steps[t], a[t - block.start])
                torch.addmm(kept, a[t - block.start].rzu, weight_h, out=d)
            used = work[: block.stop - block.start]
            gradients.add(block, used[..., : 3 * H], used[..., H:])
            d_bias_nh.add_(used[..., 3 * H :].flatten(0, 1).sum(0))
        d_weight_x, d_weight_h, d_bias = gradients.weights()
        d_weight_x, d_bias = d_weight_x.roll(-H, 0), d_bias.roll(-H, 0)
        return None, gradients.inputs(), d, d_weight_x, d_weight_h, d_bias, d_bias_nh


class _Step(NamedTuple):
    """What step t left behind, (B, H) each."""

    h_before: Tensor
    r: Tensor
    z: Tensor
    n: Tensor
    u: Tensor


class _Work(NamedTuple):
    """The gradients at the gates' inputs at one step: r, z and u together (B, 3H), and each."""

    rzu: Tensor
    n: Tensor
    r: Tensor
    z: Tensor
    u: Tensor


def _backward_steps(tape: GRUTape, hs: Tensor) -> list[_Step]:
    """Return each step's views: taken together, they cost less than one by one."""
    parts = (hs[:-1], *tape.gates.chunk(3, dim=2), tape.recalled)
    return [_Step(*step) for step in zip(*(p.unbind(0) for p in parts), strict=True)]


def _work_steps(work: Tensor) -> list[_Work]:
    """Return the views of a work buffer (n, B, 4H), step by step."""
    parts = (work[..., work.shape[2] // 4 :], *work.chunk(4, dim=2))
    return [_Work(*step) for step in zip(*(p.unbind(0) for p in parts), strict=True)]


def _step_back(d: Tensor, kept: Tensor, step: _Step, a: _Work) -> None:
    """Fill `a` and `kept` = d ⊙ z by the equations of GRUScan; d is used up."""
    sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input
    torch.sub(step.h_before, step.n, out=a.z)
    a.z.mul_(d)
    sigmoid_backward(a.z, step.z, grad_input=a.z)
    torch.mul(d, step.z, out=kept)
    d.sub_(kept)
    torch.ops.aten.tanh_backward.grad_input(d, step.n, grad_input=a.n)
    torch.mul(a.n, step.u, out=a.r)
    sigmoid_backward(a.r, step.r, grad_input=a.r)
    torch.mul(a.n, step.r, out=a.u)
