"""What was measured of graphs as lines and tables for a terminal of 80 columns."""

import textwrap
from collections.abc import Callable
from typing import Any

from rich.table import Table

from unroll.report.terminal import terminal_width
from unroll.study.graphs.compare.registry import EXPERIMENTS
from unroll.study.graphs.summary import (
    MODELS,
    accuracy_line,
    accuracy_spread,
    cases_of,
    energy_left,
    horizon_of,
    networks_of,
)
from unroll.study.graphs.view import GraphView
from unroll.study.words import count, spread

MOST_NODES = 12
"""A matrix of more nodes is not printed: it would not fit the terminal."""


def tell_graph(view: GraphView) -> list[str | Table]:
    """Return what a view tells a person."""
    told = _TABLES[view.kind](view) if view.looks else []
    return [
        *(part if isinstance(part, Table) else _wrapped(part) for part in told),
        *(f"failed: {problem}" for problem in view.problems),
    ]


def _wrapped(text: str) -> str:
    """Return `text` with its lines broken where the terminal ends."""
    width = terminal_width()
    return "\n".join("\n".join(textwrap.wrap(line, width)) for line in text.split("\n"))


def _classify(view: GraphView) -> list[str | Table]:
    graph = view.looks[0].values["graph"]
    parts = [count(graph["nodes"], "node"), count(graph["edges"], "edge")]
    parts += [f"{graph['classes']} classes", f"{graph['train']} labelled for training"]
    epochs = spread([float(values["epochs"]) for values in view.values()], "{:.0f}")
    return [
        f"{graph['name']}: {', '.join(parts)}; epochs {epochs}",
        f"\n{accuracy_line(view)}",
        accuracy_spread(view),
    ]


def _reach(view: GraphView) -> list[str | Table]:
    values = view.looks[0].values
    return [*_matrix(values), *_layers(values), f"\n{_answer(values)}"]


def _matrix(values: dict[str, Any]) -> list[str | Table]:
    """Return Ã where it can be read."""
    names = values["names"]
    if len(names) > MOST_NODES:
        return [f"Ã = A + I has {len(names)} rows: too many to print"]
    table = Table(box=None, pad_edge=False)
    table.add_column("Ã")
    for name in names:
        table.add_column(name, justify="right")
    for name, row in zip(names, values["a_tilde"], strict=True):
        table.add_row(name, *(f"{entry:g}" for entry in row))
    return [table]


def _layers(values: dict[str, Any]) -> list[str | Table]:
    """Return which nodes hear of the source at each layer."""
    names, hops = values["names"], values["hops"]
    last = max((hop for hop in hops if hop is not None), default=0)
    lines: list[str | Table] = [f"\nnews of {values['source']}:"]
    for layer in range(last + 1):
        heard = [name for name, hop in zip(names, hops, strict=True) if hop == layer]
        shown = ", ".join(heard[:MOST_NODES]) + (" …" if len(heard) > MOST_NODES else "")
        lines.append(f"  {count(layer, 'update'):<11}→ {shown}")
    return lines


def _answer(values: dict[str, Any]) -> str:
    source, target = values["source"], values["target"]
    if values["updates"] is None:
        return f"{target} never hears of {source}: no path leads there"
    jacobian = values["updates_by_jacobian"]
    agreed = "and of" if jacobian == values["updates"] else f"but {jacobian} of"
    return (
        f"{target} first hears of {source} after {count(values['updates'], 'update')}: the first "
        f"power of Â, {agreed} a stacked network's Jacobian, that is not 0 there"
    )


def _hops(view: GraphView) -> list[str | Table]:
    table = Table(box=None, pad_edge=False)
    for title in ("shape", "network"):
        table.add_column(title)
    distances = sorted(view.options("distance"))
    for distance in distances:
        table.add_column(f"d = {distance}", justify="right")
    table.add_column("horizon", justify="right")
    for shape, model, residual in networks_of(view):
        name = MODELS[model] + (" + residual" if residual == "residual" else "")
        chosen = {"shape": shape, "model": model, "residual": residual}
        accuracies = [[v["accuracy"] for v in view.values(**chosen, distance=d)] for d in distances]
        horizon = horizon_of(view, (shape, model, residual))
        far = "none" if horizon.median is None else str(horizon.median)
        table.add_row(
            shape,
            name,
            *(f"{sum(a) / len(a):.2f}" if a else "–" for a in accuracies),
            far + (" or more" if horizon.is_open else ""),
        )
    horizon = horizon_of(view, networks_of(view)[0])
    chance = view.looks[0].values["chance"]
    note = (
        f"mean accuracy of {count(len(view.options('seed')), 'seed')} at d hops, with d layers; "
        f"chance {chance:.2f}\nhorizon: hops, median of seeds; {horizon.criterion}"
    )
    return [table, f"\n{note}"]


def _depth(view: GraphView) -> list[str | Table]:
    table = Table(box=None, pad_edge=False)
    table.add_column("network")
    for title in ("depth", "accuracy, %", "share of the\nDirichlet energy", "mean cosine"):
        table.add_column(title, justify="right", overflow="fold")
    for variant in view.options("variant"):
        for depth in sorted(view.options("depth")):
            looks = view.values(variant=variant, depth=depth)
            if not looks:
                continue
            table.add_row(
                VARIANTS.get(variant, variant),
                str(depth),
                spread([100 * values["accuracy"] for values in looks], "{:.1f}"),
                spread([energy_left(values) for values in looks], "{:.1g}"),
                spread([values["mean_cosine"] for values in looks], "{:.2f}"),
            )
    seeds = count(len(view.options("seed")), "seed")
    note = f"median of {seeds} (lowest–highest), test nodes\n"
    note += "energy: after the last layer, as a share of that of the features"
    return [table, f"\n{note}"]


VARIANTS = {"plain": "GCN", "residual": "GCN + residual", "smoothing": "Âᵏ X, then linear"}
"""What is stacked."""


def _compare(view: GraphView) -> list[str | Table]:
    experiment = EXPERIMENTS[view.protocol["experiment"]]
    table = Table(box=None, pad_edge=False)
    for title in ("case", "network"):
        table.add_column(title)
    for title in (experiment.metric, *(["chance"] if experiment.metric == "accuracy" else [])):
        table.add_column(title, justify="right", no_wrap=True)
    found = {name: cases_of(view, name) for name in view.options("contestant")}
    for case in experiment.cases:
        told = [(name, values) for name, by in found.items() if (values := by.get(case.name))]
        for index, (name, values) in enumerate(told):
            chance = [] if case.chance is None else [f"{case.chance:.3f}"]
            first = (case.name, *chance) if index == 0 else ("", *([""] * len(chance)))
            table.add_row(first[0], name, spread(values, "{:.3f}"), *first[1:])
    checks = [check for values in view.values() for check in values["checks"]]
    failed = [check for check in checks if not check["passed"]]
    lines = [f"not so: {check['claim']} ({check['detail']})" for check in failed]
    note = f"{experiment.metric}, {experiment.unit}; median of "
    note += f"{count(len(view.options('seed')), 'seed')} (lowest–highest)"
    return [f"{experiment.title}\n", table, f"\n{note}", *lines]


_TABLES: dict[str, Callable[[GraphView], list[str | Table]]] = {
    "graph-reach": _reach,
    "graph-horizon": _hops,
    "graph-classify": _classify,
    "graph-depth": _depth,
    "graph-compare": _compare,
}
