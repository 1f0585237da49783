"""What follows of classifying nodes: beside what is published, beside each other, beside chance."""

import statistics
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from unroll.study.graphs.sections.words import data_name, mean_percent, model_name
from unroll.study.graphs.view import GraphView
from unroll.study.words import count

PUBLISHED = {
    ("cora", "gcn"): 81.5,
    ("cora", "gat"): 83.0,
    ("citeseer", "gcn"): 70.3,
    ("citeseer", "gat"): 72.5,
    ("pubmed", "gcn"): 79.0,
    ("pubmed", "gat"): 79.0,
}
"""Test accuracies in per cent on the standard split (Kipf & Welling 2017, Veličković et al. 2018).
"""

LEAST_POINTS = 0.05
"""A smaller lead, in per cent of the test nodes, would be printed as none."""


def data_of(view: GraphView) -> str:
    """Return which graph it is: a name that is known, or a folder."""
    return str(view.looks[0].settings["data"])


def model_of(view: GraphView) -> str:
    """Return which network it is."""
    return str(view.looks[0].settings["model"])


def tests_of(view: GraphView) -> list[float]:
    """Return the shares of the test nodes that are right, one a seed."""
    return [values["accuracy"]["test"] for values in view.values()]


def by_data(views: Sequence[GraphView]) -> list[GraphView]:
    """Return the first view of each graph."""
    return list({data_of(view): view for view in reversed(views)}.values())[::-1]


def graph_of(view: GraphView) -> dict[str, Any]:
    """Return what is recorded of the graph."""
    graph: dict[str, Any] = view.looks[0].values["graph"]
    return graph


def classification_findings(views: Sequence[GraphView]) -> list[str]:
    """Return what follows, a sentence or two each."""
    told = [sentence for view in views if (sentence := _beside_published(view))]
    told += [
        _compared(one, other)
        for one, other in combinations(views, 2)
        if data_of(one) == data_of(other) and model_of(one) != model_of(other)
    ]
    told += [_few_labels(view) for view in by_data(views)]
    return told


def _beside_published(view: GraphView) -> str:
    """Say how the mean lies beside the published figure."""
    published = PUBLISHED.get((data_of(view), model_of(view)))
    if published is None:
        return ""
    values = [100 * value for value in tests_of(view)]
    mean = statistics.fmean(values)
    within = statistics.stdev(values) if len(values) > 1 else 0.0
    off = mean - published
    verdict = (
        "within one standard deviation of it"
        if abs(off) <= within
        else f"{abs(off):.1f} points {'above' if off > 0 else 'below'} it"
    )
    return (
        f"{model_name(model_of(view))} on {data_name(data_of(view))}: "
        f"{mean_percent(tests_of(view))}% beside {published:.1f}% published, {verdict}."
    )


def _compared(one: GraphView, other: GraphView) -> str:
    """Say which of two networks is ahead on one graph."""
    ahead, behind = (one, other) if mean_of(one) >= mean_of(other) else (other, one)
    points = 100 * (mean_of(ahead) - mean_of(behind))
    if points < LEAST_POINTS:
        return (
            f"On {data_name(data_of(one))} {model_name(model_of(one))} and "
            f"{model_name(model_of(other))} get as many nodes right, on average over seeds."
        )
    surely = (
        "every seed of the one above every seed of the other"
        if min(tests_of(ahead)) > max(tests_of(behind))
        else "less than tells them apart: their seeds overlap"
    )
    return (
        f"On {data_name(data_of(one))} {model_name(model_of(ahead))} is ahead of "
        f"{model_name(model_of(behind))} by {points:.1f} points, {surely}."
    )


def mean_of(view: GraphView) -> float:
    """Return the mean over seeds of the share of test nodes that are right."""
    return statistics.fmean(tests_of(view))


def _few_labels(view: GraphView) -> str:
    """Say what little is enough, where every seed beats naming the commonest class."""
    graph = graph_of(view)
    share = graph["train"] / graph["nodes"]
    name, common = data_name(data_of(view)), _commonest(view)
    if min(tests_of(view)) <= common:
        return (
            f"On {name} the worst seed is no better than naming the commonest class each time, "
            f"which is right for {common:.1%} of the test nodes."
        )
    return (
        f"On {name} the classes of {count(graph['train'], 'node')} ({share:.1%}) are enough to "
        f"tell those of the others, {mean_percent(tests_of(view))}% of them right by "
        f"{model_name(model_of(view))}; naming the commonest class each time would be right for "
        f"{common:.1%}.{_alike(view)}"
    )


def _drawn(view: GraphView) -> dict[str, Any] | None:
    """Return what is drawn of one of the networks; it holds classes and edges."""
    return next((d for values in view.values() if (d := values["drawing"]) is not None), None)


def _commonest(view: GraphView) -> float:
    """Return the share of the commonest class among test nodes."""
    drawing = _drawn(view)
    if drawing is None:
        return float(graph_of(view)["commonest"])
    tested = [
        c for c, role in zip(drawing["label"], drawing["role"], strict=True) if role == "test"
    ]
    return max(map(tested.count, set(tested))) / len(tested)


def _alike(view: GraphView) -> str:
    """Say how many edges join nodes of one class: what lets messages help."""
    drawing = _drawn(view)
    share = graph_of(view)["alike"] if drawing is None else _share_alike(drawing)
    return "" if share is None else f" {share:.0%} of the edges join nodes of one class."


def _share_alike(drawing: dict[str, Any]) -> float | None:
    """Return the share of edges, of those between nodes of known class, within one class."""
    classes = drawing["label"]
    ends = [(classes[i], classes[j]) for i, j in drawing["edges"]]
    known = [one == other for one, other in ends if min(one, other) >= 0]
    return sum(known) / len(known) if known else None
