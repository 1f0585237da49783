"""What a comparison has found, in words."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from torch import Tensor

from unroll.probes.likeness.blocks import Layout
from unroll.probes.likeness.families import FAMILIES, Family
from unroll.probes.likeness.form import Change
from unroll.probes.likeness.readings import Reading, fits
from unroll.probes.rules.finding import Finding
from unroll.probes.rules.subject import Subject

_EQUAL = 1e-9


def tell_equal(
    reading: Reading, changes: Sequence[Change], family: Family, beside: str | None
) -> Finding:
    """Return what a match means: equal, equal in a published form, or but for a mistake.

    `beside` is what a longer comparison with the shipped cell itself has shown.
    """
    faults = [change.told for change in changes if not change.published]
    hints = [change.hint for change in changes if not change.published]
    if reading.renamed:
        done = [f"{name} does the work of {gate}" for name, gate in reading.renamed.items()]
        faults.insert(0, f"gates are swapped: {', '.join(done)}")
        hints.insert(0, "Exchange the names, or their places in the equations.")
    if reading.lacking:
        faults.append(f"there is no {', no '.join(reading.lacking)}")
        hints.append("Let each gate read x and h, each through a weight of its own.")
    unbiased = [gate for gate in reading.order if gate in reading.unbiased]
    if unbiased and not any("bias" in fault for fault in faults):
        all_of_them = len(unbiased) == len(reading.order) > 1
        gates = "any gate" if all_of_them else ", ".join(unbiased)
        faults.append(f"there is no bias for {gates}")
        hints.append("Give each gate a bias; a forget gate's is where memory begins.")
    order = _order(reading, family)
    variants = [change.told for change in changes if change.published]
    if faults:
        told = f"it is {family.called} but for: {'; '.join([*faults, *variants])}{order}"
        return Finding(rule="as", outcome="broken", told=told, hint=" ".join(hints))
    told = f"it is {family.called}"
    if variants:
        told += f" but that {'; '.join(variants)}: {' '.join(c.hint for c in changes)}"
    if beside:
        told += f": {beside}"
    if reading.has_two_biases and family.name != "gru":
        told += "; two biases a gate, whose sum is ours"
    return Finding(rule="as", outcome="kept", told=f"{told}{order}")


def _order(reading: Reading, family: Family) -> str:
    """Return the order of the gates, where it is not ours and no names speak of it."""
    ours = [gate for gate in family.gates if gate in reading.order]
    if reading.named or list(reading.order) == ours or len(reading.order) < 2:
        return ""
    return f"; its gates stand in the order {', '.join(reading.order)}"


def tell_nearest(off: Tensor, family: Family) -> tuple[str, str]:
    """Return by how much, and from which step on, the nearest reading differs: off (R, T)."""
    begins = [
        next((t for t, value in enumerate(row) if value > _EQUAL), len(row)) for row in off.tolist()
    ]
    latest = max(begins)
    near = min(float(off[k].max()) for k, begin in enumerate(begins) if begin == latest)
    told = (
        f"it is not {family.called}, nor {family.called} with one or two of the usual mistakes: "
        f"at best outputs differ by {near:.2g}, from step {latest + 1} on"
    )
    if latest == 0:
        hint = (
            "The first step from zeros differs already: look at what x and the biases go through, "
            "at the output, and at whether each gate reads the passed state and none reads a new "
            "c or h."
        )
    else:
        hint = (
            f"Up to step {latest} it is equal: look at what the state goes through, and not at x "
            "or the output."
        )
    return told, hint


def tell_other(other: Family, family: Family) -> tuple[str, str]:
    """Return what is said of a cell that is exactly another shipped one."""
    return (
        f"it is not {family.called}: it is {other.called}, equal with copied weights",
        f"Compare --as {other.name}, or see in which equations the two differ.",
    )


def tell_counts(cell: Any, layout: Layout, subject: Subject, family: Family) -> tuple[str, str]:
    """Return why the parameters cannot be those of the reference, by their shapes."""
    D, H = subject.D, subject.H
    if layout.unread:
        shapes = {name: tuple(p.shape) for name, p in cell.named_parameters()}
        odd = ", ".join(f"{name} {shapes[name]}" for name in layout.unread)
        return (
            f"it is not {family.called}: with D = {D}, H = {H}, {odd} has none of the shapes of "
            f"{family.called}'s parameters",
            f"The weights are ({len(family.gates)}·H, D) and ({len(family.gates)}·H, H), in one "
            "piece or gate by gate, the biases (H,) a gate.",
        )
    counts = Counter(block.kind for block in layout.blocks)
    G = len(family.gates)
    on_h = G if family.reads_h else 0
    alike = [
        other.name for other in FAMILIES.values() if other is not family and fits(layout, other)
    ]
    told = (
        f"it is not {family.called}: its parameters make {counts['x']} blocks on x, {counts['h']} "
        f"on h and {counts['v']} vectors, and {family.called} has {G}, {on_h} and "
        f"{G + family.extras}"
    )
    near = f"They may be those of {' or '.join(alike)}: compare --as {alike[0]}." if alike else ""
    return told, near or "Each gate has one weight on x, one on h and a bias."
