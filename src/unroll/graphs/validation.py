"""What a graph must be like before anything is computed on it."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from unroll.errors import ConfigError, ShapeError
from unroll.shapes import check_shape

if TYPE_CHECKING:  # graph.py imports this file
    from unroll.graphs.graph import Graph

_SPLIT = ("train", "validation", "test")


def check_graph(graph: "Graph") -> None:
    """Raise ConfigError or ShapeError, in one line, for the first thing that does not fit."""
    if graph.nodes < 1:
        raise ConfigError(
            f"{graph.name}: a graph needs at least one node, got {graph.nodes}: is the file empty?"
        )
    _check_edges(graph)
    _check_features(graph)
    _check_labels(graph)
    _check_split(graph)
    if graph.names is not None and len(graph.names) != graph.nodes:
        raise ShapeError(
            f"{graph.name}: names must be one a node (N={graph.nodes}), got {len(graph.names)}: "
            "give a name to each"
        )


def _check_edges(graph: "Graph") -> None:
    edges = graph.edges
    check_shape(graph.name, "edges", edges, "2 E", **{"2": 2})
    if edges.dtype != torch.int64:
        raise ConfigError(
            f"{graph.name}: edges must be torch.int64, got {edges.dtype}: use .long()"
        )
    if not edges.numel():
        return
    if not 0 <= int(edges.min()) <= int(edges.max()) < graph.nodes:
        outside = ((edges < 0) | (edges >= graph.nodes)).any(0)
        raise ConfigError(
            f"{graph.name}: edge {_named(graph, edges[:, outside][:, 0])} names a node that is "
            f"not there: node numbers go from 0 to {graph.nodes - 1}"
        )
    keys = (edges[0] * graph.nodes + edges[1]).sort().values
    twice = keys[1:][keys[1:] == keys[:-1]]
    if twice.numel():
        edge = torch.stack([twice[0] // graph.nodes, twice[0] % graph.nodes])
        kind = "self-loop" if edge[0] == edge[1] else "edge"
        raise ConfigError(
            f"{graph.name}: {kind} {_named(graph, edge)} is given twice: give it once"
        )
    if not graph.is_directed:
        _check_mirrors(graph, keys)


def _check_mirrors(graph: "Graph", keys: Tensor) -> None:
    """Raise unless an undirected graph has (i, j) for every (j, i); keys ascend."""
    mirrored = (graph.edges[1] * graph.nodes + graph.edges[0]).sort().values
    if torch.equal(keys, mirrored):
        return
    alone = keys[~torch.isin(keys, mirrored, assume_unique=True)][0]
    edge = torch.stack([alone // graph.nodes, alone % graph.nodes])
    raise ConfigError(
        f"{graph.name}: edge {_named(graph, edge)} of an undirected graph lacks its mirror: "
        "give both directions, use graph_from_pairs, or say is_directed=True"
    )


def _named(graph: "Graph", edge: Tensor) -> str:
    """Return an edge as `3→5`, or by the nodes' names where both have one."""
    ends = [int(node) for node in edge]
    names = graph.names
    if names is not None and all(0 <= end < len(names) for end in ends):
        return "→".join(names[end] for end in ends)
    return "→".join(str(end) for end in ends)


def _check_features(graph: "Graph") -> None:
    features = graph.features
    if features is None:
        return
    check_shape(
        graph.name, "features", torch.empty(features.shape, device="meta"), "N D", N=graph.nodes
    )
    values = features if isinstance(features, Tensor) else features.values
    if not values.is_floating_point():
        raise ConfigError(
            f"{graph.name}: features must be floating numbers, got {values.dtype}: use .float()"
        )
    finite = values.isfinite()
    if not bool(finite.all()):
        place = int((~finite).flatten().nonzero()[0])
        row = place // values.shape[1] if isinstance(features, Tensor) else features.rows[place]
        raise ConfigError(
            f"{graph.name}: features must be finite, got {float(values.flatten()[place])} at node "
            f"{int(row)}: mend or drop it"
        )


def _check_labels(graph: "Graph") -> None:
    labels = graph.labels
    if labels is None:
        return
    check_shape(graph.name, "labels", labels, "N", N=graph.nodes)
    if labels.dtype != torch.int64:
        raise ConfigError(
            f"{graph.name}: labels must be torch.int64, got {labels.dtype}: use .long()"
        )
    if int(labels.min()) < -1:
        raise ConfigError(
            f"{graph.name}: labels must be −1 (unknown) or more, "
            f"got {int(labels.min())} at node {int(labels.argmin())}"
        )
    if graph.class_names is not None and int(labels.max()) >= len(graph.class_names):
        raise ConfigError(
            f"{graph.name}: labels must lie below the {len(graph.class_names)} class names, "
            f"got {int(labels.max())} at node {int(labels.argmax())}: name every class"
        )


def _check_split(graph: "Graph") -> None:
    masks = {name: getattr(graph, name) for name in _SPLIT if getattr(graph, name) is not None}
    taken = torch.zeros(graph.nodes, dtype=torch.int64, device=graph.edges.device)
    for name, mask in masks.items():
        check_shape(graph.name, name, mask, "N", N=graph.nodes)
        if mask.dtype != torch.bool:
            raise ConfigError(
                f"{graph.name}: {name} must be torch.bool, got {mask.dtype}: use .bool()"
            )
        if graph.labels is None:
            raise ConfigError(f"{graph.name}: {name} nodes are given, but no labels: give both")
        unknown = (mask & (graph.labels < 0)).nonzero()
        if unknown.numel():
            raise ConfigError(
                f"{graph.name}: {name} node {int(unknown[0])} has no label: "
                "give it one or take it out"
            )
        taken += mask
    if taken.numel() and int(taken.max()) > 1:
        raise ConfigError(
            f"{graph.name}: node {int(taken.argmax())} is in two of train, validation and test: "
            "put it in one"
        )
    if graph.train is not None and not bool(graph.train.any()):
        raise ConfigError(
            f"{graph.name}: there are labels, but no training node: mark some as train"
        )
