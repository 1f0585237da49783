"""Rules on gradients: they reach everything, and they are right."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from unroll.probes.rules.finding import BreachError, UntoldError
from unroll.probes.rules.subject import LONG, Subject, gradients_of, largest
from unroll.scan import scan
from unroll.seeding import make_generator

STEPS = 3
_STEP = 1e-6
"""ε: differences of float64 are then exact to about 1e-10, and to ε² by curvature."""
_SLOPE_TOLERANCE = 1e-6
_KINK = 1e-3
"""By so much the slopes on both sides differ at a kink; by curvature, about ε times it."""
_DETACH = "Look for detach(), .data, .item(), torch.no_grad() and torch.tensor(…) in forward."


def check_reach(subject: Subject) -> str:
    """Try whether a gradient reaches x, the passed state and, over time, the first input.

    A gradient of nothing is a breach only where the value itself has an effect.
    """
    cell = subject.build()
    inputs = subject.inputs(T=STEPS).requires_grad_()
    state = subject.reach(cell)
    state = type(state)(
        *(part.requires_grad_() if part.is_floating_point() else part for part in state)
    )
    outputs, _ = scan(cell, inputs, state)
    ends = _effects(subject, cell, inputs.detach(), state)
    wanted = {"x": inputs, **{f"state.{n}": p for n, p in zip(state._fields, state, strict=True)}}
    wanted = {name: part for name, part in wanted.items() if part.requires_grad}
    found = gradients_of(outputs[:, -1], list(wanted.values()))
    for (name, part), gradient in zip(wanted.items(), found, strict=True):
        at_first = gradient[:, 0] if part is inputs else gradient
        if not largest(gradient):
            if ends[name]:
                raise BreachError(
                    f"{name} changes the last output by {ends[name]:.2g}, and no gradient reaches "
                    f"{'it' if name == 'x' else name}",
                    _DETACH,
                )
        elif part is inputs and not largest(at_first) and ends[name]:
            raise BreachError(
                f"x(1) changes the output {STEPS - 1} steps later by {ends[name]:.2g}, and no "
                "gradient reaches it from there: it is cut between the steps",
                _DETACH,
            )
    pairs = zip(wanted, found, strict=True)
    reached = [name for name, gradient in pairs if largest(gradient)]
    return f"reaches {', '.join(reached) or 'nothing'} over {STEPS} steps"


def _effects(subject: Subject, cell: Any, inputs: Tensor, state: Any) -> dict[str, float]:
    """Return how much the last output changes when x(1), or a part of the state, does."""
    state = type(state)(*(part.detach() for part in state))
    last = subject.run(cell, inputs, state)[0][:, -1]
    other = inputs.clone()
    other[:, 0] += 0.3
    ends = {"x": largest(subject.run(cell, other, state)[0][:, -1] - last)}
    for place, name in enumerate(state._fields):
        parts = list(state)
        parts[place] = parts[place] + 0.3 if parts[place].is_floating_point() else parts[place]
        changed = subject.run(cell, inputs, type(state)(*parts))[0][:, -1]
        ends[f"state.{name}"] = largest(changed - last)
    return ends


def check_parameters_used(subject: Subject) -> str:
    """Try whether each parameter receives a gradient from a scan of a few steps."""
    cell = subject.build()
    names, parameters = zip(*cell.named_parameters(), strict=True)
    trained = [p for p in parameters if p.requires_grad]
    outputs, _ = scan(cell, subject.inputs(T=LONG))
    found = iter(gradients_of(outputs, trained))
    frozen = [n for n, p in zip(names, parameters, strict=True) if not p.requires_grad]
    idle = [
        name
        for name, parameter in zip(names, parameters, strict=True)
        if parameter.requires_grad and not largest(next(found))
    ]
    if idle:
        raise BreachError(
            f"no gradient reaches {', '.join(idle)}",
            "Use it in forward, or take it out of the cell. Where it is used, look for detach(), "
            ".data and torch.no_grad().",
        )
    told = f"a gradient reaches each of {len(trained)} parameters"
    return f"{told}; not trained: {', '.join(frozen)}" if frozen else told


def check_gradcheck(subject: Subject) -> str:
    """Try whether the gradient is the slope that differences in float64 measure.

        ⟨∂L/∂p, v⟩ = (L(p + εv) − L(p − εv)) / 2ε

    for a random direction v, a weighting L of the outputs and the last state of two steps, and p
    in turn x, each part of the state, and each parameter. The state is one that the cell comes
    to: in one of zeros |h| and relu(h) have a kink, as they have nowhere else by chance.
    """
    cell = subject.build()
    inputs = subject.inputs(T=2)
    state = subject.reach(cell)
    values = {
        "x": inputs,
        **{f"state.{name}": p for name, p in zip(state._fields, state, strict=True)},
        **{name: p for name, p in cell.named_parameters() if p.requires_grad},
    }
    values = {name: value for name, value in values.items() if value.is_floating_point()}
    for name, value in values.items():
        if value.dtype != torch.float64:
            raise UntoldError(f"{name} is {value.dtype}, and differences need float64")
        value.requires_grad_()

    def loss() -> Tensor:
        parts = (values.get(f"state.{n}", p) for n, p in zip(state._fields, state, strict=True))
        outputs, end = scan(cell, inputs, type(state)(*parts))
        found = [outputs, *(part for part in end if part.is_floating_point())]
        return torch.stack([(p * torch.linspace(1, 2, p.numel()).view_as(p)).sum() for p in found])

    gradients = gradients_of(loss(), list(values.values()))
    off, kinks = 0.0, []
    for (name, value), gradient in zip(values.items(), gradients, strict=True):
        found = _check_slope(name, value, gradient, loss, subject.seed)
        kinks += [name] if found is None else []
        off = max(off, found or 0.0)
    beside = f"; not told along {', '.join(kinks)}, where there is a kink" if kinks else ""
    return f"equals differences in float64, to {off:.0e}{beside}"


def _check_slope(
    name: str, value: Tensor, gradient: Tensor, loss: Callable[[], Tensor], seed: int
) -> float | None:
    """Return by how much slope and gradient differ; None where the slope is another on each side.

    Raises: BreachError beyond rounding.
    """
    draw = make_generator(seed, f"direction of {name}")
    direction = torch.randn(value.shape, generator=draw)
    weights = torch.linspace(1, 2, len(loss()))
    ends = []
    with torch.no_grad():
        kept = value.clone()
        for sign in (1, 0, -1):
            value.copy_(kept + sign * _STEP * direction)
            ends.append(float((loss() * weights).sum()))
        value.copy_(kept)
    slope = (ends[0] - ends[2]) / (2 * _STEP)
    told = float((gradient * direction).sum())
    size = max(1.0, abs(slope))
    off = abs(slope - told) / size
    if off > _SLOPE_TOLERANCE:
        if abs(ends[0] - 2 * ends[1] + ends[2]) / _STEP > _KINK * size:
            return None
        raise BreachError(
            f"along a random direction of {name} the gradient says {told:.4g}, differences "
            f"{slope:.4g}",
            f"{_DETACH} A backward of your own must be the derivative of its forward; where "
            "another gradient is meant, as for spikes, leave it.",
        )
    return off
