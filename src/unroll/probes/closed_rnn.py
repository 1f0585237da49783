"""The vanilla RNN's gradients, by hand."""

import torch
from torch import Tensor

from unroll.cells import RNN
from unroll.probes.trace import Trace


@torch.no_grad()
def rnn_gradients(cell: RNN, trace: Trace) -> dict[str, Tensor]:
    """Return ∂L/∂W_hx, ∂L/∂W_hh and ∂L/∂b_h, each as its sum over time steps.

    With a(t) = W_hx x(t) + W_hh h(t−1) + b_h and h(t) = tanh(a(t)), one sequence a row,

        δ(t) = ∂L/∂h(t) = ∂L/∂y(t) + ∂L/∂a(t+1) W_hh,   without the last part at t = T
        ∂L/∂a(t) = δ(t) ⊙ (1 − h(t)²)

        ∂L/∂W_hh = Σ_t (∂L/∂a(t))ᵀ h(t−1)
        ∂L/∂W_hx = Σ_t (∂L/∂a(t))ᵀ x(t)
        ∂L/∂b_h  = Σ_t ∂L/∂a(t), summed over sequences

    Written out, δ(t) is the sum over s ≥ t of ∂L/∂y(s) J(s) … J(t+1), each a factor
    J(j) = diag(1 − h(j)²) W_hh: that product is what vanishes or explodes as s − t grows.

    Shapes: a, h, δ (B, H); x (B, D) -> `weight_x` (H, D), `weight_h` (H, H), `bias` (H,).
    Source: Werbos 1990, "Backpropagation through time".
    """
    d_W_hx, d_W_hh, d_b_h = (torch.zeros_like(w) for w in (cell.weight_x, cell.weight_h, cell.bias))
    from_next = torch.zeros_like(trace.at("h", 0))
    for t in reversed(range(1, trace.T + 1)):
        delta = trace.d_output(t) + from_next
        d_a = delta * (1 - trace.at("h", t) ** 2)
        d_W_hh += d_a.T @ trace.at("h", t - 1)
        d_W_hx += d_a.T @ trace.x(t)
        d_b_h += d_a.sum(0)
        from_next = d_a @ cell.weight_h
    return {"weight_x": d_W_hx, "weight_h": d_W_hh, "bias": d_b_h}
