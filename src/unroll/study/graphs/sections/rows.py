"""The rows that the figures of part 3 are drawn from, out of what was recorded."""

from collections.abc import Container
from typing import Any

from unroll.report.graph_rows import (
    AttentionRow,
    ClassifiedNode,
    ContestRow,
    DepthRow,
    HopRow,
    PlacedNode,
    ReachRow,
)
from unroll.study.graphs.compare.experiment import Case, Experiment
from unroll.study.graphs.sections.words import model_name
from unroll.study.graphs.summary import MODELS
from unroll.study.graphs.view import GraphView


def reach_rows(values: dict[str, Any]) -> list[ReachRow]:
    """Return what each node holds of the source after each update."""
    return [
        ReachRow(node=name, hops=hops, updates=layer["layers"], power=power, jacobian=jacobian)
        for layer in values["by_layer"]
        for name, hops, power, jacobian in zip(
            values["names"], values["hops"], layer["power"], layer["jacobian"], strict=True
        )
    ]


def placed_nodes(values: dict[str, Any]) -> list[PlacedNode]:
    """Return the nodes of a drawing; those without names are numbered from 1."""
    return [
        PlacedNode(name=name, x=x, y=y)
        for name, x, y in zip(node_names(values), values["x"], values["y"], strict=True)
    ]


def node_names(drawing: dict[str, Any]) -> list[str]:
    """Return the names of the nodes; those without names are numbered from 1."""
    return drawing["names"] or [str(n) for n in range(1, len(drawing["x"]) + 1)]


def classified_nodes(drawing: dict[str, Any]) -> list[ClassifiedNode]:
    """Return the nodes of a drawing with what was predicted of them."""
    return [
        ClassifiedNode(
            name=node.name,
            x=node.x,
            y=node.y,
            label=None if label is None or label < 0 else label,
            predicted=predicted,
            role=role,
        )
        for node, label, predicted, role in zip(
            placed_nodes(drawing),
            drawing["label"],
            drawing["predicted"],
            drawing["role"],
            strict=True,
        )
    ]


def class_names(drawing: dict[str, Any]) -> list[str]:
    """Return what the classes are called; by their numbers where the data do not name them."""
    if drawing["class_names"] is None:
        most = max(*drawing["label"], *drawing["predicted"])
        return [f"class {number}" for number in range(most + 1)]
    return [name.replace("_", " ") for name in drawing["class_names"]]


def attention_rows(attention: dict[str, Any]) -> list[AttentionRow]:
    """Return the weights of every head."""
    return [
        AttentionRow(target=target, source=source, by_head=tuple(weights))
        for (target, source, _), weights in zip(
            attention["edges"], attention["by_head"], strict=True
        )
    ]


def depth_rows(view: GraphView) -> list[DepthRow]:
    """Return what became of the nodes of every network."""
    names = ("accuracy", "dirichlet_energy", "dirichlet_start", "mean_cosine")
    return [
        DepthRow(
            variant=look.settings["variant"],
            depth=look.settings["depth"],
            seed=look.settings["seed"],
            **{name: look.values[name] for name in names},
        )
        for look in view.looks
    ]


def hop_rows(view: GraphView) -> list[HopRow]:
    """Return how every network did that had to bring a label across some hops, paths first."""
    rows = [
        HopRow(
            shape=look.settings["shape"],
            model=model_name(look.settings["model"]),
            is_residual=look.settings["residual"] == "residual",
            distance=look.settings["distance"],
            seed=look.settings["seed"],
            accuracy=look.values["accuracy"],
            chance=look.values["chance"],
            untrained=look.values["influence"]["untrained"],
            trained=look.values["influence"]["trained"],
        )
        for look in view.looks
    ]
    models = list(MODELS.values())
    return sorted(rows, key=lambda row: (row.shape, models.index(row.model), row.is_residual))


def contest_rows(view: GraphView, experiment: Experiment) -> list[ContestRow]:
    """Return every value of an experiment, in the order of its cases."""
    cases = {case.name: case for case in experiment.cases}
    trained = {case.variant for case in experiment.cases if case.role == "trained"}
    rows = [
        ContestRow(
            case=found["case"],
            role=_role(cases[found["case"]], trained),
            contestant=look.settings["contestant"],
            seed=look.settings["seed"],
            value=found["value"],
            examples=found["examples"],
            chance=cases[found["case"]].chance,
        )
        for look in view.looks
        for found in look.values["cases"]
        if found["case"] in cases
    ]
    order = list(cases)
    return sorted(rows, key=lambda row: order.index(row.case))


def _role(case: Case, trained: Container[str]) -> str:
    """Return a case's role; what has a training of its own is not beyond another's."""
    return "other" if case.role == "further" and case.variant not in trained else case.role
