"""How many edges lie between two marked nodes of a graph?"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from unroll.errors import ConfigError
from unroll.tasks.edge_orders import Order, ordered_edges
from unroll.tasks.random_graphs import connected_graphs, hop_distances


class MarkedGraphs(NamedTuple):
    """B graphs of N nodes, two of them marked in each.

    Shapes: adjacency (B, N, N) bool; marks (B, 2) nodes; classes (B,): the class of the distance.
    """

    adjacency: Tensor
    marks: Tensor
    classes: Tensor

    @property
    def flags(self) -> Tensor:
        """1 in column 0 at the first marked node, in column 1 at the second: (B, N, 2) float32."""
        B, N, _ = self.adjacency.shape
        return torch.zeros(B, N, 2).scatter_(1, self.marks.unsqueeze(1), 1.0)


@dataclass(frozen=True, kw_only=True)
class RandomDistance:
    """Two marked nodes of a random connected graph: are they 1, 2, … or D hops apart?

    Drawn are connected graphs (a random tree and N/4 edges more); those whose farthest nodes are
    fewer than D hops apart are dropped, so that every graph left has pairs at each distance. Then
    a distance is drawn, all equally likely, and one of the pairs that far apart. So neither the
    graph nor its size says anything of the answer. Chance is 1/D.

    Training and evaluation are drawn from separate generators. Nothing keeps a graph from being
    drawn twice but their number: 15! recursive trees at N = 16, each with 4 of 105 further edges.

    Raises: ConfigError when there are fewer than four nodes, or no more nodes than distances.
    """

    nodes: int
    """N."""
    farthest: int = 5
    """D, the largest distance asked for."""

    def __post_init__(self) -> None:
        if self.nodes < 4 or not 1 <= self.farthest < self.nodes:
            raise ConfigError(
                "distance: nodes must be 4 or more and farthest 1 … nodes − 1, "
                f"got {self.nodes} and {self.farthest}"
            )

    @property
    def classes(self) -> int:
        """Number of distances."""
        return self.farthest

    def sample(self, count: int, generator: torch.Generator) -> MarkedGraphs:
        """Draw `count` graphs with two marked nodes."""
        adjacency, hops = self._wide_graphs(count, generator)
        classes = torch.randint(self.farthest, (count,), generator=generator)
        fits = hops == (classes + 1).view(-1, 1, 1)
        scores = torch.rand(fits.shape, generator=generator) * fits
        pair = scores.flatten(1).argmax(1)
        marks = torch.stack([pair // self.nodes, pair % self.nodes], dim=1)
        return MarkedGraphs(adjacency, marks, classes)

    def _wide_graphs(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        kept: list[tuple[Tensor, Tensor]] = []
        missing = count
        while missing > 0:
            adjacency = connected_graphs(
                missing + missing // 8 + 8, self.nodes, self.nodes // 4, generator
            )
            hops = hop_distances(adjacency)
            is_wide = hops.flatten(1).amax(1) >= self.farthest
            kept.append((adjacency[is_wide], hops[is_wide]))
            missing -= int(is_wide.sum())
        adjacency, hops = (torch.cat(parts)[:count] for parts in zip(*kept, strict=True))
        return adjacency, hops


@dataclass(frozen=True, kw_only=True)
class PathDistance:
    """Two marked nodes of a path, `nearest` to `farthest` hops apart and `margin` from its ends.

        ○ ○ ○ ● ○ ○ ○ ○ ● ○ ○ ○        5 hops, with a margin of 3

    Graph convolutions of which fewer than `nearest` and no more than the margin are stacked say
    the same at a marked node whatever the distance: with zeros at all nodes without a mark, the
    first layer cannot tell an end, and what the second can is one hop late.
    Chance is 1 / (farthest − nearest + 1).

    Raises: ConfigError when the path has no room for the farthest pair.
    """

    nodes: int
    """N."""
    nearest: int
    """The smallest distance asked for."""
    farthest: int
    """The largest."""
    margin: int
    """Hops at least from a mark to the end next to it."""

    def __post_init__(self) -> None:
        room = self.nodes - 1 - 2 * self.margin
        if not 1 <= self.nearest <= self.farthest <= room:
            raise ConfigError(
                f"distance: a path of {self.nodes} nodes with a margin of {self.margin} has room "
                f"for 1 … {room} hops, got {self.nearest} … {self.farthest}"
            )

    @property
    def classes(self) -> int:
        """Number of distances."""
        return self.farthest - self.nearest + 1

    def sample(self, count: int, generator: torch.Generator) -> MarkedGraphs:
        """Draw `count` pairs on the path, whose nodes are in order from end to end."""
        classes = torch.randint(self.classes, (count,), generator=generator)
        hops = classes + self.nearest
        places = self.nodes - 2 * self.margin - hops
        first = self.margin + (torch.rand(count, generator=generator) * places).long()
        near = torch.arange(self.nodes - 1)
        path = torch.zeros(self.nodes, self.nodes, dtype=torch.bool)
        path[near, near + 1] = path[near + 1, near] = True
        adjacency = path.repeat(count, 1, 1)
        return MarkedGraphs(adjacency, torch.stack([first, first + hops], dim=1), classes)


def edge_sequence(
    graphs: MarkedGraphs,
    order: Order,
    ids: int,
    generator: torch.Generator,
    *,
    start: int | None = None,
) -> Tensor:
    """Tell graphs edge by edge: (B, E, 2·ids + 4), float32.

        step e:  one-hot id of u | one-hot id of v | marks of u | marks of v

    for the edge u–v walked e-th by a search, from a random node or from `start`. Each graph's
    nodes get different ids of 1 … `ids` at random, so that an id says nothing but which node
    is meant again, and networks trained on small graphs have met every id of larger ones.

    Raises: ConfigError when there are more nodes than ids.
    """
    B, N, _ = graphs.adjacency.shape
    if ids < N:
        raise ConfigError(f"distance: ids must be {N} or more, one a node, got {ids}")
    if start is None:
        first = torch.randint(N, (B,), generator=generator)
    else:
        first = torch.full((B,), start)
    edges = ordered_edges(graphs.adjacency, first, order)
    name = torch.rand(B, ids, generator=generator).argsort(1)[:, :N]
    rows = torch.arange(B).view(-1, 1, 1)
    told = torch.zeros(B, edges.shape[1], 2 * ids + 4)
    told.scatter_(2, name[rows, edges] + torch.tensor([0, ids]), 1.0)
    told[:, :, 2 * ids :] = graphs.flags[rows, edges].flatten(2)
    return told
