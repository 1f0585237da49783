"""Graphs that the tests of this room start from."""

import torch
from torch import Tensor

from unroll.graphs import Graph, graph_from_pairs
from unroll.seeding import make_generator

# A–B, A–E, A–F, B–D, C–D, D–F: from C to E it is four hops.
SIX = graph_from_pairs([(0, 1), (0, 4), (0, 5), (1, 3), (2, 3), (3, 5)], nodes=6)


def random_graph(nodes: int, share: float, seed: int, *, directed: bool = False) -> Graph:
    """Return a graph with `share` of all pairs as edges, with two isolated nodes at the end."""
    generator = make_generator(seed, "graph")
    drawn = torch.rand(nodes, nodes, generator=generator) < share
    is_pair = drawn & ~torch.eye(nodes, dtype=torch.bool)
    pairs = (is_pair if directed else is_pair.triu()).nonzero()
    return graph_from_pairs(pairs, nodes=nodes + 2, directed=directed)


def draw(*shape: int, seed: int = 0) -> Tensor:
    """Return normal numbers in float64."""
    return torch.randn(*shape, dtype=torch.float64, generator=make_generator(seed, "numbers"))
