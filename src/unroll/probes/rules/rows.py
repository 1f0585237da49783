"""The rule on a batch: its rows know nothing of each other."""

import torch

from unroll.probes.rules.finding import BreachError
from unroll.probes.rules.subject import Subject, differ, gradients_of, largest
from unroll.scan import scan

_HINT = (
    "Look for mean(0), sum(0), softmax(dim=0), batch normalisation, and view or reshape that "
    "exchanges axes."
)


def check_rows(subject: Subject) -> str:
    """Try whether a row changes another row's outputs or gradients, in any order of rows."""
    cell, inputs = subject.build(), subject.inputs(T=4)
    state = subject.reach(cell)
    outputs, _ = subject.run(cell, inputs, state)
    other = inputs.clone()
    other[1] = -other[1] + 0.5
    passed = type(state)(*(part.clone() for part in state))
    for part in passed:
        if part.is_floating_point():
            part[1] += 0.3
    changed, _ = subject.run(cell, other, passed)
    rest = [row for row in range(len(inputs)) if row != 1]
    if off := differ(changed[rest], outputs[rest]):
        raise BreachError(
            f"another row 1 changes the other rows' outputs by up to {off:.2g}", _HINT
        )
    order = torch.tensor([2, 0, 3, 1])
    turned, _ = subject.run(cell, inputs[order], type(state)(*(part[order] for part in state)))
    if off := differ(turned, outputs[order]):
        raise BreachError(
            f"rows in another order give outputs that differ by up to {off:.2g}", _HINT
        )
    x = inputs.clone().requires_grad_()
    outputs, _ = scan(cell, x, state)
    (gradient,) = gradients_of(outputs[0], [x])
    if size := largest(gradient[1:]):
        raise BreachError(f"row 0's outputs have a gradient of {size:.2g} by other rows", _HINT)
    return "no row's output or gradient depends on another row"
