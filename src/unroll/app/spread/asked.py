"""What the page Spread may ask for: a small graph, and how many layers its news goes through."""

from dataclasses import dataclass

from unroll.app.refusal import RefusedError
from unroll.field_types import check_types

MOST_NODES = 24
MOST_EDGES = 60
MOST_LAYERS = 12
MOST_HEADS = 4
MOST_SEED = 2**53 - 1
"""Largest whole number that every browser keeps exactly."""
KINDS = ("gcn", "gat")


@dataclass(frozen=True, kw_only=True)
class SpreadAsked:
    """A drawn graph and the news of one of its nodes.

    Raises: RefusedError or ConfigError in one line for a value that cannot be. An edge given
    twice is found where the graph is made.
    """

    kind: str
    """Layers: "gcn" or "gat"."""
    nodes: int
    """N; nodes are numbered from 0."""
    sources: tuple[int, ...]
    """Where each edge begins."""
    targets: tuple[int, ...]
    """Where each edge ends."""
    source: int
    """The node whose news is followed."""
    layers: int
    """L."""
    directed: bool = False
    """Whether news goes from source to target only; otherwise an edge is given once."""
    heads: int = 2
    """K, of GAT layers."""
    seed: int = 0
    """Decides the weights and features of GAT layers."""

    def __post_init__(self) -> None:
        check_types(self)
        if self.kind not in KINDS:
            raise RefusedError(f"kind must be gcn or gat, got {self.kind[:20]!r}")
        _check_range("nodes", self.nodes, 1, MOST_NODES)
        _check_range("layers", self.layers, 1, MOST_LAYERS)
        _check_range("heads", self.heads, 1, MOST_HEADS)
        _check_range("seed", self.seed, 0, MOST_SEED)
        _check_range("source", self.source, 0, self.nodes - 1)
        self._check_edges()

    def _check_edges(self) -> None:
        if len(self.sources) != len(self.targets):
            raise RefusedError(
                "sources and targets must be one of each an edge, got "
                f"{len(self.sources):,} and {len(self.targets):,}"
            )
        if len(self.sources) > MOST_EDGES:
            raise RefusedError(
                f"a graph may have at most {MOST_EDGES} edges here, got {len(self.sources):,}"
            )
        for source, target in zip(self.sources, self.targets, strict=True):
            _check_range("an edge's source", source, 0, self.nodes - 1)
            _check_range("an edge's target", target, 0, self.nodes - 1)
            if source == target:
                raise RefusedError(
                    f"an edge must join two nodes, got {source} twice: each node hears itself "
                    "without one"
                )


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        text = str(value)
        got = text if len(text) <= 30 else f"a number of {len(text)} digits"
        raise RefusedError(f"{name} must be {low} to {high:,}, got {got}")
