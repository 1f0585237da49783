"""A graph: nodes, edges, and what is known of the nodes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from unroll.errors import ConfigError
from unroll.graphs.sparse_features import Features, SparseFeatures
from unroll.graphs.validation import (
    check_edges,
    check_features,
    check_labels,
    check_names,
    check_nodes,
    check_split,
)
from unroll.shapes import check_shape


@dataclass(frozen=True, kw_only=True, eq=False)
class Graph:
    """N nodes and the edges that news travels along, with features, labels and a split of nodes.

    An edge (j, i) carries news from its source j to its target i. An undirected graph holds every
    edge in both directions (`graph_from_pairs` adds the second), a loop once. Loops that layers
    need are added by `a_tilde` and `a_hat` and do not belong here.

    Raises: ConfigError or ShapeError for whatever does not fit: an edge to a node that is not
    there or given twice, an undirected edge without its mirror, features that are no numbers,
    labels or masks of another length, a split that overlaps or has no labelled training node.
    """

    nodes: int
    """N, at least 1."""
    edges: Tensor
    """Sources (row 0) and targets (row 1) as node numbers from 0: (2, E) int64."""
    features: Features | None = None
    """What is known of each node: (N, D), floating."""
    labels: Tensor | None = None
    """Class of each node from 0, −1 where unknown: (N,) int64."""
    train: Tensor | None = None
    """Nodes whose labels may be learned from: (N,) bool."""
    validation: Tensor | None = None
    """Nodes that decide when to stop: (N,) bool."""
    test: Tensor | None = None
    """Nodes that accuracy is measured on: (N,) bool."""
    is_directed: bool = False
    """Whether an edge goes one way only."""
    names: tuple[str, ...] | None = None
    """Name of each node, for tables and figures."""
    class_names: tuple[str, ...] | None = None
    """Name of each class."""
    name: str = "graph"
    """What the graph is called in sentences."""

    def __post_init__(self) -> None:
        """Raise unless everything fits."""
        name, N = self.name, self.nodes
        check_nodes(name, N)
        check_edges(name, N, self.edges, is_directed=self.is_directed, names=self.names)
        check_features(name, N, self.features)
        check_labels(name, N, self.labels, self.class_names)
        masks = {"train": self.train, "validation": self.validation, "test": self.test}
        check_split(name, N, masks, self.labels)
        check_names(name, N, self.names)

    @property
    def edge_count(self) -> int:
        """Number of edges, an undirected one counted once."""
        if self.is_directed:
            return self.edges.shape[1]
        loops = int((self.edges[0] == self.edges[1]).sum())
        return (self.edges.shape[1] - loops) // 2 + loops

    @property
    def degrees(self) -> Tensor:
        """Number of nodes that each node hears, itself included only if it has a loop: (N,)."""
        return torch.bincount(self.edges[1], minlength=self.nodes)

    @property
    def isolated(self) -> int:
        """Number of nodes that no edge joins to another node."""
        others = self.edges[:, self.edges[0] != self.edges[1]]
        return int((torch.bincount(others.flatten(), minlength=self.nodes) == 0).sum())

    @property
    def classes(self) -> int:
        """Number of classes: as many as have names, otherwise the largest label + 1."""
        if self.class_names is not None:
            return len(self.class_names)
        return 0 if self.labels is None else int(self.labels.max()) + 1

    def relabelled(self, order: Tensor) -> "Graph":
        """Return the same graph with its nodes in another order: new node i is old `order[i]`."""
        check_shape("Graph.relabelled", "order", order, "N", N=self.nodes)
        if not torch.equal(order.sort().values, torch.arange(self.nodes, device=order.device)):
            raise ConfigError(
                f"Graph.relabelled: order must name each of {self.nodes} nodes once: "
                "use torch.randperm"
            )
        return replace(
            self,
            edges=torch.argsort(order)[self.edges],
            features=None if self.features is None else self.features[order],
            labels=_taken(self.labels, order),
            train=_taken(self.train, order),
            validation=_taken(self.validation, order),
            test=_taken(self.test, order),
            names=None if self.names is None else tuple(self.names[i] for i in order.tolist()),
        )


def graph_from_pairs(
    pairs: Sequence[tuple[int, int]] | Tensor,
    *,
    nodes: int,
    directed: bool = False,
    features: Features | None = None,
    labels: Tensor | None = None,
    train: Tensor | None = None,
    validation: Tensor | None = None,
    test: Tensor | None = None,
    names: tuple[str, ...] | None = None,
    class_names: tuple[str, ...] | None = None,
    name: str = "graph",
) -> Graph:
    """Return the graph with an edge a pair (source, target), both directions if undirected.

    An undirected edge is given once, in either order; given in both it is given twice.

    >>> graph_from_pairs([(0, 1), (1, 2)], nodes=3).edges.tolist()
    [[0, 1, 1, 2], [1, 2, 0, 1]]
    """
    listed = torch.as_tensor(pairs, dtype=torch.int64).reshape(-1, 2)
    edges = listed.T
    if not directed:
        edges = torch.cat([edges, edges[:, edges[0] != edges[1]].flip(0)], 1)
    return Graph(
        nodes=nodes,
        edges=edges,
        features=features,
        labels=labels,
        train=train,
        validation=validation,
        test=test,
        is_directed=directed,
        names=names,
        class_names=class_names,
        name=name,
    )


def disjoint_union(graphs: Sequence[Graph]) -> Graph:
    """Return all graphs as one, side by side, nodes numbered one graph after another.

    Features, labels, masks and names are kept where every graph has them.
    Raises: ConfigError without a graph, or for a directed one among undirected.
    """
    if not graphs:
        raise ConfigError("disjoint_union: at least one graph is needed, got none")
    first = graphs[0]
    if any(graph.is_directed != first.is_directed for graph in graphs):
        raise ConfigError("disjoint_union: graphs must be all directed or all undirected, got both")
    counts = torch.tensor([graph.nodes for graph in graphs])
    shifts = (counts.cumsum(0) - counts).tolist()
    names = [graph.names for graph in graphs]
    return replace(
        first,
        nodes=int(counts.sum()),
        edges=torch.cat([g.edges + s for g, s in zip(graphs, shifts, strict=True)], 1),
        features=_joined_features([graph.features for graph in graphs]),
        labels=_joined([graph.labels for graph in graphs]),
        train=_joined([graph.train for graph in graphs]),
        validation=_joined([graph.validation for graph in graphs]),
        test=_joined([graph.test for graph in graphs]),
        names=None if None in names else tuple(n for part in names for n in part or ()),
    )


def repeated(graph: Graph, times: int) -> Graph:
    """Return the graph `times` times side by side: copy b has the nodes b N to (b + 1) N − 1."""
    if times < 1:
        raise ConfigError(f"repeated: times must be at least 1, got {times}")
    shifts = torch.arange(times, device=graph.edges.device).mul(graph.nodes).view(1, times, 1)
    return replace(
        graph,
        nodes=times * graph.nodes,
        edges=(graph.edges.unsqueeze(1) + shifts).reshape(2, -1),
        features=_joined_features([graph.features] * times),
        labels=_repeated(graph.labels, times),
        train=_repeated(graph.train, times),
        validation=_repeated(graph.validation, times),
        test=_repeated(graph.test, times),
        names=None if graph.names is None else graph.names * times,
    )


def _taken(values: Tensor | None, order: Tensor) -> Tensor | None:
    return None if values is None else values[order]


def _repeated(values: Tensor | None, times: int) -> Tensor | None:
    return None if values is None else values.repeat(times)


def _joined(parts: Sequence[Tensor | None]) -> Tensor | None:
    known = [part for part in parts if part is not None]
    return torch.cat(known) if len(known) == len(parts) else None


def _joined_features(parts: Sequence[Features | None]) -> Features | None:
    sparse = [part for part in parts if isinstance(part, SparseFeatures)]
    if sparse and len(sparse) == len(parts):
        return SparseFeatures.stacked(sparse)
    return _joined([p.to_dense() if isinstance(p, SparseFeatures) else p for p in parts])
