"""A cell beside a reference: the same function of copied weights, or where it is another."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from unroll.probes.likeness.blocks import draw_parameters, layouts
from unroll.probes.likeness.families import FAMILIES, Family
from unroll.probes.likeness.form import Change
from unroll.probes.likeness.readings import Reading, fits, readings
from unroll.probes.likeness.telling import (
    tell_counts,
    tell_equal,
    tell_nearest,
    tell_other,
)
from unroll.probes.likeness.weights import stack
from unroll.probes.rules.finding import Finding
from unroll.probes.rules.subject import Subject, differ, gradients_of, in_float64, largest
from unroll.scan import scan
from unroll.seeding import make_generator

_MOST, _MOST_IN_PAIRS = 6000, 24
"""Readings that are tried; and with two changes at once."""
_MOST_NUMBERS = 2 * 10**7
"""Weights of all readings together, 8 bytes each."""
_EQUAL = 1e-9
"""Float64 leaves about 1e-15 after a few steps; another equation differs by far more."""
RULE = "as"
STEPS = 20
_D, _H = 5, 8
"""None of D, H, D + H, 3H and 4H equals another or is a multiple of it that could mislead."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """A reading of the parameters under which the cell is the reference, but for `changes`."""

    reading: Reading
    """Which block is which gate."""
    changes: tuple[Change, ...]
    """What is done otherwise; none where the two are equal."""


def compare(subject: Subject, family: Family) -> Finding:
    """Say whether a cell is the reference with the same weights, and if not, what differs.

    All parameters are drawn anew. Each way to take them for the reference's gates is tried, then
    each with one known change of the equation, then with two. All begin from zeros: a first state
    that is learned takes no part.
    """
    with in_float64():
        subject = _at_clear_sizes(subject)
        cell = subject.build()
        draw_parameters(cell, make_generator(subject.seed, "likeness"))
        learned = _of_first_state(subject, cell)
        finding = _compare(subject, cell, family, learned)
        if not learned:
            return finding
        names = ", ".join(learned)
        return replace(finding, told=f"{finding.told}; its first state is learned, {names}")


def _compare(subject: Subject, cell: Any, family: Family, without: Sequence[str]) -> Finding:
    found = _all_readings(cell, subject, family, without)
    inputs = subject.inputs(T=4, B=3)
    wanted, _ = subject.run(cell, inputs, _zeros(cell, 3))
    match = _search(found, inputs, wanted, family, count=0)
    if match is not None:
        beside, hint = _beside_ours(subject, cell, match.reading, family)
        if hint:
            return _broken((beside, hint))
        return tell_equal(match.reading, (), family, beside)
    ways = list(layouts(cell, subject.D, subject.H, without=without))
    for other in FAMILIES.values():
        apt = other is not family and any(fits(layout, other) for layout in ways)
        others = _all_readings(cell, subject, other, without) if apt else []
        if _search(others, inputs, wanted, other, count=0) is not None:
            return _broken(tell_other(other, family))
    if not found:
        return _broken(tell_counts(cell, ways[0], subject, family))
    idle = _has_idle_weights(subject, cell)
    for count in (1, 2):
        match = _search(found, inputs, wanted, family, count=count, idle=idle)
        if match is not None:
            return tell_equal(match.reading, match.changes, family, None)
    off = family.form.scan(stack([r.weights for r in found]), inputs) - wanted
    return _broken(tell_nearest(off.abs().amax((1, 3)), family))


def _of_first_state(subject: Subject, cell: Any) -> tuple[str, ...]:
    """Return the names of parameters that make the first state, and take no part in a step."""
    trained = {name: p for name, p in cell.named_parameters() if p.requires_grad}
    first = torch.cat([part.flatten() for part in cell.initial_state(3)])
    outputs, _ = scan(cell, subject.inputs(T=4, B=3), _zeros(cell, 3))
    makes, steps = (gradients_of(value, list(trained.values())) for value in (first, outputs))
    pairs = zip(trained, makes, steps, strict=True)
    return tuple(name for name, made, step in pairs if largest(made) and not largest(step))


def _has_idle_weights(subject: Subject, cell: Any) -> bool:
    """Return whether some weight has no part in what comes out."""
    trained = [p for p in cell.parameters() if p.requires_grad]
    outputs, _ = scan(cell, subject.inputs(T=4, B=3), _zeros(cell, 3))
    return any(bool((one == 0).any()) for one in gradients_of(outputs, trained))


def _at_clear_sizes(subject: Subject) -> Subject:
    """Return the subject at sizes that tell x from h and a row from a column, if it has them.

    With D = H, or with one unit, shapes leave open what is what; an equation knows no sizes.
    """
    clear = replace(subject, D=_D, H=_H)
    try:
        clear.run(clear.build(), clear.inputs(T=1))
    except (Exception, SystemExit):
        return subject
    return clear


def _broken(words: tuple[str, str]) -> Finding:
    return Finding(rule=RULE, outcome="broken", told=words[0], hint=words[1])


def _zeros(cell: Any, B: int) -> Any:
    state = cell.initial_state(B)
    return type(state)(*(torch.zeros_like(part) for part in state))


def _all_readings(
    cell: Any, subject: Subject, family: Family, without: Sequence[str]
) -> list[Reading]:
    """Return all readings, those that take the names of parameters at their word first."""
    ways: Iterator[Reading] = itertools.chain.from_iterable(
        readings(layout, family) for layout in layouts(cell, subject.D, subject.H, without=without)
    )
    each = len(family.gates) * subject.H * (subject.D + subject.H)
    found = list(itertools.islice(ways, min(_MOST, _MOST_NUMBERS // each)))
    return sorted(found, key=lambda reading: bool(reading.renamed))


def _search(
    found: Sequence[Reading],
    inputs: Tensor,
    wanted: Tensor,
    family: Family,
    *,
    count: int,
    idle: bool = True,
) -> Match | None:
    """Return the match with `count` changes that takes most names at their word.

    Two changes are tried on the first readings only, where each gate has its weights.
    What leaves weights idle is tried only where some are, `idle`.
    """
    among = list(found)
    if count == 2:
        whole = [one for one in found if len(one.order) == len(family.gates)]
        among = whole[:_MOST_IN_PAIRS]
    if not among:
        return None
    weights = stack([reading.weights for reading in among])
    best = None
    known = [change for change in family.changes if idle or not change.leaves_idle]
    for changes in itertools.combinations(known, count):
        keys = [key for change in changes for key in change.values]
        if len(keys) > len({*keys}):
            continue
        form = family.with_changes(changes)
        if count == 2:
            begun = form.scan(weights, inputs[:1, :1]) - wanted[:1, :1]
            if not bool((begun.abs().amax((1, 2, 3)) < _EQUAL).any()):
                continue
        off = (form.scan(weights, inputs) - wanted).abs().amax((1, 2, 3))
        equal = (off < _EQUAL).nonzero()
        if len(equal):
            match = Match(reading=among[int(equal[0])], changes=changes)
            if not match.reading.renamed:
                return match
            best = best or match
    return best


def _beside_ours(
    subject: Subject, cell: Any, reading: Reading, family: Family
) -> tuple[str, str | None]:
    """Compare with the shipped cell itself, over a longer scan and from a passed state.

    Returns a sentence, and a hint where the two differ after all. States are matched by their
    values at the end of the scan.
    """
    ours = family.copy(reading.weights, subject.D, subject.H)
    inputs = subject.inputs(T=STEPS, B=3, other=2)
    theirs, their_end = subject.run(cell, inputs, _zeros(cell, 3))
    outputs, our_end = subject.run(ours, inputs)
    told = f"outputs over {STEPS} steps {_by(differ(theirs, outputs), theirs - outputs)}"
    names = []
    for part in our_end:
        same = [n for n, p in zip(their_end._fields, their_end, strict=True) if not differ(p, part)]
        names += same[:1]
    if len(names) < len(our_end):
        return f"{told}; its state is laid out otherwise than ours, and was not compared", None
    drawn = subject.inputs(T=len(our_end), B=3, D=subject.H, other=4).unbind(1)
    passed = their_end._replace(**dict(zip(names, drawn, strict=True)))
    after, _ = subject.run(cell, inputs, passed)
    expected, _ = subject.run(ours, inputs, type(our_end)(*drawn))
    if off := differ(after, expected):
        return (
            f"{told}, but from a passed state they differ by {off:.2g}",
            "Begin each step from the passed state alone.",
        )
    told = f"{told}, from zeros and from a passed state"
    if list(our_end._fields) == names or len(names) == 1:
        return told, None
    return f"{told}; its state {', '.join(names)} is our {', '.join(our_end._fields)}", None


def _by(off: float, difference: Tensor) -> str:
    largest = float(difference.abs().max())
    if off:
        return f"differ by {off:.2g}"
    return f"differ by {largest:.0e} at most" if largest else "are the same"
