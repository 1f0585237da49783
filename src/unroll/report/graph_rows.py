"""What the charts of graphs are drawn from: one frozen row per measurement."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ReachRow:
    """How much of the source a node holds after some updates."""

    node: str
    """The node's name."""
    hops: int | None
    """How many edges the source's news has to cross; None where it never arrives."""
    updates: int
    """k, how many updates were made."""
    power: float
    """(Âᵏ) of node and source: the sum over all walks of k steps, each weighed."""
    jacobian: float
    """‖∂h⁽ᵏ⁾ / ∂x(source)‖ in a stack of k layers."""


@dataclass(frozen=True, kw_only=True)
class PlacedNode:
    """A node of a drawing."""

    name: str
    """What it is called."""
    x: float
    """Its place from left to right, from 0 to 1."""
    y: float
    """Its place from bottom to top, from 0 to 1."""


@dataclass(frozen=True, kw_only=True)
class ClassifiedNode(PlacedNode):
    """A node whose class was predicted."""

    label: int | None
    """Its class, as an index; None where it is not known."""
    predicted: int
    """The class predicted."""
    role: str
    """`train`, `validation`, `test` or `none`."""

    @property
    def is_wrong(self) -> bool:
        """Whether the prediction is known to be wrong."""
        return self.label is not None and self.label != self.predicted


@dataclass(frozen=True, kw_only=True)
class AttentionRow:
    """How much of a node's new state comes from one neighbour, or from itself."""

    target: int
    """The node, as an index."""
    source: int
    """The neighbour, as an index."""
    by_head: tuple[float, ...]
    """The weight of each head; over all sources of a target they sum to one."""

    @property
    def weight(self) -> float:
        """The mean over heads."""
        return sum(self.by_head) / len(self.by_head)


@dataclass(frozen=True, kw_only=True)
class DepthRow:
    """What became of the nodes of one network of some depth."""

    variant: str
    """The line that it belongs to: `plain`, `residual` or `smoothing`."""
    depth: int
    """L, layers, or powers of Â."""
    seed: int
    """The seed of the training."""
    accuracy: float
    """Share of test nodes predicted right."""
    dirichlet_energy: float
    """How far the states of neighbours are apart after the last layer."""
    dirichlet_start: float
    """The same of the features that went in."""
    mean_cosine: float
    """Mean cosine of the states of two nodes after the last layer."""

    @property
    def energy_left(self) -> float:
        """The share of the energy that is left after the last layer."""
        return self.dirichlet_energy / self.dirichlet_start if self.dirichlet_start else 0.0


@dataclass(frozen=True, kw_only=True)
class HopRow:
    """How one network did that has to bring a label across some hops."""

    shape: str
    """The graph: `path` or `tree`."""
    model: str
    """The network, as the legend has it."""
    is_residual: bool
    """Whether each layer adds to its input."""
    distance: int
    """d, hops from the source to the reader."""
    seed: int
    """The seed of the training."""
    accuracy: float
    """Share of right answers."""
    chance: float
    """What guessing gives."""
    untrained: float
    """‖∂h(reader) / ∂x(source)‖ before training."""
    trained: float
    """The same after it."""


@dataclass(frozen=True, kw_only=True)
class ContestRow:
    """How one trained network did in one case of an experiment."""

    case: str
    """The case, as the figure calls it."""
    role: str
    """`trained`, `further` (beyond what was trained on), `other` (trained otherwise), `losing`."""
    contestant: str
    """The network, as the legend has it."""
    seed: int
    """The seed of the training."""
    value: float | None
    """Accuracy or error; None where it was not finite."""
    examples: int
    """How many examples were tested."""
    chance: float | None
    """What guessing gives; None where the value is no accuracy."""


def check_positions(name: str, nodes: Sequence[PlacedNode], edges: Sequence[Sequence[int]]) -> None:
    """Refuse a drawing without nodes, or with an edge to a node that is not there.

    Raises: ValueError.
    """
    if not nodes:
        raise ValueError(f"{name}: no nodes: leave the figure out until a graph is drawn")
    last = max((max(edge[0], edge[1]) for edge in edges), default=0)
    if last >= len(nodes):
        raise ValueError(f"{name}: edges must join {len(nodes)} nodes, got node {last}")
