"""Rules on the state: it is passed and returned, and all that is remembered is in it."""

from typing import Any

import torch
from torch import Tensor

from unroll.probes.rules.finding import BreachError
from unroll.probes.rules.subject import LONG, Subject, differ, is_continuous, largest

HALF = 4
"""Steps in the first half of a sequence."""
LATER = 5
"""So many steps later, or after more, an input must still be felt."""


def check_same_twice(subject: Subject) -> str:
    """Try whether one call gives one output, whatever the cell was called with between."""
    cell, inputs = subject.build(), subject.inputs()
    first = _seeded(subject, cell, inputs, seed=0)
    if off := differ(first, _seeded(subject, cell, inputs, seed=1)):
        if not differ(first, _seeded(subject, subject.build(), inputs, seed=0)) and differ(
            first, _seeded(subject, subject.build(), inputs, seed=1)
        ):
            raise BreachError(
                f"two calls with the same input and state differ by up to {off:.2g}: it draws "
                "random numbers in forward",
                "Take dropout and noise out of forward, or make them a layer around the cell.",
            )
        raise BreachError(
            f"two calls with the same input and state differ by up to {off:.2g}: the cell "
            f"remembers something on itself{_changed(subject, inputs)}",
            "Keep nothing on self in forward; pass it on in the state.",
        )
    subject.run(cell, subject.inputs(other=3))
    if off := differ(first, _seeded(subject, cell, inputs, seed=0)):
        raise BreachError(
            f"after another sequence the same call gives outputs that differ by up to {off:.2g}"
            f"{_changed(subject, inputs)}",
            "Keep nothing on self in forward; pass it on in the state.",
        )
    if changed := _changed(subject, inputs):
        raise BreachError(
            f"forward changes the cell{changed}",
            "Keep nothing on self in forward; pass it on in the state.",
        )
    return "the same call gives the same output, and leaves no trace"


def _seeded(subject: Subject, cell: Any, inputs: Tensor, *, seed: int) -> Tensor:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return subject.run(cell, inputs)[0]


def _changed(subject: Subject, inputs: Tensor) -> str:
    """Return `: self.h`, the attributes that a scan changes; nothing where there are none."""
    cell = subject.build()
    before = {name: _copy(_flat(vars(module))) for name, module in cell.named_modules()}
    subject.run(cell, inputs)
    names = []
    for where, module in cell.named_modules():
        old, new = before[where], _flat(vars(module))
        changed = [name for name in new if name not in old or not _same(old[name], new[name])]
        names += [".".join(filter(None, ["self", where, name])) for name in changed]
    return f": {', '.join(names)}" if names else ""


