"""Graphs, their matrices, and the layers that pass messages along edges."""

from unroll.graphs.gat import GATLayer, attention, gat_plain
from unroll.graphs.gcn import GCNLayer, gcn_plain
from unroll.graphs.graph import Graph, disjoint_union, graph_from_pairs, repeated
from unroll.graphs.propagation import (
    Propagation,
    a_hat,
    a_tilde,
    adjacency_matrix,
    propagate,
    propagate_plain,
)
from unroll.graphs.sparse_features import SparseFeatures

__all__ = [
    "GATLayer",
    "GCNLayer",
    "Graph",
    "Propagation",
    "SparseFeatures",
    "a_hat",
    "a_tilde",
    "adjacency_matrix",
    "attention",
    "disjoint_union",
    "gat_plain",
    "gcn_plain",
    "graph_from_pairs",
    "propagate",
    "propagate_plain",
    "repeated",
]
