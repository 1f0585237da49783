"""What is asked of a network, and the gradient that its readout sends into the cell."""

from typing import NamedTuple

import torch
from torch import Tensor

from unroll.errors import ConfigError
from unroll.models import SequenceClassifier
from unroll.shapes import check_shape
from unroll.tasks import Batch


class Answers(NamedTuple):
    """The loss of a batch, and its gradient on both sides of the readout."""

    loss_nats: float
    """L, mean cross-entropy over the B·M answers."""
    d_outputs: Tensor
    """∂L/∂y of the last M steps, (B, M, H)."""
    gradients: dict[str, Tensor]
    """∂L/∂W_ph (K, H) as `weight_p` and ∂L/∂b_p (K,) as `bias_p`."""


def check_batch(where: str, model: SequenceClassifier, batch: Batch) -> None:
    """Raise unless `batch` has the axes of one, and the model's dtype.

    Raises: ShapeError when inputs are not (B, T, D) or targets not (B, M); ConfigError when M is
    not in 1 … T, or the inputs' dtype is not the parameters'.
    """
    check_shape(where, "inputs", batch.inputs, "B T D")
    B, T, _ = batch.inputs.shape
    check_shape(where, "targets", batch.targets, "B M", B=B)
    M = batch.targets.shape[1]
    if not 1 <= M <= T:
        raise ConfigError(f"{where}: targets must be those of the last 1 … T={T} steps, got {M}")
    check_dtype(where, model.weight_p, batch.inputs)


def check_dtype(where: str, parameter: Tensor, inputs: Tensor) -> None:
    """Raise ConfigError unless inputs and parameters have one dtype: probes never convert."""
    if inputs.dtype != parameter.dtype:
        wanted, got = (str(t.dtype).removeprefix("torch.") for t in (parameter, inputs))
        raise ConfigError(
            f"{where}: inputs must be {wanted} as the model's parameters, got {got}: "
            "convert one of them"
        )


@torch.no_grad()
def read_answers(model: SequenceClassifier, outputs: Tensor, targets: Tensor) -> Answers:
    """Read the last outputs, and take the loss's gradient back through the readout.

        p = W_ph y + b_p,   L = −1/(B M) Σ ln softmax(p)[target]

        ∂L/∂p = (softmax(p) − onehot(target)) / (B M)
        ∂L/∂W_ph = Σ (∂L/∂p)ᵀ y,   ∂L/∂b_p = Σ ∂L/∂p,   ∂L/∂y = ∂L/∂p W_ph

    with both sums over the B·M answers.

    Shapes: outputs (B, M, H), targets (B, M).
    Source: Bridle 1990, softmax with cross-entropy.
    """
    log_softmax = torch.log_softmax(outputs @ model.weight_p.T + model.bias_p, dim=2)
    asked = targets.unsqueeze(2)
    loss = -log_softmax.gather(2, asked).mean()
    onehot = torch.zeros_like(log_softmax).scatter_(2, asked, 1.0)
    d_scores = (log_softmax.exp() - onehot) / targets.numel()
    gradients = {
        "weight_p": d_scores.flatten(0, 1).T @ outputs.flatten(0, 1),
        "bias_p": d_scores.sum((0, 1)),
    }
    return Answers(loss.item(), d_scores @ model.weight_p, gradients)
