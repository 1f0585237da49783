"""Rules on gradients: they reach everything, and they are right."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from unroll.probes.rules.finding import BreachError, UntoldError
from unroll.probes.rules.subject import Subject, largest
from unroll.scan import scan
from unroll.seeding import make_generator

STEPS = 3
_STEP = 1e-6
"""ε: differences of float64 are then exact to about 1e-10, and to ε² by curvature."""
_SLOPE_TOLERANCE = 1e-6
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
    found = _gradients(outputs[:, -1], list(wanted.values()))
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
    return f"reaches {', '.join(wanted)} over {STEPS} steps"


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


def _gradients(value: Tensor, wanted: list[Tensor]) -> list[Tensor]:
    if not value.requires_grad:
        return [torch.zeros_like(part) for part in wanted]
    weights = torch.linspace(1, 2, value.numel()).view_as(value)
    # By allow_unused a gradient may be None, which its type does not say.
    found: tuple[Tensor | None, ...] = torch.autograd.grad(
        (value * weights).sum(), wanted, allow_unused=True
    )
    pairs = zip(found, wanted, strict=True)
    return [torch.zeros_like(part) if one is None else one for one, part in pairs]


def check_parameters_used(subject: Subject) -> str:
    """Try whether each parameter receives a gradient from a scan of a few steps."""
    cell = subject.build()
    names, parameters = zip(*cell.named_parameters(), strict=True)
    trained = [p for p in parameters if p.requires_grad]
    outputs, _ = scan(cell, subject.inputs(T=STEPS))
    found = iter(_gradients(outputs, trained))
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

    for a random direction v, a random weighting L of the outputs and the last state of two
    steps, and p in turn x, each part of the state, and each parameter.
    """
    cell = subject.build()
    inputs, state = subject.inputs(T=2, B=2), cell.initial_state(2)
    values = {
        "x": inputs,
        **{f"state.{name}": p.clone() for name, p in zip(state._fields, state, strict=True)},
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

    gradients = _gradients(loss(), list(values.values()))
    off = 0.0
    for (name, value), gradient in zip(values.items(), gradients, strict=True):
        off = max(off, _check_slope(name, value, gradient, loss, subject.seed))
    return f"equals differences in float64, to {off:.0e}"


def _check_slope(
    name: str, value: Tensor, gradient: Tensor, loss: Callable[[], Tensor], seed: int
) -> float:
    """Return by how much slope and gradient differ. Raises: BreachError beyond rounding."""
    draw = make_generator(seed, f"direction of {name}")
    direction = torch.randn(value.shape, generator=draw)
    weights = torch.linspace(1, 2, len(loss()))
    ends = []
    with torch.no_grad():
        kept = value.clone()
        for sign in (1, -1):
            value.copy_(kept + sign * _STEP * direction)
            ends.append(float((loss() * weights).sum()))
        value.copy_(kept)
    slope = (ends[0] - ends[1]) / (2 * _STEP)
    told = float((gradient * direction).sum())
    off = abs(slope - told) / max(1.0, abs(slope))
    if off > _SLOPE_TOLERANCE:
        raise BreachError(
            f"along a random direction of {name} the gradient says {told:.4g}, differences "
            f"{slope:.4g}",
            f"{_DETACH} A backward of your own must be the derivative of its forward.",
        )
    return off
