"""Small graphs that the tests of Spread ask for, and their matrices by numpy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unroll.app.spread.asked import SpreadAsked

SIX = {"sources": (0, 0, 0, 1, 2, 3), "targets": (1, 4, 5, 3, 3, 5)}
"""A–B, A–E, A–F, B–D, C–D, D–F."""
DIRECTED = {"sources": (0, 1, 2, 3, 1, 4), "targets": (1, 2, 3, 1, 4, 0)}
"""Two rings that share 0→1 and 1→2, and nothing to or from node 5."""


def ask(**changes: Any) -> SpreadAsked:
    """Return the question for the six-node graph and news of C, unless told otherwise."""
    asked = {"kind": "gcn", "nodes": 6, **SIX, "source": 2, "layers": 12, **changes}
    return SpreadAsked(**asked)


def dense_tilde(asked: SpreadAsked) -> NDArray[np.float64]:
    """Return Ã, filled in edge by edge."""
    tilde = np.eye(asked.nodes)
    for source, target in zip(asked.sources, asked.targets, strict=True):
        tilde[target, source] = 1.0
        if not asked.directed:
            tilde[source, target] = 1.0
    return tilde


def dense_hat(asked: SpreadAsked) -> NDArray[np.float64]:
    """Return D̃^(−1/2) Ã D̃^(−1/2) as three matrices multiplied."""
    tilde = dense_tilde(asked)
    root = np.diag(1 / np.sqrt(tilde.sum(1)))
    return np.asarray(root @ tilde @ root)


def dense(answer: dict[str, Any], weights: list[float], nodes: int) -> NDArray[np.float64]:
    """Return what an answer's entries and these weights say, as a matrix."""
    matrix = np.zeros((nodes, nodes))
    matrix[answer["targets"], answer["sources"]] = weights
    return matrix
