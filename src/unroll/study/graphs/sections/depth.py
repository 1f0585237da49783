"""Many layers, all the same: what depth does to accuracy and to the nodes' states."""

import statistics

from unroll.report.charts import accuracy_by_depth, cosine_by_depth, energy_by_depth
from unroll.report.section import Block, Column, Prose, Table
from unroll.study.graphs.sections.rows import depth_rows
from unroll.study.graphs.sections.words import data_name
from unroll.study.graphs.view import GraphView
from unroll.study.reproduction import with_commands
from unroll.study.words import count, in_cell, join, spread

APART = 0.05
"""Accuracies count as different if their medians are further apart and the seeds do not overlap."""
SAME_COSINE, SAME_ENERGY = 0.9, 0.01
"""Nodes count as much the same above such a mean cosine, or below such a share of the energy."""
NAMES = {
    "plain": "plain layers",
    "residual": "residual layers",
    "smoothing": "smoothing alone",
}


def depth_ran(view: GraphView) -> str:
    """Say what was trained."""
    depths = sorted(view.options("depth"))
    return (
        f"**Depth.** On {data_name(view.options('data')[0])}, GCNs of {join(depths)} layers, plain "
        "and residual (each layer adds to its input), beside pure smoothing: $Â^L X$ and a "
        "linear readout, so that nothing but the readout is learnt. "
        f"{count(len(view.options('seed')), 'seed')} each{_epochs(view)}. "
        "After the last layer two figures tell how alike the nodes have become: the Dirichlet "
        "energy, how far neighbours' states are apart, summed over edges, beside "
        "how large they are; and the mean cosine of two nodes' states."
    )


def _epochs(view: GraphView) -> str:
    """Say how long was trained, where all took equally long."""
    epochs = {look.values["epochs"] for look in view.looks if look.settings["variant"] == "plain"}
    return f", {count(epochs.pop(), 'epoch')}" if len(epochs) == 1 else ""


def depth_blocks(view: GraphView, index: int) -> list[Block]:
    """Return what was measured."""
    rows = depth_rows(view)
    suffix = f"-{index}" if index else ""
    blocks: list[Block] = [
        Prose(text=_told(view)),
        accuracy_by_depth(rows, figure_id=f"depth-accuracy{suffix}"),
        _table(view),
        energy_by_depth(rows, figure_id=f"depth-energy{suffix}"),
        cosine_by_depth(rows, figure_id=f"depth-cosine{suffix}"),
    ]
    return with_commands(blocks, view.commands)


def accuracies(view: GraphView, variant: str, depth: int) -> list[float]:
    """Return the accuracies of all seeds."""
    return [values["accuracy"] for values in view.values(variant=variant, depth=depth)]


def _variants(view: GraphView) -> list[str]:
    return [name for name in NAMES if name in view.options("variant")]


def _depths(view: GraphView, variant: str) -> list[int]:
    """Return the depths at which a variant is measured."""
    return sorted({s["depth"] for look in view.looks if (s := look.settings)["variant"] == variant})


def _told(view: GraphView) -> str:
    told = []
    for variant in _variants(view):
        depths = _depths(view, variant)
        best = max(depths, key=lambda depth: statistics.median(accuracies(view, variant, depth)))
        high, last = (_percent(accuracies(view, variant, depth)) for depth in (best, depths[-1]))
        told.append(
            f"{NAMES[variant]} {high}% at best (L = {best}) and {last}% at L = {depths[-1]}"
        )
    data = data_name(view.options("data")[0])
    return f"**Many layers, on {data}.** Accuracy on the test nodes: {'; '.join(told)}."


def _percent(values: list[float]) -> str:
    return spread([100 * value for value in values], "{:.1f}")


def _table(view: GraphView) -> Table:
    variants = _variants(view)
    depths = sorted(view.options("depth"))
    return Table(
        columns=(
            Column(title="L", numeric=True),
            *(Column(title=f"{variant} (%)", numeric=True) for variant in variants),
        ),
        rows=tuple(
            (depth, *(_in_cell(accuracies(view, variant, depth)) for variant in variants))
            for depth in depths
        ),
        caption="Accuracy on the test nodes by depth: median (lowest–highest) over seeds.",
    )


def _in_cell(values: list[float]) -> str:
    return in_cell([100 * value for value in values], "{:.1f}")


