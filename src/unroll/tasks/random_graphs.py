"""Random connected graphs, many at a time, and how far their nodes lie apart."""

import torch
from torch import Tensor

from unroll.errors import ConfigError
from unroll.graphs import Graph


def connected_graphs(count: int, nodes: int, extra: int, generator: torch.Generator) -> Tensor:
    """Draw `count` connected graphs of N nodes: a random tree and `extra` edges more.

    Node i of the tree hangs on one of the nodes before it, each equally likely (a random
    recursive tree); the further edges are drawn from the pairs that have none; then the nodes
    are shuffled, so that a number says nothing of its node.

    Returns the adjacency (count, N, N), bool, symmetric, its diagonal empty.
    Raises: ConfigError when there are fewer than two nodes, or no room for the further edges.
    """
    room = (nodes - 1) * (nodes - 2) // 2
    if nodes < 2 or not 0 <= extra <= room:
        raise ConfigError(
            f"random graphs: nodes must be 2 or more and extra 0 … {max(room, 0)}, "
            f"got {nodes} and {extra}"
        )
    later = torch.arange(1, nodes)
    parents = (torch.rand(count, nodes - 1, generator=generator) * later).long()
    is_edge = torch.zeros(count, nodes, nodes, dtype=torch.bool)
    is_edge[torch.arange(count).unsqueeze(1), later, parents] = True
    free = torch.rand(count, nodes, nodes, generator=generator).tril(-1)
    free[is_edge] = 0.0
    chosen = free.flatten(1).topk(extra).indices
    is_edge.flatten(1).scatter_(1, chosen, True)
    is_edge |= is_edge.mT.clone()
    return _shuffled(is_edge, generator)


def hop_distances(adjacency: Tensor) -> Tensor:
    """Return the hops from each node to each: (B, N, N) bool -> (B, N, N) int64.

    Breadth-first from all nodes at once; −1 where no path leads.
    """
    N = adjacency.shape[-1]
    reached = torch.eye(N).expand(adjacency.shape)
    stay_or_step = (adjacency | reached[0].bool()).float()
    hops = torch.zeros(adjacency.shape)
    for _ in range(N):
        grown = (reached @ stay_or_step).clamp_(max=1.0)
        if torch.equal(grown, reached):
            break
        hops += 1.0 - reached
        reached = grown
    return torch.where(reached > 0, hops.long(), -1)


def union_graph(adjacency: Tensor, *, is_directed: bool = False) -> Graph:
    """Return B graphs side by side as one, node i of graph b becoming b·N + i.

    adjacency (B, N, N), bool; row i gathers from j where [b, i, j] is set.
    """
    N = adjacency.shape[-1]
    graph, target, source = adjacency.nonzero().unbind(1)
    edges = torch.stack([graph * N + source, graph * N + target])
    return Graph(nodes=adjacency.shape[0] * N, edges=edges, is_directed=is_directed)


def _shuffled(adjacency: Tensor, generator: torch.Generator) -> Tensor:
    count, N, _ = adjacency.shape
    order = torch.rand(count, N, generator=generator).argsort(1)
    rows = adjacency.gather(1, order.unsqueeze(2).expand(count, N, N))
    return rows.gather(2, order.unsqueeze(1).expand(count, N, N))
