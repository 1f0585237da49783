"""The GRU's gradients, by hand."""

import torch
from torch import Tensor

from unroll.cells import GRU
from unroll.probes.trace import Trace


@torch.no_grad()
def gru_gradients(cell: GRU, trace: Trace) -> dict[str, Tensor]:
    """Return ∂L/∂W_x, ∂L/∂W_h, ∂L/∂b and ∂L/∂b_nh, each as its sum over time steps.

    With u = W_nh h(t−1) + b_nh, so that n = tanh(a_n), a_n = W_nx x + b_n + r ⊙ u; a_k the input
    of gate k's non-linearity; W_h the gates' matrices stacked as in the cell; one sequence a row,

        δ(t) = ∂L/∂h(t) = ∂L/∂y(t) + δ(t+1) ⊙ z(t+1) + [∂L/∂a_r ∂L/∂a_z ∂L/∂u](t+1) W_h

        ∂L/∂a_z = δ ⊙ (h(t−1) − n) ⊙ z ⊙ (1 − z)
        ∂L/∂a_n = δ ⊙ (1 − z) ⊙ (1 − n²)
        ∂L/∂u   = ∂L/∂a_n ⊙ r
        ∂L/∂a_r = ∂L/∂a_n ⊙ u ⊙ r ⊙ (1 − r)

        ∂L/∂W_h  = Σ_t [∂L/∂a_r ∂L/∂a_z ∂L/∂u]ᵀ h(t−1)
        ∂L/∂W_x  = Σ_t [∂L/∂a_r ∂L/∂a_z ∂L/∂a_n]ᵀ x(t)
        ∂L/∂b    = Σ_t [∂L/∂a_r ∂L/∂a_z ∂L/∂a_n], summed over sequences
        ∂L/∂b_nh = Σ_t ∂L/∂u, summed over sequences

    without the parts from t + 1 at t = T. Where z is near 1, δ passes back nearly whole.

    Shapes: each gate, h, u, δ (B, H); x (B, D) -> `weight_x` (3H, D), `weight_h` (3H, H), `bias`
    (3H,), `bias_nh` (H,).
    Source: Cho et al. 2014, in the reset-after form of `unroll.cells.GRU`.
    """
    d_W_x, d_W_h, d_b = (torch.zeros_like(w) for w in (cell.weight_x, cell.weight_h, cell.bias))
    d_b_nh = torch.zeros_like(cell.bias_nh)
    W_nh = cell.weight_h[cell.gate_rows("n")]
    from_next = torch.zeros_like(trace.at("h", 0))
    for t in reversed(range(1, trace.T + 1)):
        r, z, n = (trace.at(gate, t) for gate in "rzn")
        h_before = trace.at("h", t - 1)
        u = h_before @ W_nh.T + cell.bias_nh
        delta = trace.d_output(t) + from_next
        d_a_z = delta * (h_before - n) * z * (1 - z)
        d_a_n = delta * (1 - z) * (1 - n**2)
        d_u = d_a_n * r
        d_a_r = d_a_n * u * r * (1 - r)
        at_x = torch.cat([d_a_r, d_a_z, d_a_n], dim=1)
        at_h = torch.cat([d_a_r, d_a_z, d_u], dim=1)
        d_W_h += at_h.T @ h_before
        d_W_x += at_x.T @ trace.x(t)
        d_b += at_x.sum(0)
        d_b_nh += d_u.sum(0)
        from_next = delta * z + at_h @ cell.weight_h
    return {"weight_x": d_W_x, "weight_h": d_W_h, "bias": d_b, "bias_nh": d_b_nh}