def _flat(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return a module's own attributes and buffers by name, without its inner modules."""
    own: dict[str, Any] = {
        name: value for name, value in attributes.items() if not name.startswith("_")
    }
    own |= attributes["_buffers"]
    own |= attributes["_parameters"]
    return own


def _copy(value: Any) -> Any:
    """Copy what a scan may write into: tensors, and what holds them."""
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, list):
        return [_copy(one) for one in value]
    if isinstance(value, dict):
        return {name: _copy(one) for name, one in value.items()}
    return value


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return one.shape == other.shape and torch.equal(one, other)
    plain = (int, float, str, bool, type(None), tuple)
    if isinstance(one, plain) and isinstance(other, plain):
        return repr(one) == repr(other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(map(_same, one.values(), other.values()))
    return type(one) is type(other)


def check_in_place(subject: Subject) -> str:
    """Try whether the state and the input that are passed stay as they were."""
    cell, state = subject.build(), subject.reach(subject.build())
    x = subject.inputs()[:, 0]
    kept = [part.clone() for part in (x, *state)]
    with torch.no_grad():
        cell(x, state)
    names = ["x", *(f"state.{name}" for name in state._fields)]
    written = [
        name
        for name, part, old in zip(names, (x, *state), kept, strict=True)
        if not torch.equal(part, old)
    ]
    if written:
        raise BreachError(
            f"forward writes into {' and '.join(written)}, which it was given",
            "Return new tensors: h = h * f + …, not h *= f or h[:] = ….",
        )
    return "what is passed stays as it was"


def check_halves(subject: Subject) -> str:
    """Try whether a sequence read in two halves, the state passed on, ends as one read at once."""
    cell, inputs = subject.build(), subject.inputs()
    whole, end = subject.run(cell, inputs)
    first, state = subject.run(cell, inputs[:, :HALF])
    second, last = subject.run(cell, inputs[:, HALF:], state)
    off = differ(torch.cat([first, second], 1), whole)
    off = max(off, *(differ(one, other) for one, other in zip(last, end, strict=True)))
    if off:
        raise BreachError(
            f"a sequence read in two halves differs by up to {off:.2g} from the same read at once",
            "Look for what forward keeps outside of the state it returns.",
        )
    return f"{HALF} steps and then {inputs.shape[1] - HALF} are the same as all at once"


def check_passed_state(subject: Subject) -> str:
    """Try whether each part of a passed state changes what follows, and comes back renewed."""
    cell, inputs = subject.build(), subject.inputs(T=LONG)
    state = subject.reach(cell)
    outputs, following = subject.run(cell, inputs, state)
    for place, name in enumerate(state._fields):
        if not is_continuous(state[place]):
            continue
        # Where outputs are steps, as of units that fire, a little more may change nothing.
        others = (state._replace(**{name: state[place] + more}) for more in (0.1, 1.0, -1.0))
        if not any(largest(subject.run(cell, inputs, other)[0] - outputs) for other in others):
            raise BreachError(
                f"another state.{name} is passed and no output changes in {inputs.shape[1]} steps",
                f"Read state.{name} in forward, and return the new one in the state; look for "
                "zeros that are made at every step.",
            )
    stale = [
        name
        for name, old, new in zip(state._fields, state, following, strict=True)
        if is_continuous(old) and torch.equal(old, new)
    ]
    if stale:
        raise BreachError(
            f"state.{stale[0]} comes back as it was passed: it is never renewed",
            f"Return the new {stale[0]} in the state, not the one that forward was given.",
        )
    parts = zip(state._fields, state, strict=True)
    tried = [f"state.{name}" for name, part in parts if is_continuous(part)]
    return f"{' and '.join(tried) or 'no part that is a number'}: read, and renewed"


def check_memory(subject: Subject) -> str:
    """Try whether the first input changes the output some steps later."""
    cell, inputs = subject.build(), subject.inputs(T=LONG)
    outputs, _ = subject.run(cell, inputs)
    felt = [0.0] * LONG
    for more in (0.5, 2.0, -2.0):
        other = inputs.clone()
        other[:, 0] += more
        felt = (subject.run(cell, other)[0] - outputs).abs().amax((0, 2)).tolist()
        if any(felt[LATER:]):
            break
    later = next((t for t in range(LATER, LONG) if felt[t]), None)
    if later is None:
        last = max((t for t, change in enumerate(felt) if change), default=-1)
        after = "at all" if last < 0 else f"more than {last} step{'s' * (last != 1)} later"
        raise BreachError(
            f"another first input changes no output {after}: it is not carried",
            "Look at what goes from one step to the next: each part of the returned state must "
            "depend on the passed one and on x.",
        )
    return f"x(1) changes the output {later} steps later by {felt[later]:.2g}"


def check_inputs_read(subject: Subject) -> str:
    """Try whether each of the D inputs changes an output."""
    cell, inputs = subject.build(), subject.inputs(T=LONG)
    outputs, _ = subject.run(cell, inputs)
    unread = []
    for place in range(subject.D):
        other = inputs.clone()
        other[:, :, place] += 0.5
        if not largest(subject.run(cell, other)[0] - outputs):
            unread.append(str(place))
    if unread:
        raise BreachError(
            f"x[:, {', '.join(unread)}] of {subject.D} inputs changes no output",
            "Look for x in the equations of forward, and for a slice of it.",
        )
    return f"each of {subject.D} inputs changes the output"


def check_long(subject: Subject) -> str:
    """Try whether outputs stay finite over a thousand steps."""
    outputs, _ = subject.run(subject.build(), subject.inputs(T=1000, B=2))
    sizes = outputs.abs().amax((0, 2))
    if not bool(outputs.isfinite().all()):
        step = int((~outputs.isfinite()).any(2).any(0).float().argmax()) + 1
        raise BreachError(
            f"outputs are no longer finite at step {step}",
            "Look for a state that is multiplied or added to without bound: a tanh or a gate "
            "below 1 holds it.",
        )
    return f"finite over 1,000 steps; largest output {float(sizes.max()):.2g}"
