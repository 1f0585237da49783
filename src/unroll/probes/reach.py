"""How many updates news needs from one node to another: by search, by powers of Â, by gradient."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from unroll.graphs import Graph, Propagation, propagate
from unroll.probes.norms import row_norms


class Stack(Protocol):
    """Graph layers whose states can be seen, such as `GraphNetwork`."""

    def hidden(self, x: Tensor, matrix: Propagation) -> list[Tensor]:
        """Return the nodes' states after each layer: L times (N, H)."""
        ...


def hops(graph: Graph, source: int) -> list[int | None]:
    """Return how many edges lie between `source` and each node, along them; None where no way is.

    Breadth-first search. A self-loop is no way to anywhere.
    """
    followers: list[list[int]] = [[] for _ in range(graph.nodes)]
    for j, i in graph.edges.T.tolist():
        followers[j].append(i)
    found: list[int | None] = [None] * graph.nodes
    found[source] = 0
    front, distance = [source], 0
    while front:
        distance += 1
        front = list({i for j in front for i in followers[j] if found[i] is None})
        for node in front:
            found[node] = distance
    return found


def power_columns(matrix: Propagation, source: int, most: int) -> Tensor:
    """Return column `source` of the matrix's powers 0 … `most`: (most + 1, N), float64.

    Entry (k, i) is (Âᵏ)_{i,source}: what k updates without weights bring from the source to i.
    """
    double = matrix.to(torch.float64)
    column = torch.zeros(matrix.nodes, 1, dtype=torch.float64)
    column[source] = 1.0
    columns = [column]
    for _ in range(most):
        columns.append(propagate(double, columns[-1]))
    return torch.cat(columns, 1).T


def updates_by_powers(matrix: Propagation, source: int) -> list[int | None]:
    """Return the first k with (Âᵏ)_{i,source} ≠ 0 for each node i; None where there is none.

    Only where a column is not zero is carried on: its numbers would become too small for float64
    on a long path. With entries of one sign nothing cancels, so that this changes no answer.
    `matrix` has a loop at every node, so that a node once reached stays reached.
    """
    ones = torch.where(matrix.weights != 0, 1.0, 0.0).double()
    pattern = Propagation(matrix.offsets, matrix.sources, ones, matrix.nodes)
    reached = torch.zeros(matrix.nodes, 1, dtype=torch.float64)
    reached[source] = 1.0
    first: list[int | None] = [None] * matrix.nodes
    updates, fresh = 0, [source]
    while fresh:
        for node in fresh:
            first[node] = updates
        updates += 1
        reached = (propagate(pattern, reached) > 0).double()
        fresh = [i for i in reached.squeeze(1).nonzero().flatten().tolist() if first[i] is None]
    return first


def influences(
    network: Stack, x: Tensor, matrix: Propagation, sources: Tensor, targets: Tensor
) -> Tensor:
    """Return ‖∂h_target(L)/∂x_source‖ (Frobenius) for pairs of nodes: (P,), in x's dtype.

    Each pair lies in a part of the graph of its own, as in a batch of graphs side by side: one
    gradient for each of H channels then serves all pairs. A pair further apart than the network
    has layers gives 0.0 exactly: there is no product that leads from one to the other.

    Shapes: x (N, D), sources and targets (P,) node numbers.
    """
    x = x.detach().requires_grad_()
    state = network.hidden(x, matrix)[-1]
    by_channel = [
        torch.autograd.grad(channel, x, retain_graph=True)[0][sources]
        for channel in state[targets].sum(0)
    ]
    return row_norms(torch.stack(by_channel, 1))


def influence(network: Stack, x: Tensor, matrix: Propagation, source: int, target: int) -> float:
    """Return ‖∂h_target(L)/∂x_source‖ (Frobenius); 0.0 exactly beyond L hops."""
    pair = influences(network, x, matrix, torch.tensor([source]), torch.tensor([target]))
    return float(pair)


def influence_map(network: Stack, x: Tensor, matrix: Propagation, source: int) -> Tensor:
    """Return ‖∂h_i(l)/∂x_source‖ (Frobenius) for every layer l = 1 … L and node i: (L, N).

    The graph is laid side by side with itself N·H times, so that one gradient a layer tells of
    every node and channel: for small graphs, N²·H rows.
    """
    N = matrix.nodes
    with torch.no_grad():
        H = network.hidden(x, matrix)[0].shape[1]
    copies = x.detach().repeat(N * H, 1).requires_grad_()
    rows = []
    for state in network.hidden(copies, matrix.repeated(N * H)):
        # Copy c is asked for channel c mod H of node c div H.
        asked = state.view(N, H, N, H).diagonal(dim1=0, dim2=2).diagonal(dim1=0, dim2=1).sum()
        (gradient,) = torch.autograd.grad(asked, copies, retain_graph=True)
        rows.append(row_norms(gradient.view(N, H, N, -1)[:, :, source]))
    return torch.stack(rows)


def squared(matrix: Propagation) -> Propagation:
    """Return P P: two hops in one update. By way of the dense form, for small graphs."""
    dense = matrix.to_dense() @ matrix.to_dense()
    targets, sources = dense.nonzero(as_tuple=True)
    counts = torch.bincount(targets, minlength=matrix.nodes)
    offsets = torch.zeros(matrix.nodes + 1, dtype=matrix.offsets.dtype)
    offsets[1:] = counts.cumsum(0)
    weights = dense[targets, sources]
    sources = sources.to(matrix.sources.dtype)
    return Propagation(offsets, sources, weights, matrix.nodes, matrix.is_symmetric)


def first_reached(by_layer: Tensor) -> list[int | None]:
    """Return for each node the first row, counted from 0, in which its number is not zero.

    Shapes: by_layer (L + 1, N), layer 0 being the input.
    """
    rows: Sequence[list[float]] = by_layer.T.tolist()
    return [next((k for k, value in enumerate(row) if value != 0), None) for row in rows]


def twins(matrix: Propagation) -> list[tuple[int, int]]:
    """Return pairs of nodes that hear the same others, and each other alike: N² work.

    In Ã: rows u and v agree everywhere but at u and v, where they mirror each other. A layer that
    tells nodes apart by what they hear gives both the same embedding if their features are equal.
    """
    rows = matrix.to_dense()
    same = []
    for u in range(matrix.nodes):
        for v in range(u + 1, matrix.nodes):
            swapped = rows[v].clone()
            swapped[[u, v]] = rows[v][[v, u]]
            if torch.equal(rows[u], swapped):
                same.append((u, v))
    return same
