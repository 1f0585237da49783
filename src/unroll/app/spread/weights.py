"""How loudly each node hears each other in every layer: the matrices that news goes through."""

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from unroll.app.spread.asked import MOST_NODES, SpreadAsked
from unroll.graphs import GATLayer, Graph, Propagation, a_hat, a_tilde, attention, graph_from_pairs
from unroll.seeding import make_generator

FEATURES = 8
"""Numbers at random that each node of a GAT begins with."""
HEAD_SIZE = 8
"""Numbers that a head makes of a node."""
LOUDNESS = 2.0
"""Standard deviation of the features: nodes differ enough for a softmax to take sides."""


def make_graph(asked: SpreadAsked) -> Graph:
    """Return the drawn graph. Raises: ConfigError for an edge that is given twice."""
    pairs = list(zip(asked.sources, asked.targets, strict=True))
    return graph_from_pairs(pairs, nodes=asked.nodes, directed=asked.directed)


def layer_weights(graph: Graph, asked: SpreadAsked) -> tuple[Propagation, Tensor]:
    """Return the entries of Ã and each layer's weights for them: (L, E', K), float64.

    GCN: Â_ij, the same in every layer, K = 1. GAT: α_ij of each head.
    """
    if asked.kind == "gcn":
        matrix = a_hat(graph, dtype=torch.float64)
        return matrix, matrix.weights.view(1, -1, 1).expand(asked.layers, -1, -1)
    matrix = a_tilde(graph).to(torch.float64)
    return matrix, attentions(matrix, asked)


@torch.no_grad()
def attentions(matrix: Propagation, asked: SpreadAsked) -> Tensor:
    """Return α of a stack of untrained GAT layers on features at random: (L, E', K), float64.

        x(l+1) = ELU(GATLayer(x(l), Ã)), the heads side by side

    Features are drawn for as many nodes as there can be, so that one more leaves the others what
    they are.
    """
    weights = make_generator(asked.seed, "weights")
    features = make_generator(asked.seed, "features")
    drawn = torch.randn(MOST_NODES, FEATURES, generator=features, dtype=torch.float64)
    x = LOUDNESS * drawn[: matrix.nodes]
    found = []
    for _ in range(asked.layers):
        layer = GATLayer(x.shape[1], HEAD_SIZE, asked.heads, generator=weights).double()
        found.append(attention(layer, x, matrix))
        x = functional.elu(layer(x, matrix))
    return torch.stack(found)


def mean_matrices(matrix: Propagation, weights: Tensor) -> list[Propagation]:
    """Return one matrix a layer, with the mean over heads of the weights (L, E', K)."""
    return [replace(matrix, weights=one, is_symmetric=False) for one in weights.mean(2)]
