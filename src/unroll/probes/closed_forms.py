"""A model's gradients by hand, and the same by automatic differentiation to hold them against."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from unroll.cells import GRU, LSTM, RNN
from unroll.errors import CellError, ConfigError, ShapeError
from unroll.models import SequenceClassifier
from unroll.probes.answers import check_batch, read_answers
from unroll.probes.closed_gru import gru_gradients
from unroll.probes.closed_lstm import lstm_gradients
from unroll.probes.closed_rnn import rnn_gradients
from unroll.probes.gates import gate_activity
from unroll.probes.trace import Trace
from unroll.scan import scan
from unroll.tasks import Batch


@dataclass(frozen=True, kw_only=True)
class ClosedForm:
    """The gradients of a batch's loss, by the equations of `closed_rnn`, `_lstm`, `_gru`."""

    gradients: dict[str, Tensor]
    """∂L/∂θ for every parameter θ of the model, by its name and in its shape."""
    loss_nats: float
    """L, mean cross-entropy over the B·M answers."""


def has_closed_form(cell: object) -> bool:
    """Return whether `cell` is exactly an RNN, LSTM or GRU: a subclass may take other steps."""
    return type(cell) in (RNN, LSTM, GRU)


def closed_form(model: SequenceClassifier, batch: Batch) -> ClosedForm:
    """Work the model's gradients out by hand.

    The loss's gradient goes back through the readout (`answers.read_answers`) and then through
    time, step by step, by the equations of the cell (`closed_rnn`, `closed_lstm`, `closed_gru`).

    Shapes: batch inputs (B, T, D), targets (B, M), read at the last M steps.
    Raises: CellError for a cell without a closed form; ShapeError or ConfigError when the batch
    does not fit the model.
    """
    cell = model.cell
    if not has_closed_form(cell):
        raise CellError(
            "closed_form: the model's cell must be exactly RNN, LSTM or GRU, got "
            f"{type(cell).__name__}: its equations are not written out; use backpropagate, which "
            "takes any cell"
        )
    check_batch("closed_form", model, batch)
    activity = gate_activity(model, batch.inputs)
    M = batch.targets.shape[1]
    answers = read_answers(model, activity["h"][:, -M:], batch.targets)
    trace = Trace(inputs=batch.inputs, activity=activity, d_outputs=answers.d_outputs)
    if isinstance(cell, LSTM):
        gradients = lstm_gradients(cell, trace)
    elif isinstance(cell, GRU):
        gradients = gru_gradients(cell, trace)
    else:
        assert isinstance(cell, RNN)
        gradients = rnn_gradients(cell, trace)
    named = {f"cell.{name}": gradient for name, gradient in gradients.items()}
    return ClosedForm(gradients=named | answers.gradients, loss_nats=answers.loss_nats)


def automatic_gradients(model: SequenceClassifier, batch: Batch) -> dict[str, Tensor]:
    """Return ∂L/∂θ by PyTorch's automatic differentiation of the plain scan.

    The plain scan takes each step as its own graph node, so that nothing of the engines' closed
    forms is in it. Only parameters that require a gradient are in the answer; one that the loss
    does not reach has zeros. The parameters' own `.grad` are left as they are.

    Shapes: batch inputs (B, T, D), targets (B, M), read at the last M steps.
    Raises: ShapeError or ConfigError when the batch does not fit the model.
    """
    check_batch("automatic_gradients", model, batch)
    M = batch.targets.shape[1]
    cell: Any = model.cell
    asked = {name: p for name, p in model.named_parameters() if p.requires_grad}
    with torch.enable_grad():
        outputs, _ = scan(cell, batch.inputs)
        scores = outputs[:, -M:] @ model.weight_p.T + model.bias_p
        loss = functional.cross_entropy(scores.flatten(0, 1), batch.targets.flatten())
    gradients = torch.autograd.grad(loss, list(asked.values()), materialize_grads=True)
    return dict(zip(asked, gradients, strict=True))


def largest_difference(one: dict[str, Tensor], other: dict[str, Tensor]) -> float:
    """Return the largest |difference| of two sets of tensors over all their entries.

    It is nan when an entry of either is.

    Raises: ConfigError when the names differ, ShapeError when two shapes do.

    >>> largest_difference({"b": torch.tensor([1.0, 2.0])}, {"b": torch.tensor([1.0, 2.5])})
    0.5
    """
    unmatched = sorted(one.keys() ^ other.keys())
    if unmatched:
        raise ConfigError(
            f"largest_difference: both must have the same names, but only one has "
            f"{', '.join(unmatched)}"
        )
    largest = []
    for name, tensor in one.items():
        if tensor.shape != other[name].shape:
            raise ShapeError(
                f"largest_difference: {name} must have one shape in both, got "
                f"{tuple(tensor.shape)} and {tuple(other[name].shape)}"
            )
        largest.append((tensor - other[name]).abs().max().double())
    # torch's max keeps a nan, where Python's would depend on the order.
    return torch.stack(largest).max().item() if largest else 0.0
