"""Look at the gradients of one network, in float64, and return plain numbers."""

import math
from typing import Any

import torch
from torch import Tensor

from unroll.cells import RNN
from unroll.errors import CellError
from unroll.models import SequenceClassifier
from unroll.probes import (
    automatic_gradients,
    backpropagate,
    closed_form,
    decay_per_step,
    has_closed_form,
    hidden_states,
    jacobian_products,
    largest_difference,
    spectral_radius,
)
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.probed import load_probed
from unroll.tasks import Batch

JACOBIAN_SEQUENCES = 2
"""Products of Jacobians cost H³ a step and sequence, so that few are multiplied."""


def measure_gradients(job: MeasurementJob) -> dict[str, Any]:
    """Return what the report says of the gradients of one network.

    `by_time`: for each part of the state the mean over sequences of ‖∂ℓ/∂s(t)‖, t = 1 … T − 1.
    `per_step`: for each parameter of the cell the norm of step t's term of ∂L/∂θ.
    `max_abs_difference`: between the closed form and automatic differentiation; None for a cell
    without a closed form. `steps_difference`: the same for the sum of the steps' terms.
    `jacobian`: of the vanilla RNN.

    Raises: CellError when the gradient is not finite: there is nothing to compare then.
    """
    model, batch = load_probed(job)
    automatic = automatic_gradients(model, batch)
    if not all(gradient.isfinite().all() for gradient in automatic.values()):
        raise CellError("its gradient is not finite")
    passed = backpropagate(model, batch)
    closed = closed_form(model, batch) if has_closed_form(model.cell) else None
    messages = {part: norms.mean(1) for part, norms in passed.messages.items()}
    return {
        "loss_nats": passed.loss_nats,
        "max_abs_difference": largest_difference(closed.gradients, automatic) if closed else None,
        "steps_difference": largest_difference(passed.gradients, automatic),
        "largest_gradient": max(float(g.abs().max()) for g in automatic.values()),
        "by_time": {part: norms.tolist() for part, norms in messages.items()},
        "per_step": {name: norms.tolist() for name, norms in passed.terms.items()},
        "decay_per_step": {part: decay_per_step(norms.log()) for part, norms in messages.items()},
        "jacobian": _jacobian(model, batch) if type(model.cell) is RNN else None,
    }


def _jacobian(model: SequenceClassifier, batch: Batch) -> dict[str, Any]:
    """Return log10 ‖∂h(T)/∂h(k)‖ for k = 1 … T, its decay per step, and what W_hh predicts."""
    cell = model.cell
    if not isinstance(cell, RNN):
        raise TypeError(f"expected an RNN, got {type(cell).__name__}")
    with torch.no_grad():
        hidden = hidden_states(model, batch.inputs[:JACOBIAN_SEQUENCES])
        log_norms = jacobian_products(cell, hidden).mean(1)
        return {
            "log10_norms": _finite(log_norms / math.log(10)),
            "decay_measured": decay_per_step(log_norms),
            "spectral_radius": spectral_radius(cell.weight_h),
            "mean_slope": float((1 - hidden[1:] ** 2).mean()),
        }


def _finite(values: Tensor) -> list[float | None]:
    """Return the values with None for −inf, the logarithm of an exact zero."""
    return [value if math.isfinite(value) else None for value in values.tolist()]