def depth_findings(view: GraphView) -> list[str]:
    """Return what follows of depth."""
    told = [_plain_finding(view)] if _depths(view, "plain") else []
    told += [_others_finding(view)] if _depths(view, "plain") else []
    if _is_one_seed(view) and told:
        told.append(
            "All this is one seed: whether another would show the same is not known. `--seeds 3` "
            "tells how far seeds differ."
        )
    return [sentence for sentence in told if sentence]


def _is_one_seed(view: GraphView) -> bool:
    return len(view.options("seed")) == 1


def _plain_finding(view: GraphView) -> str:
    depths = _depths(view, "plain")
    best = max(depths, key=lambda depth: statistics.median(accuracies(view, "plain", depth)))
    last = depths[-1]
    high, low = accuracies(view, "plain", best), accuracies(view, "plain", last)
    name = data_name(view.options("data")[0])
    alone = ", one seed" if _is_one_seed(view) else ""
    if best == last or not _is_below(low, high):
        return (
            f"**Many layers{alone}.** On {name}, plain layers lose no more than "
            f"{100 * APART:.0f} points{'' if alone else ', or no more than the seeds differ,'} "
            f"up to L = {last} ({_percent(low)}%): the collapse "
            "that deep graph networks are known for is not seen here."
        )
    return (
        f"**The drawback, second half: many layers{alone}.** On {name}, plain layers go from "
        f"{_percent(high)}% at L = {best} down to {_percent(low)}% at L = {last}. "
        f"{_alike(view, last)}"
    )


def _alike(view: GraphView, depth: int) -> str:
    """Say whether the nodes of plain networks of one depth have become the same."""
    looks = view.values(variant="plain", depth=depth)
    cosine = statistics.median(look["mean_cosine"] for look in looks)
    ratios = [
        look["dirichlet_energy"] / look["dirichlet_start"]
        for look in looks
        # Features that are alike from the start have nothing to lose.
        if look["dirichlet_start"] > 0
    ]
    left = statistics.median(ratios or [1.0])
    figures = f"{left:.2g} of the Dirichlet energy is left, the mean cosine is {cosine:.2f}"
    if cosine > SAME_COSINE or left < SAME_ENERGY:
        return f"There the nodes have become much the same: {figures}."
    return f"There the nodes are still told apart ({figures}): something else is in the way."


def _is_below(one: list[float], other: list[float]) -> bool:
    """Return whether all of `one` lie below all of `other`, the medians by more than APART."""
    if not one or not other:
        return False
    return max(one) < min(other) and statistics.median(other) - statistics.median(one) > APART


def _others_finding(view: GraphView) -> str:
    """Say whether smoothing alone does the harm, and whether residual layers prevent it."""
    told = []
    deep = [d for d in _depths(view, "plain") if _is_below(*_beside(view, "smoothing", d))]
    if deep:
        plain, smooth = _beside(view, "smoothing", deep[0])
        told.append(
            f"{'Here it' if _is_one_seed(view) else 'It'} is not smoothing alone that does the "
            f"harm: at L = {deep[0]}, where plain layers "
            f"come to {_percent(plain)}%, $Â^{{{deep[0]}}} X$ with a linear readout, which "
            f"smooths as often, comes to {_percent(smooth)}%. What the "
            "two do not share is the W and the σ in between, and training them."
        )
    elif _depths(view, "smoothing"):
        told.append(
            "Nowhere does smoothing alone do better than plain layers of the same depth by more "
            f"than {_margin(view)}: this run cannot tell the harm of smoothing from that of depth."
        )
    last = _depths(view, "plain")[-1]
    plain, residual = _beside(view, "residual", last)
    if residual and _is_below(plain, residual):
        told.append(
            f"Residual layers keep {_percent(residual)}% at L = {last}, where plain ones keep "
            f"{_percent(plain)}%: each layer adds to what a node knew instead of replacing it."
        )
    elif residual:
        told.append(
            f"Residual layers are no better at L = {last}: {_percent(residual)}% against "
            f"{_percent(plain)}%."
        )
    return " ".join(told)


def _margin(view: GraphView) -> str:
    return f"{100 * APART:.0f} points" if _is_one_seed(view) else "the seeds differ"


def _beside(view: GraphView, variant: str, depth: int) -> tuple[list[float], list[float]]:
    """Return the accuracies of plain layers and of another variant at one depth."""
    return accuracies(view, "plain", depth), accuracies(view, variant, depth)
