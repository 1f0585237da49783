"""What a graph is known by: a hash of all that decides what is learned and told of it."""

import hashlib
import json

from torch import Tensor

from unroll.graphs import Graph, SparseFeatures


def graph_sha256(graph: Graph) -> str:
    """Return the SHA-256 of a graph's edges, features, labels, split and names."""
    digest = hashlib.sha256(f"{graph.nodes} {graph.is_directed}".encode())
    digest.update(json.dumps([graph.name, graph.names, graph.class_names]).encode())
    features = graph.features
    parts: list[Tensor | None]
    if isinstance(features, SparseFeatures):
        digest.update(f"{features.width} wide;".encode())
        parts = [features.offsets, features.columns, features.values]
    else:
        parts = [features]
    for part in (graph.edges, *parts, graph.labels, graph.train, graph.validation, graph.test):
        _feed(digest, part)
    return digest.hexdigest()


def _feed(digest: "hashlib._Hash", part: Tensor | None) -> None:
    if part is None:
        digest.update(b"none;")
        return
    digest.update(f"{tuple(part.shape)} {part.dtype};".encode())
    digest.update(part.contiguous().numpy().tobytes())
