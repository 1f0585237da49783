"""A made-up view of part 3: looks of one kind."""

from collections.abc import Sequence
from typing import Any

from unroll.study.graphs.view import GraphView, Look


def view(kind: str, looks: Sequence[Look], command: str = "", **protocol: Any) -> GraphView:
    """Return a view of these looks."""
    return GraphView(
        kind=kind,
        protocol=protocol,
        commands=(command or f"unroll graph {kind.removeprefix('graph-')}",),
        looks=tuple(looks),
    )
