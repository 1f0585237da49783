"""The graph that a job asks for, as a worker loads it."""

from pathlib import Path
from typing import Any

from torch import Tensor

from unroll.errors import ConfigError
from unroll.graph_data import DATA_NAMES
from unroll.graph_data.digest import graph_sha256
from unroll.graph_data.lines import shown
from unroll.graph_data.loading import load_graph
from unroll.graphs import Graph, SparseFeatures
from unroll.study.running.measurement import MeasurementJob
from unroll.training.nodes import training_nodes


def load_asked(job: MeasurementJob) -> Graph:
    """Return the graph of a job; ConfigError when it is not what it was when the study began."""
    asked = job.settings
    graph = load_graph(asked["data"], None if asked["root"] is None else Path(asked["root"]))
    if graph_sha256(graph) != asked["graph_sha256"]:
        raise ConfigError(f"{graph.name}: the graph changed since the study began; start it again")
    return graph


def graph_settings(data: str, root: Path | None, graph: Graph) -> dict[str, Any]:
    """Return what a job's settings say of its graph, as plain values."""
    return {
        "data": data if data in DATA_NAMES else str(Path(data).resolve()),
        "root": None if root is None else str(root.resolve()),
        "graph_sha256": graph_sha256(graph),
    }


def features_of(graph: Graph) -> Tensor | SparseFeatures:
    """Return what is known of the nodes; ConfigError where nothing is."""
    if graph.features is None:
        raise ConfigError(f"{graph.name}: nodes need features to be classified by")
    return graph.features


def check_learnable(graph: Graph, data: str) -> None:
    """Raise ConfigError for a graph that no network can be trained and tested on."""
    features_of(graph)
    advice = (
        "; get its files from their own source"
        if data in DATA_NAMES
        else ": give nodes.csv a column label, and to some nodes of each class the split {}"
    )
    if graph.labels is None or not bool((graph.labels >= 0).any()):
        raise ConfigError(
            f"{graph.name}: labels are needed to learn classes, got none{advice.format('train')}"
        )
    labels, train = training_nodes(graph)
    known = sorted(set(labels[labels >= 0].tolist()))
    if len(known) < 2:
        raise ConfigError(
            f"{graph.name}: nodes of two classes are needed, got one class only, "
            f"{_class_name(graph, known[0])}{advice.format('train')}"
        )
    if graph.test is None or not bool(graph.test.any()):
        raise ConfigError(
            f"{graph.name}: nodes to test are needed, got none{advice.format('test')}"
        )
    untold = sorted(set(known) - set(labels[train].tolist()))
    if untold:
        raise ConfigError(
            f"{graph.name}: class {_class_name(graph, untold[0])} has no training node"
            f"{advice.format('train')}"
        )


def _class_name(graph: Graph, number: int) -> str:
    return str(number) if graph.class_names is None else repr(shown(graph.class_names[number]))
