"""Made-up classifications of nodes, and stacks of layers that grow deeper."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.study.graphs.made_up.views import view
from unroll.study.graphs.view import GraphView, Look


def ring_drawing(nodes: int, wrong: Sequence[int], classes: Sequence[str]) -> dict[str, Any]:
    """Return a drawing of a ring with some chords."""
    angles = [2 * math.pi * n / nodes for n in range(nodes)]
    label = [n * len(classes) // nodes for n in range(nodes)]
    hub = [[0, n] for n in range(2, nodes // 2, 3)]
    return {
        "x": [
            round(0.5 + 0.5 * math.cos(a) * (0.6 + 0.4 * (n % 2)), 4) for n, a in enumerate(angles)
        ],
        "y": [
            round(0.5 + 0.5 * math.sin(a) * (0.6 + 0.4 * (n % 2)), 4) for n, a in enumerate(angles)
        ],
        "names": [str(n + 1) for n in range(nodes)] if nodes < 100 else None,
        "label": label,
        "predicted": [(c + (n in wrong)) % len(classes) for n, c in enumerate(label)],
        "role": ["train" if n in (1, nodes - 2) else "test" for n in range(nodes)],
        "edges": [[n, (n + 1) % nodes] for n in range(nodes)] + hub,
        "class_names": list(classes),
    }


def ring_attention(drawing: Mapping[str, Any], heads: int = 8) -> dict[str, Any]:
    """Return weights that favour a node itself the more the higher the head."""
    sources: dict[int, list[int]] = {n: [n] for n in range(len(drawing["x"]))}
    for i, j in drawing["edges"]:
        sources[i].append(j)
        sources[j].append(i)
    edges, by_head = [], []
    for target, mine in sources.items():
        raw = [[1 + head * (s == target) / 4 + (s % 3) / 4 for s in mine] for head in range(heads)]
        for place, source in enumerate(mine):
            weights = [row[place] / sum(row) for row in raw]
            edges.append([target, source, sum(weights) / heads])
            by_head.append(weights)
    names = {str(n): name for n, name in enumerate(drawing["names"] or ())}
    return {
        "edges": edges,
        "by_head": by_head,
        "names": names,
        "entropy": {"measured": 1.25, "uniform": 1.31},
    }


def classify_view(
    data: str = "karate",
    model: str = "gcn",
    accuracies: Sequence[float] = (0.969, 0.938, 0.969),
    *,
    nodes: int = 34,
    classes: Sequence[str] = ("Mr. Hi", "Officer"),
) -> GraphView:
    """Return a view of a network trained to classify nodes."""
    drawing = ring_drawing(nodes, [8, 17], classes)
    looks = [
        Look(
            settings={"data": data, "model": model, "seed": seed},
            values={
                "accuracy": {"train": 1.0, "validation": None, "test": accuracy},
                "epochs": 200,
                "best_epoch": 200,
                "parameters": 600,
                "epoch_seconds": 0.004,
                "curve": [
                    {
                        "epoch": epoch,
                        "train_loss_nats": 1 / epoch,
                        "validation_loss_nats": None,
                        "validation_accuracy": None,
                    }
                    for epoch in (1, 100, 200)
                ],
                "graph": {
                    "name": data,
                    "nodes": nodes,
                    "edges": len(drawing["edges"]),
                    "features": nodes,
                    "classes": len(classes),
                    "train": 2,
                    "validation": 0,
                    "test": nodes - 2,
                    "isolated": 0,
                    "row_sums": [0.61, 1.73],
                    "commonest": 0.5,
                    "alike": 0.9,
                },
                "drawing": drawing if seed == 0 else None,
                "attention": ring_attention(drawing) if seed == 0 and model == "gat" else None,
                "checks": [],
            },
        )
        for seed, accuracy in enumerate(accuracies)
    ]
    return view("graph-classify", looks, f"unroll graph classify --data {data} --model {model}")


def depth_view(
    data: str = "karate",
    accuracy: Callable[[str, int], float] = lambda variant, depth: (
        0.95 if variant != "plain" or depth <= 4 else 0.4
    ),
    *,
    seeds: int = 3,
) -> GraphView:
    """Return a view of networks of several depths."""
    looks = [
        Look(
            settings={"data": data, "variant": variant, "depth": depth, "seed": seed},
            values={
                "accuracy": accuracy(variant, depth) - 0.01 * seed,
                "validation_accuracy": None,
                "dirichlet_energy": 40.0 * 0.3**depth if variant != "residual" else 35.0 / depth,
                "dirichlet_start": 40.0,
                "mean_cosine": 1 - 0.9**depth if variant != "residual" else 0.3,
                "parameters": 500 * depth,
                "epochs": 200,
            },
        )
        for variant in ("plain", "residual", "smoothing")
        for depth in (1, 2, 4, 8, 16)
        for seed in range(seeds)
    ]
    return view("graph-depth", looks, f"unroll graph depth --data {data}", data=data)
