"""Part 3 in a few lines: at the end of a run, at the head of a report, at a glance."""

from collections.abc import Sequence
from typing import Any

from unroll.records import Horizon
from unroll.report.markup import inert
from unroll.report.section import Fact
from unroll.study.graphs.settings.compare import EXPERIMENTS
from unroll.study.graphs.summary import (
    MODELS,
    accuracy_line,
    accuracy_spread,
    horizon_of,
    networks_of,
)
from unroll.study.graphs.view import GraphView
from unroll.study.words import count, join


def graph_headlines(views: Sequence[GraphView]) -> list[str]:
    """Return the most important numbers of part 3, each in a line."""
    lines = []
    for view in views:
        if view.kind == "graph-reach" and view.looks:
            lines.append(_reach_line(view.looks[0].values))
        if view.kind == "graph-classify" and view.looks:
            lines.append(f"{accuracy_line(view)} ({accuracy_spread(view)})")
    return lines


def _reach_line(values: dict[str, Any]) -> str:
    source, target = values["source"], values["target"]
    by_powers, by_jacobian = values["updates"], values["updates_by_jacobian"]
    if by_powers != by_jacobian:
        return (
            f"news of {source} reaches {target} after {by_powers} updates by powers of Â, but "
            f"{by_jacobian} by a network's Jacobian"
        )
    if by_powers is None:
        return f"news of {source} does not reach {target}"
    return (
        f"news of {source} reaches {target} after {count(by_powers, 'update')}, by powers of Â and "
        "by a network's Jacobian"
    )


def graph_facts(views: Sequence[GraphView]) -> tuple[Fact, ...]:
    """Return what part 3 was measured on, at a glance."""
    told = dict.fromkeys(
        values["graph"]["name"]
        for view in _of_kind(views, "graph-classify")
        for values in view.values()
    )
    compared = {view.protocol["experiment"] for view in _of_kind(views, "graph-compare")}
    experiments = [name for name in EXPERIMENTS if name in compared]
    known = [("Graphs", told), ("Experiments", experiments)]
    return tuple(Fact(label=label, value=join(names)) for label, names in known if names)


def graph_lead(views: Sequence[GraphView]) -> str:
    """Return in a paragraph what part 3 found; empty where there is nothing yet."""
    reached = [look.values for view in _of_kind(views, "graph-reach") for look in view.looks]
    hops = [
        f"{MODELS[model]} **{hop_words(horizon_of(view, (shape, model, residual)))}** on a {shape}"
        for view in _of_kind(views, "graph-horizon")
        for shape, model, residual in networks_of(view)
        if residual == "plain"
    ]
    sentences = []
    if reached and reached[0]["updates"] is not None and _holds(reached[0]):
        values = reached[0]
        sentences.append(
            f"A layer carries information one hop: news of {inert(values['source'])} "
            f"reaches {inert(values['target'])} after {count(values['updates'], 'update')}."
        )
    if hops:
        sentences.append(
            f"With as many layers as there are hops, a label is carried: {join(hops)}."
        )
    return " ".join(sentences)


def _holds(values: dict[str, Any]) -> bool:
    return all(check["passed"] for check in values["checks"])


def hop_words(horizon: Horizon) -> str:
    """Return a hop horizon's median in words."""
    if horizon.median is None:
        return "not one hop"
    return count(horizon.median, "hop") + (" or more" if horizon.is_open else "")


def _of_kind(views: Sequence[GraphView], kind: str) -> list[GraphView]:
    return [view for view in views if view.kind == kind and view.looks]
