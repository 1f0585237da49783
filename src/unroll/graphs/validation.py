"""What each part of a graph must be like before anything is computed on it.

Every check raises ConfigError or ShapeError, in one line that begins with the graph's name, for the
first thing that does not fit.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from unroll.errors import ConfigError, ShapeError
from unroll.graphs.sparse_features import Features
from unroll.shapes import check_shape


def check_nodes(name: str, nodes: int) -> None:
    """Raise unless there is a node."""
    if nodes < 1:
        raise ConfigError(
            f"{name}: a graph needs at least one node, got {nodes}: is the file empty?"
        )


def check_edges(
    name: str, nodes: int, edges: Tensor, *, is_directed: bool, names: tuple[str, ...] | None
) -> None:
    """Raise unless edges (2, E) join nodes that are there, once; undirected ones both ways.

    Names of nodes, where they are known, tell which edge it is.
    """
    check_shape(name, "edges", edges, "2 E", **{"2": 2})
    if edges.dtype != torch.int64:
        raise ConfigError(f"{name}: edges must be torch.int64, got {edges.dtype}: use .long()")
    if not edges.numel():
        return
    if not 0 <= int(edges.min()) <= int(edges.max()) < nodes:
        outside = ((edges < 0) | (edges >= nodes)).any(0)
        raise ConfigError(
            f"{name}: edge {_named(edges[:, outside][:, 0], names)} names a node that is "
            f"not there: node numbers go from 0 to {nodes - 1}"
        )
    keys = (edges[0] * nodes + edges[1]).sort().values
    twice = keys[1:][keys[1:] == keys[:-1]]
    if twice.numel():
        edge = torch.stack([twice[0] // nodes, twice[0] % nodes])
        kind = "self-loop" if edge[0] == edge[1] else "edge"
        raise ConfigError(f"{name}: {kind} {_named(edge, names)} is given twice: give it once")
    if is_directed:
        return
    mirrored = (edges[1] * nodes + edges[0]).sort().values
    if not torch.equal(keys, mirrored):
        alone = keys[~torch.isin(keys, mirrored, assume_unique=True)][0]
        edge = torch.stack([alone // nodes, alone % nodes])
        raise ConfigError(
            f"{name}: edge {_named(edge, names)} of an undirected graph lacks its mirror: "
            "give both directions, use graph_from_pairs, or say is_directed=True"
        )


def check_features(name: str, nodes: int, features: Features | None) -> None:
    """Raise unless features are (N, D), floating and finite."""
    if features is None:
        return
    check_shape(name, "features", torch.empty(features.shape, device="meta"), "N D", N=nodes)
    values = features if isinstance(features, Tensor) else features.values
    if not values.is_floating_point():
        raise ConfigError(
            f"{name}: features must be floating numbers, got {values.dtype}: use .float()"
        )
    finite = values.isfinite()
    if not bool(finite.all()):
        place = int((~finite).flatten().nonzero()[0])
        row = place // values.shape[1] if isinstance(features, Tensor) else features.rows[place]
        raise ConfigError(
            f"{name}: features must be finite, got {float(values.flatten()[place])} at node "
            f"{int(row)}: mend or drop it"
        )


def check_labels(
    name: str, nodes: int, labels: Tensor | None, class_names: tuple[str, ...] | None
) -> None:
    """Raise unless labels are (N,) int64 from −1, and each has its class name where any has."""
    if labels is None:
        return
    check_shape(name, "labels", labels, "N", N=nodes)
    if labels.dtype != torch.int64:
        raise ConfigError(f"{name}: labels must be torch.int64, got {labels.dtype}: use .long()")
    if int(labels.min()) < -1:
        raise ConfigError(
            f"{name}: labels must be −1 (unknown) or more, "
            f"got {int(labels.min())} at node {int(labels.argmin())}"
        )
    if class_names is not None and int(labels.max()) >= len(class_names):
        raise ConfigError(
            f"{name}: labels must lie below the {len(class_names)} class names, "
            f"got {int(labels.max())} at node {int(labels.argmax())}: name every class"
        )


def check_split(
    name: str, nodes: int, masks: Mapping[str, Tensor | None], labels: Tensor | None
) -> None:
    """Raise unless masks (N,), by the name of their part, are of labelled nodes and apart."""
    given = {part: mask for part, mask in masks.items() if mask is not None}
    taken = torch.zeros(nodes, dtype=torch.int64)
    for part, mask in given.items():
        check_shape(name, part, mask, "N", N=nodes)
        if mask.dtype != torch.bool:
            raise ConfigError(f"{name}: {part} must be torch.bool, got {mask.dtype}: use .bool()")
        if labels is None:
            raise ConfigError(f"{name}: {part} nodes are given, but no labels: give both")
        unknown = (mask & (labels < 0)).nonzero()
        if unknown.numel():
            raise ConfigError(
                f"{name}: {part} node {int(unknown[0])} has no label: give it one or take it out"
            )
        taken = taken.to(mask.device) + mask
    if taken.numel() and int(taken.max()) > 1:
        raise ConfigError(
            f"{name}: node {int(taken.argmax())} is in two of {_listed(tuple(masks))}: "
            "put it in one"
        )
    train = given.get("train")
    if train is not None and not bool(train.any()):
        raise ConfigError(f"{name}: there are labels, but no training node: mark some as train")


def check_names(name: str, nodes: int, names: tuple[str, ...] | None) -> None:
    """Raise unless every node has a name, or none has."""
    if names is not None and len(names) != nodes:
        raise ShapeError(
            f"{name}: names must be one a node (N={nodes}), got {len(names)}: give a name to each"
        )


def _named(edge: Tensor, names: tuple[str, ...] | None) -> str:
    """Return an edge as `3→5`, or by the nodes' names where both have one."""
    ends = [int(node) for node in edge]
    if names is not None and all(0 <= end < len(names) for end in ends):
        return "→".join(names[end] for end in ends)
    return "→".join(str(end) for end in ends)


def _listed(parts: tuple[str, ...]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
