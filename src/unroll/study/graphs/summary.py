"""What was measured of graphs as plain values, for `--json`, and in a few lines."""

import statistics
from collections.abc import Callable
from itertools import product
from typing import Any

from unroll.records import Horizon
from unroll.study.graphs.hop_horizon import hop_horizon
from unroll.study.graphs.settings.hops import RESIDUALS, SHAPES
from unroll.study.graphs.view import GraphView

MODELS = {"gcn": "GCN", "gat": "GAT"}
"""What the networks are called."""


def summarise_graph(view: GraphView) -> dict[str, Any]:
    """Return a view under plain names."""
    return {
        **_SUMMARIES[view.kind](view),
        "problems": list(view.problems),
        "missing": view.missing,
    }


def accuracy_summary(view: GraphView) -> dict[str, Any]:
    """Return the test accuracies of all seeds as fractions, their mean and standard deviation."""
    values = [values["accuracy"]["test"] for values in view.values()]
    return {
        "per_seed": values,
        "mean": statistics.fmean(values) if values else None,
        "std": statistics.stdev(values) if len(values) > 1 else None,
    }


def _classify(view: GraphView) -> dict[str, Any]:
    looks = view.values()
    return {
        "accuracy": accuracy_summary(view),
        "epochs": [values["epochs"] for values in looks],
        "graph": looks[0]["graph"] if looks else None,
    }


def _reach(view: GraphView) -> dict[str, Any]:
    values = next(iter(view.values()), None)
    if values is None:
        return {"updates": None}
    names = values["names"]
    kept = ("updates", "updates_by_jacobian", "squared", "source", "target", "names", "a_tilde")
    return {
        **{name: values[name] for name in kept},
        "hops": dict(zip(names, values["hops"], strict=True)),
        "row_sums": dict(zip(names, values["row_sums"], strict=True)),
    }


def networks_of(view: GraphView) -> list[tuple[str, str, str]]:
    """Return shape, model and residual of a hop horizon's networks: paths, GCN, plain first."""
    names = ("shape", "model", "residual")
    known = {tuple(look.settings[name] for name in names) for look in view.looks}
    return [n for n in product(SHAPES, MODELS, RESIDUALS) if n in known]


def horizon_of(view: GraphView, network: tuple[str, str, str]) -> Horizon:
    """Return how many hops a kind of network carries a label along one shape."""
    shape, model, residual = network
    mine = [
        look
        for look in view.looks
        if (look.settings["shape"], look.settings["model"], look.settings["residual"])
        == (shape, model, residual)
    ]
    return hop_horizon(mine)


def _hops(view: GraphView) -> dict[str, Any]:
    told = []
    for network in networks_of(view):
        shape, model, residual = network
        horizon = horizon_of(view, network)
        told.append(
            {
                "shape": shape,
                "model": model,
                "residual": residual,
                "horizon": {
                    "unit": horizon.unit,
                    "criterion": horizon.criterion,
                    "budget": horizon.budget,
                    "per_seed": list(horizon.per_seed),
                    "median": horizon.median,
                    "open": horizon.is_open,
                },
                "distances": [
                    _at_distance(view, shape=shape, model=model, residual=residual, distance=d)
                    for d in sorted(view.options("distance"))
                ],
            }
        )
    return {"networks": told}


def _at_distance(view: GraphView, **chosen: Any) -> dict[str, Any]:
    looks = view.values(**chosen)
    return {
        "distance": chosen["distance"],
        "accuracy": [values["accuracy"] for values in looks],
        "influence_untrained": [values["influence"]["untrained"] for values in looks],
        "influence_trained": [values["influence"]["trained"] for values in looks],
    }


def _depth(view: GraphView) -> dict[str, Any]:
    names = ("accuracy", "dirichlet_energy", "mean_cosine")
    return {
        "depths": [
            {
                "variant": variant,
                "depth": depth,
                **{name: [values[name] for values in looks] for name in names},
                "dirichlet_share": [energy_left(values) for values in looks],
            }
            for variant in view.options("variant")
            for depth in sorted(view.options("depth"))
            if (looks := view.values(variant=variant, depth=depth))
        ]
    }


def energy_left(values: dict[str, Any]) -> float:
    """Return the share of the features' Dirichlet energy that is left after the last layer.

    0 where the features have none, as in the figure.
    """
    start = values["dirichlet_start"]
    return float(values["dirichlet_energy"] / start) if start else 0.0


def _compare(view: GraphView) -> dict[str, Any]:
    return {
        "experiment": view.protocol["experiment"],
        "steps": view.protocol["steps"],
        "contestants": {
            name: {
                "parameters": {
                    variant: looks[0]["parameters"]
                    for variant in view.options("variant")
                    if (looks := view.values(contestant=name, variant=variant))
                },
                "cases": cases_of(view, name),
            }
            for name in view.options("contestant")
        },
    }


def cases_of(view: GraphView, contestant: str) -> dict[str, list[float | None]]:
    """Return what a contestant came to in each case, one value a seed; None is not finite."""
    found: dict[str, list[float | None]] = {}
    for values in view.values(contestant=contestant):
        for case in values["cases"]:
            found.setdefault(case["case"], []).append(case["value"])
    return found


_SUMMARIES: dict[str, Callable[[GraphView], dict[str, Any]]] = {
    "graph-reach": _reach,
    "graph-horizon": _hops,
    "graph-classify": _classify,
    "graph-depth": _depth,
    "graph-compare": _compare,
}


def accuracy_line(view: GraphView) -> str:
    """Return mean and standard deviation of the test accuracy in a line."""
    graph = view.looks[0].values["graph"]
    model = MODELS[view.looks[0].settings["model"]]
    found = accuracy_summary(view)
    deviation = "" if found["std"] is None else f" ± {100 * found['std']:.1f}"
    return (
        f"{model} on {graph['name']}: {100 * found['mean']:.1f}{deviation}% of "
        f"{graph['test']:,} test nodes right"
    )


def accuracy_spread(view: GraphView) -> str:
    """Return how many seeds a test accuracy is of, and what the worst and the best came to."""
    values = accuracy_summary(view)["per_seed"]
    if len(values) == 1:
        return "1 seed"
    low, high = 100 * min(values), 100 * max(values)
    return f"mean ± standard deviation of {len(values)} seeds, {low:.1f}–{high:.1f}"
