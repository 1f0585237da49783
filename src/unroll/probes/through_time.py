"""Backpropagation through time, one step at a time, with what passes through each step."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from unroll.models import SequenceClassifier
from unroll.probes.answers import check_batch, read_answers
from unroll.probes.norms import row_norms
from unroll.tasks import Batch

Slots = Sequence[Tensor | None]
"""One tensor for each part of a state, or None where there is no gradient."""


@dataclass(frozen=True, kw_only=True)
class BackwardPass:
    """What travels back from the loss, step by step. Index t − 1 of a T axis is step t.

    A message is the total derivative through one part of the state after step t: where the step
    makes its output, or another part, out of that part, this way is counted too. So the LSTM's
    message at h(t) has the readout's use of it, and the one at c(t) what goes through
    h(t) = tanh(c(t)) ⊙ o(t). A part that is handed on untouched is told from what it was.

    ℓ_b is the mean over sequence b's own M answers, so that ∂ℓ_b/∂s_b = B ∂L/∂s_b, with ∂L/∂s_b
    as training meets it in this dtype. What has underflowed there is exactly 0 here, and what
    has not is not lost in the norm.
    """

    messages: dict[str, Tensor]
    """‖∂ℓ_b/∂s_b(t)‖ by part s of the state (`h`, `c`), (T, B)."""
    terms: dict[str, Tensor]
    """Frobenius norm of step t's term of ∂L/∂θ by parameter of the cell (`cell.weight_h`), (T,)."""
    gradients: dict[str, Tensor]
    """∂L/∂θ by parameter of the model: the sum of its terms, or the readout's."""
    loss_nats: float
    """L, mean cross-entropy over the B·M answers."""


def backpropagate(model: SequenceClassifier, batch: Batch) -> BackwardPass:
    """Take the loss's gradient back through time, for any cell.

        ∂L/∂s(t) = ∂L/∂y(t) ∂y(t)/∂s(t) + ∂L/∂s(t+1) ∂s(t+1)/∂s(t)      the message at t
        ∂L/∂θ    = Σ_t [∂L/∂y(t) ∂y(t)/∂θ + ∂L/∂s(t) ∂s(t)/∂θ]          one term a step

    where in the terms ∂y(t)/∂θ and ∂s(t)/∂θ take s(t−1) as fixed. Forward keeps the states
    without a graph, and backward makes one step's graph at a time: memory is O(T·B·H). A step is
    taken twice, so it must give the same twice. Parameters that require no gradient are left
    out. Where a cell learns its initial state, that way is in `gradients` and in no term.

    Shapes: batch inputs (B, T, D), targets (B, M), read at the last M steps.
    Raises: ShapeError or ConfigError when the batch does not fit the model.
    Source: Werbos 1990, "Backpropagation through time".
    """
    check_batch("backpropagate", model, batch)
    cell: Any = model.cell
    T, (B, M) = batch.inputs.shape[1], batch.targets.shape
    states, outputs = _forward(cell, batch.inputs, M)
    answers = read_answers(model, outputs, batch.targets)
    parameters = {n: p for n, p in model.cell.named_parameters() if p.requires_grad}
    sums = {name: torch.zeros_like(parameter) for name, parameter in parameters.items()}
    messages, terms = defaultdict(list), defaultdict(list)
    d_state: Slots = [None] * len(states[0])
    for t in reversed(range(T)):
        d_output = answers.d_outputs[:, t - T] if t >= T - M else None
        x = batch.inputs[:, t]
        step = _step_back(cell, x, states[t], d_output, d_state, list(parameters.values()))
        d_state = step.d_before
        for name, message in step.messages.items():
            messages[name].append(B * row_norms(message))
        for name, term in zip(parameters, step.terms, strict=True):
            sums[name] += term
            terms[f"cell.{name}"].append(row_norms(term.unsqueeze(0)).squeeze(0))
    for name, gradient in _learned_start(cell, B, d_state, parameters).items():
        sums[name] += gradient
    gradients = {f"cell.{name}": total for name, total in sums.items()} | answers.gradients
    asked = {name for name, p in model.named_parameters() if p.requires_grad}
    return BackwardPass(
        messages={name: torch.stack(steps[::-1]) for name, steps in messages.items()},
        terms={name: torch.stack(steps[::-1]) for name, steps in terms.items()},
        gradients={name: total for name, total in gradients.items() if name in asked},
        loss_nats=answers.loss_nats,
    )


