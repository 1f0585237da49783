"""How a vanilla RNN stretches or shrinks a change of its state, from one step to the last."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from unroll.cells import RNN
from unroll.errors import CellError, ConfigError
from unroll.models import SequenceClassifier
from unroll.probes.answers import check_dtype
from unroll.scan import scan
from unroll.shapes import check_shape


@torch.no_grad()
def hidden_states(source: SequenceClassifier | nn.Module, inputs: Tensor) -> Tensor:
    """Return h(0), h(1) … h(T) of a vanilla RNN, or of a model that has one.

    Shapes: inputs (B, T, D) -> (T + 1, B, H), h(0) first.
    Raises: CellError for any other cell; ShapeError when inputs are not (B, T ≥ 1, D), ConfigError
    when their dtype is not the parameters'.
    """
    cell: Any = source.cell if isinstance(source, SequenceClassifier) else source
    _check_rnn("hidden_states", cell)
    check_dtype("hidden_states", cell.weight_x, inputs)
    outputs, _ = scan(cell, inputs)
    h0 = cell.initial_state(inputs.shape[0]).h
    return torch.cat([h0.unsqueeze(0), outputs.transpose(0, 1)])


@torch.no_grad()
def jacobian_products(cell: nn.Module, hidden: Tensor) -> Tensor:
    """Return ln ‖∂h(T)/∂h(k)‖ for k = 1 … T: the spectral norm of a product of Jacobians.

        J(t) = ∂h(t)/∂h(t−1) = diag(1 − h(t)²) W_hh
        ∂h(T)/∂h(k) = J(T) J(T−1) … J(k+1),   the identity at k = T

    The product is kept with its largest entry at 1 and the logarithm of what was taken out beside
    it: the norm itself may lie far outside the numbers of the dtype, its logarithm does not. It
    is −inf where the product is exactly zero, as with all units saturated. 1 − h² is taken in
    the dtype of `hidden`, as in training: in float32 it is 0 from |h| > 1 − 3e-8 on.

    Shapes: hidden (T + 1, B, H), h(0) first, from `hidden_states` -> (T, B), natural logarithms;
    index k − 1 is k. Time grows as T·B·H³.
    Raises: CellError when `cell` is not an RNN; ShapeError when `hidden` has other axes, and
    ConfigError when it has no step, or it or W_hh holds a number that is not finite.
    Source: Pascanu et al. 2013, "On the difficulty of training recurrent neural networks".
    """
    _check_rnn("jacobian_products", cell)
    assert isinstance(cell, RNN)
    check_shape("jacobian_products", "hidden", hidden, "T+1 B H", H=cell.hidden_size)
    T, B, H = hidden.shape[0] - 1, hidden.shape[1], hidden.shape[2]
    if T < 1:
        raise ConfigError("jacobian_products: hidden must hold h(0) and one step or more, got h(0)")
    _check_finite("jacobian_products", "hidden", hidden)
    _check_finite("jacobian_products", "weight_h", cell.weight_h)
    product = torch.eye(H, dtype=hidden.dtype, device=hidden.device).repeat(B, 1, 1)
    log_scale = hidden.new_zeros(B)
    log_norms = [log_scale]
    for h in hidden[2:].flip(0).unbind(0):
        slope = (1 - h**2).unsqueeze(1)
        # product · diag(1 − h²) · W_hh: a diagonal matrix from the right scales columns.
        product = (product * slope) @ cell.weight_h
        largest = product.abs().amax((1, 2))
        log_scale = log_scale + largest.log()
        product = product / torch.where(largest > 0, largest, 1).reshape(B, 1, 1)
        log_norms.append(log_scale + torch.linalg.matrix_norm(product, ord=2).log())
    return torch.stack(log_norms[::-1])


def spectral_radius(weight: Tensor) -> float:
    """Return the largest |eigenvalue| of a square matrix: its growth per step in the long run.

    Shapes: weight (H, H).
    Raises: ShapeError when it is not square, ConfigError when it is not finite.

    >>> spectral_radius(torch.tensor([[0.5, 0.0], [7.0, -2.0]]))
    2.0
    """
    check_shape("spectral_radius", "weight", weight, "H H", H=weight.shape[-1])
    _check_finite("spectral_radius", "weight", weight)
    eigenvalues: Tensor = torch.linalg.eigvals(weight.detach())
    return eigenvalues.abs().max().item()


def decay_per_step(log_norms: Tensor) -> float:
    """Return the factor by which a norm changes per step back: below 1 it vanishes.

        ln ‖∂h(T)/∂h(k)‖ ≈ α + β (T − k),   factor e^β

    with β by least squares over the entries that are finite. Zeros (−inf) are left out: the
    factor is that of the steps before everything is gone. Where only one entry is finite, or
    none, all is gone within a step and the factor is 0. It is never nan.

    Shapes: log_norms (T,), one column of `jacobian_products`, natural logarithms.
    Raises: ShapeError when it has other axes; ConfigError when T < 2, or an entry is nan or +inf.

    >>> round(decay_per_step(torch.tensor([0.25, 0.5, 1.0]).log()), 6)
    0.5
    """
    check_shape("decay_per_step", "log_norms", log_norms, "T")
    T = log_norms.shape[0]
    if T < 2:
        raise ConfigError(f"decay_per_step: log_norms must hold two steps or more, got {T}")
    if bool((log_norms.isnan() | log_norms.isposinf()).any()):
        raise ConfigError("decay_per_step: log_norms must be finite or −inf, got nan or +inf")
    kept = log_norms.isfinite()
    if int(kept.sum()) < 2:
        return 0.0
    distance = torch.arange(T - 1, -1, -1, dtype=torch.float64)[kept.cpu()]
    value = log_norms[kept].cpu().double()
    centred = distance - distance.mean()
    slope = (centred * (value - value.mean())).sum() / centred.square().sum()
    return math.exp(slope.item())


def _check_finite(where: str, name: str, tensor: Tensor) -> None:
    if not bool(tensor.isfinite().all()):
        raise ConfigError(f"{where}: {name} must be finite, got nan or inf among its entries")


def _check_rnn(where: str, cell: object) -> None:
    if type(cell) is not RNN:
        raise CellError(
            f"{where}: the Jacobian written out is the vanilla RNN's: expected exactly RNN, "
            f"got {type(cell).__name__}"
        )
