"""Made-up hop horizons."""

from collections.abc import Callable, Sequence

from tests.study.graphs.made_up.views import view
from unroll.study.graphs.view import GraphView, Look


def hop_accuracy(shape: str, model: str, residual: str, distance: int) -> float:
    """Return an accuracy that falls sooner on trees and without residuals."""
    last = {"path": 5, "tree": 3}[shape] + (2 if residual == "residual" else 0)
    return 1.0 if distance <= last - (model == "gat") else 0.3


def hops_view(
    accuracy: Callable[[str, str, str, int], float] = hop_accuracy,
    *,
    seeds: int = 3,
    distances: Sequence[int] = (1, 2, 3, 4, 6, 8),
    below: float = 0.0,
) -> GraphView:
    """Return a view of hop horizons."""
    looks = [
        Look(
            settings={
                "shape": shape,
                "model": model,
                "residual": residual,
                "distance": distance,
                "seed": seed,
                "steps": 500,
                "hidden_size": 16,
            },
            values={
                "accuracy": accuracy(shape, model, residual, distance) - 0.005 * seed,
                "chance": 0.25,
                "layers": distance,
                "nodes": 2**distance if shape == "tree" else distance + 1,
                "parameters": 1000 * distance,
                "influence": {
                    "untrained": 0.2 ** (distance + seed / 9),
                    "trained": 0.5 ** (distance + seed / 9) if shape == "path" else 0.2**distance,
                },
                "below": {"layers": distance - 1, "influence": below},
                "curve": [{"step": 500, "loss": 0.1}],
                "train_seconds": 1.0,
            },
        )
        for shape in ("path", "tree")
        for model in ("gcn", "gat")
        for residual in ("plain", "residual")
        for distance in distances
        for seed in range(seeds)
        # A tree of 8 hops would be too large.
        if shape == "path" or distance <= 7
    ]
    return view("graph-horizon", looks, steps=500, hidden_size=16)
