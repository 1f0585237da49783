"""Where the nodes of a graph are drawn: neighbours near each other, all others apart."""

from typing import NamedTuple

import networkx
import numpy as np
from numpy.typing import NDArray

from unroll.graphs import Graph

SMALL = 500
"""Nodes below which every pair's repulsion is worked out, by networkx."""
ROUNDS = 150
"""Rounds in which the nodes of another graph move."""
PULL = 4.8
"""How strongly the nodes of another graph are pulled to the middle, for their distance from it."""
SAMPLED = 12
"""Nodes that each node of another graph is repelled by in a round."""


class Layout(NamedTuple):
    """Places of the nodes, in the unit square, 4 decimals."""

    x: list[float]
    """From the left, one a node."""
    y: list[float]
    """From the bottom, one a node."""


def layout(graph: Graph, seed: int) -> Layout:
    """Return where each node is drawn; the same graph and seed give the same places.

    Edges pull with d²/k, any two nodes push with k²/d, d their distance and k² the area of a node,
    and no node moves further in a round than a length that falls to 0. From 500 nodes on, and in a
    graph of several parts, each is pushed by a few drawn at random, in the stead of all, and is
    pulled to the middle: parts that no edge joins would drift off and leave no room for the rest.

    Source: Fruchterman & Reingold 1991.
    """
    if graph.nodes == 1:
        return Layout([0.5], [0.5])
    drawn = _known_to_networkx(graph) if graph.nodes < SMALL else None
    is_whole = drawn is not None and networkx.is_connected(drawn)
    places = _all_pairs(drawn, seed) if is_whole else _sampled(graph, seed)
    low, high = places.min(0), places.max(0)
    unit = (places - low) / np.where(high > low, high - low, 1.0)
    return Layout(*(np.round(axis, 4).tolist() for axis in unit.T))


def _known_to_networkx(graph: Graph) -> networkx.Graph:
    drawn = networkx.Graph()
    drawn.add_nodes_from(range(graph.nodes))
    drawn.add_edges_from(graph.edges.T.tolist())
    return drawn


def _all_pairs(drawn: networkx.Graph, seed: int) -> NDArray[np.float64]:
    places = networkx.spring_layout(drawn, seed=seed, iterations=200)
    return np.array([places[node] for node in range(len(drawn))])


def _sampled(graph: Graph, seed: int) -> NDArray[np.float64]:
    N, random = graph.nodes, np.random.default_rng(seed)
    source, target = graph.edges.numpy()
    size = np.sqrt(1 / N)
    places = random.random((N, 2)) - 0.5
    for step in range(ROUNDS):
        push = np.zeros((N, 2))
        for other in random.integers(0, N, (SAMPLED, N)):
            away = places - places[other]
            push += away / np.maximum((away**2).sum(1, keepdims=True), 1e-6)
        along = places[source] - places[target]
        pull = along * np.sqrt((along**2).sum(1, keepdims=True))
        moved = push * (size**2 * N / SAMPLED) - PULL * places
        for axis in (0, 1):
            moved[:, axis] += np.bincount(target, pull[:, axis], N) / size
        length = np.sqrt((moved**2).sum(1, keepdims=True))
        furthest = 0.1 * (1 - step / ROUNDS)
        places += moved / np.maximum(length, 1e-9) * np.minimum(length, furthest)
    return places
