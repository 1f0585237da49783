"""What each node holds of one node's news after every layer, and how alike nodes become."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from unroll.app.spread.asked import SpreadAsked
from unroll.app.spread.weights import layer_weights, make_graph, mean_matrices
from unroll.graphs import Graph, Propagation, propagate
from unroll.probes.reach import hops
from unroll.probes.smoothing import mean_cosine

LARGEST_SHOWN = 16
"""The matrices of a larger graph are not sent: nobody could read them."""
_DECIMALS = 8
_SQUARINGS = 60
"""2⁶⁰ layers. With 24 nodes and 60 edges a way through all has a share of (84/24)⁻²⁴ > 2⁻⁴⁴."""


@torch.no_grad()
def spread_news(asked: SpreadAsked) -> dict[str, Any]:
    """Return weights, news and products of matrices, layer by layer.

        v(0) = e_source,   v(k) = P_k v(k − 1)

    P_k is Â (GCN) or the mean over heads of α in layer k (GAT): what k layers with identity weights
    and without non-linearity do. So with GCN v(k) is the source's column of Âᵏ. Row i of the
    product P_k … P_1 is what node i is made of; `alike` is the mean cosine of its rows.
    Raises: ConfigError for an edge that is given twice.
    """
    graph = make_graph(asked)
    matrix, weights = layer_weights(graph, asked)
    by_layer = mean_matrices(matrix, weights)
    products = _products(by_layer)
    # With GCN every layer's weights are the same: they are sent once.
    sent = weights if asked.kind == "gat" else weights[:1]
    is_shown = asked.nodes <= LARGEST_SHOWN
    return {
        "sources": matrix.sources.tolist(),
        "targets": matrix.targets.tolist(),
        "degrees": matrix.offsets.diff().tolist(),
        "weights": [_rounded(layer.T) for layer in sent],
        "mean_weights": _rounded(sent.mean(2)),
        "hops": hops(graph, asked.source),
        "news": [product[:, asked.source].tolist() for product in products],
        "products": [_rounded(product) for product in products] if is_shown else None,
        "alike": [mean_cosine(product) for product in products] if asked.nodes > 1 else None,
        "limit": news_limit(graph, matrix, asked.source) if asked.kind == "gcn" else None,
    }


def news_limit(graph: Graph, matrix: Propagation, source: int) -> list[float]:
    """Return what news comes to after endlessly many GCN layers.

        lim Âᵏ_is = √(d_i d_s) / Σ_j d_j     j over the part of the graph that holds s, else 0

    √d is the eigenvector of an undirected graph's Â for its largest eigenvalue, 1; loops keep all
    others from −1. Of a directed graph the limit is found by squaring.
    """
    degrees = matrix.offsets.diff().double()
    limit: list[float]
    if graph.is_directed:
        limit = (degrees.sqrt() * _endless(matrix)[:, source] / degrees[source].sqrt()).tolist()
        return limit
    is_joined = torch.tensor([hop is not None for hop in hops(graph, source)])
    there = torch.where(is_joined, degrees, 0.0)
    limit = ((there * degrees[source]).sqrt() / there.sum()).tolist()
    return limit


def _endless(matrix: Propagation) -> Tensor:
    """Return lim (D̃⁻¹Ã)ᵏ, (N, N), float64: rows add up to 1, and Âᵏ = D̃^(1/2) (D̃⁻¹Ã)ᵏ D̃^(−1/2).

    There is a limit, since each node hears itself. Rows are divided by their sums after each
    squaring: what rounding adds to them would double with it.
    """
    rows = propagate(replace(matrix, weights=torch.ones_like(matrix.weights)), _identity(matrix))
    for _ in range(_SQUARINGS):
        rows = rows / rows.sum(1, keepdim=True)
        rows = rows @ rows
    return rows


def _identity(matrix: Propagation) -> Tensor:
    return torch.eye(matrix.nodes, dtype=torch.float64)


def _products(by_layer: Sequence[Propagation]) -> list[Tensor]:
    """Return I, P_1, P_2 P_1, …: (N, N) each."""
    products = [_identity(by_layer[0])]
    for matrix in by_layer:
        products.append(propagate(matrix, products[-1]))
    return products


def _rounded(values: Tensor) -> Any:
    return values.round(decimals=_DECIMALS).tolist()
