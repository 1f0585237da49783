"""Graphs to work on: a club, citations, and a user's own."""

from unroll.graph_data.names import DATA_NAMES, PLANETOID_NAMES
from unroll.graph_data.refusal import GraphDataError

__all__ = ["DATA_NAMES", "PLANETOID_NAMES", "GraphDataError"]
