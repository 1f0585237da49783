"""In which order a graph's edges are told to a network that reads a sequence."""

from typing import Literal

import torch
from torch import Tensor

from unroll.errors import unknown_name

Order = Literal["depth-first", "breadth-first"]
ORDERS: tuple[Order, ...] = ("depth-first", "breadth-first")


def ordered_edges(adjacency: Tensor, start: Tensor, order: Order) -> Tensor:
    """Return each graph's edges in the order in which a search first walks along them.

    At a node, the search takes its edges that are not yet told, smallest neighbour first.
    Depth-first goes on from the node that an edge newly finds, and comes back when nothing is
    left there; breadth-first tells all edges of a node, then goes to the next it had found.

    Shapes: adjacency (B, N, N) bool, symmetric, E edges in each graph; start (B,) nodes ->
    (B, E, 2): the node come from, the node gone to.
    Raises: ConfigError for an unknown order.
    """
    if order not in ORDERS:
        raise unknown_name("order of edges", order, ORDERS)
    B, N, _ = adjacency.shape
    E = int(adjacency[0].sum()) // 2
    search = _Search(adjacency.clone(), start)
    told = torch.full((B, E, 2), -1)
    rows = torch.arange(B)
    ended = torch.zeros(B, dtype=torch.int64)
    # Each turn either tells an edge or leaves a node for good.
    for _ in range(E + N):
        here = search.found[rows, search.place]
        to = search.left[rows, here].long().argmax(1)
        has_edge = search.left[rows, here, to]
        who = rows[has_edge]
        told[who, ended[who]] = torch.stack([here[who], to[who]], dim=1)
        ended[who] += 1
        search.walk(who, here[who], to[who], goes_on=order == "depth-first")
        search.leave(rows[~has_edge], goes_back=order == "depth-first")
    return told


class _Search:
    """B searches side by side: the edges left, the nodes found, and the place of each search."""

    def __init__(self, left: Tensor, start: Tensor) -> None:
        B, N, _ = left.shape
        rows = torch.arange(B)
        self.left = left
        self.found = torch.zeros(B, N, dtype=torch.int64)
        self.found[:, 0] = start
        self.number = torch.ones(B, dtype=torch.int64)
        self.is_found = torch.zeros(B, N, dtype=torch.bool)
        self.is_found[rows, start] = True
        # Places in `found`, and of the node from which that place was found.
        self.place = torch.zeros(B, dtype=torch.int64)
        self.back = torch.zeros(B, N, dtype=torch.int64)

    def walk(self, who: Tensor, here: Tensor, to: Tensor, *, goes_on: bool) -> None:
        """Take the edges here–to away, and note the nodes that are new."""
        self.left[who, here, to] = False
        self.left[who, to, here] = False
        is_new = ~self.is_found[who, to]
        who, to = who[is_new], to[is_new]
        place = self.number[who]
        self.found[who, place] = to
        self.is_found[who, to] = True
        self.back[who, place] = self.place[who]
        self.number[who] += 1
        if goes_on:
            self.place[who] = place

    def leave(self, who: Tensor, *, goes_back: bool) -> None:
        """Go to the node come from, or to the next that was found; the last stays."""
        if goes_back:
            self.place[who] = self.back[who, self.place[who]]
        else:
            self.place[who] = torch.minimum(self.place[who] + 1, self.number[who] - 1)
