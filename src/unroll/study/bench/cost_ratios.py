"""How long a step takes as a multiple of the reference's, in words."""

from collections.abc import Mapping, Sequence

from unroll.report.markup import inert
from unroll.report.names import cell_name
from unroll.study.bench.cost import REFERENCE
from unroll.study.bench.cost_view import CellCost, ratio_to
from unroll.study.words import join

_ENGINES = {"plain": "plain loop", "torch": "PyTorch's kernel", "parallel": "scan in parallel"}
"""How the engines of `unroll.engines` are called here."""


def ratio_sentences(found: Sequence[CellCost], labels: Mapping[str, str]) -> str:
    """Say how long each cell takes as a multiple of the reference, at the longest length."""
    ratios = {
        cost.cell: ratio
        for cost in found
        if cost.asked_engine == "auto"
        and cost.cell != REFERENCE
        and (ratio := ratio_to(found, cost.cell, REFERENCE)) is not None
    }
    if not ratios:
        return ""
    told = join(
        f"{ratio:.2g} times as long for {inert(cell_name(labels[cell]))}{_by(found, cell)}"
        for cell, ratio in ratios.items()
    )
    name = cell_name(labels[REFERENCE])
    return (
        f"Beside the {name}{_by(found, REFERENCE)}, at the longest length that both were measured "
        f"at, a training step takes {told}. {_by_one_loop(found, labels)}"
    ).strip()


def _by(found: Sequence[CellCost], cell: str) -> str:
    """Name the engine of a cell in brackets, where the cells do not all run by the same."""
    engines = {cost.cell: cost.engine for cost in found if cost.asked_engine == "auto"}
    if len(set(engines.values())) == 1:
        return ""
    return f" ({_ENGINES.get(engines[cell], f'engine {engines[cell]}')})"


def _by_one_loop(found: Sequence[CellCost], labels: Mapping[str, str]) -> str:
    """Compare the cells that run by the plain loop with the reference by the same loop."""
    plain = {cost.cell: cost for cost in found if cost.engine == "plain"}
    mine = next((c for c in found if c.cell == REFERENCE and c.asked_engine == "plain"), None)
    if mine is None:
        return ""
    told = {}
    for cell, cost in plain.items():
        both = {p.length for p in cost.training} & {p.length for p in mine.training}
        if cell != REFERENCE and cost.asked_engine == "auto" and both:
            at = max(both)
            one, other = cost.step_seconds(at), mine.step_seconds(at)
            if one and other:
                name = inert(cell_name(labels[cell]))
                told[cell] = f"{one / other:.2g} times as long for {name} (T = {at:,})"
    if not told:
        return ""
    name = cell_name(labels[REFERENCE])
    return f"With the {name} by the plain loop too, it takes {join(told.values())}."