class _Step(NamedTuple):
    """What one step of the backward pass finds."""

    messages: dict[str, Tensor]
    """∂L/∂s(t) by part of the state."""
    d_before: Sequence[Tensor]
    """∂L/∂s(t−1) as far as it goes through this step, part by part."""
    terms: Sequence[Tensor]
    """This step's term of ∂L/∂θ, parameter by parameter."""


@torch.no_grad()
def _forward(cell: Any, inputs: Tensor, last: int) -> tuple[list[Any], Tensor]:
    """Return the states before each step, and the last outputs (B, M, H)."""
    T = inputs.shape[1]
    state = cell.initial_state(inputs.shape[0])
    states, outputs = [], []
    for t, x in enumerate(inputs.unbind(1)):
        states.append(state)
        y, state = cell(x, state)
        if t >= T - last:
            outputs.append(y)
    return states, torch.stack(outputs, dim=1)


@torch.enable_grad()
def _step_back(
    cell: Any,
    x: Tensor,
    before: Any,
    d_output: Tensor | None,
    d_after: Slots,
    parameters: Sequence[nn.Parameter],
) -> _Step:
    """Take one step again, with a graph, and its gradient back through it."""
    leaves = [_leaf(part) for part in before]
    y, after = cell(x.detach(), type(before)(*leaves))
    # A part handed on untouched is the leaf itself: a view of it is its own place in the graph.
    parts = [p.view_as(p) if any(p is leaf for leaf in leaves) else p for p in after]
    sources = [(y, d_output), *zip(parts, d_after, strict=True)]
    found = _pull_back(sources, [*parts, *leaves, *parameters])
    n = len(parts)
    messages = {
        name: gradient
        for name, part, gradient in zip(after._fields, parts, found[:n], strict=True)
        if part.is_floating_point()
    }
    return _Step(messages, found[n : 2 * n], found[2 * n :])


def _pull_back(
    sources: Sequence[tuple[Tensor, Tensor | None]], asked: Sequence[Tensor]
) -> list[Tensor]:
    """Return the gradient at each tensor asked for, given those at the sources; zeros if none."""
    reached = [(s, d) for s, d in sources if d is not None and s.requires_grad]
    able = [tensor for tensor in asked if tensor.requires_grad]
    if not (reached and able):
        return [torch.zeros_like(tensor) for tensor in asked]
    tensors, gradients = zip(*reached, strict=True)
    found = iter(torch.autograd.grad(tensors, able, gradients, materialize_grads=True))
    return [next(found) if t.requires_grad else torch.zeros_like(t) for t in asked]


def _leaf(part: Tensor) -> Tensor:
    """Return a part of the state as a leaf that gradients are taken at, if it holds real numbers.

    `detach` makes each part a leaf of its own, even where an initial state is one tensor twice.
    """
    return part.detach().requires_grad_(part.is_floating_point())


@torch.enable_grad()
def _learned_start(
    cell: Any, batch_size: int, d_state: Slots, parameters: dict[str, nn.Parameter]
) -> dict[str, Tensor]:
    """Return ∂L/∂θ by way of s(0), for the parameters that an initial state is made of."""
    start = cell.initial_state(batch_size)
    found = _pull_back(list(zip(start, d_state, strict=True)), list(parameters.values()))
    return dict(zip(parameters, found, strict=True))
