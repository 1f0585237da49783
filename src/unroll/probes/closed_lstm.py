"""The LSTM's gradients, by hand."""

import torch
from torch import Tensor

from unroll.cells import LSTM
from unroll.probes.trace import Trace


@torch.no_grad()
def lstm_gradients(cell: LSTM, trace: Trace) -> dict[str, Tensor]:
    """Return ∂L/∂W_x, ∂L/∂W_h and ∂L/∂b of the four gates, each as its sum over time steps.

    With a_k the input of gate k's non-linearity, W_h the gates' matrices stacked as in the cell
    and one sequence a row,

        δ(t) = ∂L/∂h(t) = ∂L/∂y(t) + ∂L/∂a(t+1) W_h
        ε(t) = ∂L/∂c(t) = ε(t+1) ⊙ f(t+1) + δ(t) ⊙ o(t) ⊙ (1 − tanh²(c(t)))

        ∂L/∂a_i = ε ⊙ g ⊙ i ⊙ (1 − i)
        ∂L/∂a_f = ε ⊙ c(t−1) ⊙ f ⊙ (1 − f)
        ∂L/∂a_g = ε ⊙ i ⊙ (1 − g²)
        ∂L/∂a_o = δ ⊙ tanh(c) ⊙ o ⊙ (1 − o)

        ∂L/∂W_h = Σ_t (∂L/∂a(t))ᵀ h(t−1)
        ∂L/∂W_x = Σ_t (∂L/∂a(t))ᵀ x(t)
        ∂L/∂b   = Σ_t ∂L/∂a(t), summed over sequences

    without the parts from t + 1 at t = T. Along c the error is only multiplied by f: no matrix
    and no tanh′ stand between ε(t+1) and ε(t).

    Shapes: each gate, c, h, δ, ε (B, H); a (B, 4H); x (B, D) -> `weight_x` (4H, D), `weight_h`
    (4H, H), `bias` (4H,).
    Source: Graves & Schmidhuber 2005, the full gradient; Hochreiter & Schmidhuber 1997 cut it.
    """
    d_W_x, d_W_h, d_b = (torch.zeros_like(w) for w in (cell.weight_x, cell.weight_h, cell.bias))
    h_from_next = c_from_next = torch.zeros_like(trace.at("h", 0))
    for t in reversed(range(1, trace.T + 1)):
        i, f, g, o = (trace.at(gate, t) for gate in "ifgo")
        tanh_c = torch.tanh(trace.at("c", t))
        delta = trace.d_output(t) + h_from_next
        epsilon = c_from_next + delta * o * (1 - tanh_c**2)
        d_a_i = epsilon * g * i * (1 - i)
        d_a_f = epsilon * trace.at("c", t - 1) * f * (1 - f)
        d_a_g = epsilon * i * (1 - g**2)
        d_a_o = delta * tanh_c * o * (1 - o)
        d_a = torch.cat([d_a_i, d_a_f, d_a_g, d_a_o], dim=1)
        d_W_h += d_a.T @ trace.at("h", t - 1)
        d_W_x += d_a.T @ trace.x(t)
        d_b += d_a.sum(0)
        h_from_next, c_from_next = d_a @ cell.weight_h, epsilon * f
    return {"weight_x": d_W_x, "weight_h": d_W_h, "bias": d_b}
