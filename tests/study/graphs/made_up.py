"""Made-up views of part 3: values of the shape that its measurements have, as one likes them."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from unroll.study.graphs.compare.experiment import Case, Experiment, Remark
from unroll.study.graphs.view import GraphView, Look

NAMES = ("A", "B", "C", "D", "E", "F")
EDGES = ((0, 1), (0, 4), (0, 5), (1, 3), (2, 3), (3, 5))
HOPS = (3, 2, 0, 1, 4, 2)
PLACES = ((0.35, 0.62, 1.0, 0.75, 0.0, 0.5), (0.5, 0.85, 0.4, 0.5, 0.5, 0.1))


def view(kind: str, looks: Sequence[Look], command: str = "", **protocol: Any) -> GraphView:
    """Return a view of these looks."""
    return GraphView(
        kind=kind,
        protocol=protocol,
        command=command or f"unroll graph {kind.removeprefix('graph-')}",
        looks=tuple(looks),
    )


def _adjacency() -> list[list[int]]:
    linked = {*EDGES, *((j, i) for i, j in EDGES), *((i, i) for i in range(6))}
    return [[int((i, j) in linked) for j in range(6)] for i in range(6)]


def _power(matrix: list[list[float]], k: int) -> list[list[float]]:
    result = [[float(i == j) for j in range(6)] for i in range(6)]
    for _ in range(k):
        result = [
            [sum(result[i][m] * matrix[m][j] for m in range(6)) for j in range(6)] for i in range(6)
        ]
    return result


def reach_values(**changed: Any) -> dict[str, Any]:
    """Return what a look at the six-node graph holds, worked out without the library."""
    tilde = _adjacency()
    degrees = [sum(row) for row in tilde]
    hat = [[tilde[i][j] / math.sqrt(degrees[i] * degrees[j]) for j in range(6)] for i in range(6)]
    powers = [_power(hat, k) for k in range(5)]
    return {
        "names": list(NAMES),
        "edges": [list(edge) for edge in EDGES],
        "is_directed": False,
        "x": list(PLACES[0]),
        "y": list(PLACES[1]),
        "a_tilde": tilde,
        "a_hat": hat,
        "degrees": degrees,
        "row_sums": [sum(row) for row in hat],
        "source": "C",
        "target": "E",
        "updates": 4,
        "hops": list(HOPS),
        "by_layer": [
            {
                "layers": k,
                "power": [powers[k][i][2] for i in range(6)],
                "jacobian": [1.4 * powers[k][i][2] for i in range(6)],
            }
            for k in range(5)
        ],
        "updates_by_jacobian": 4,
        "squared": {"updates": 2},
        "twins": [["B", "F"]],
        "twin_difference": 0.0,
        "checks": [
            {
                "claim": "Below 4 layers the Jacobian of E by C is exactly zero",
                "passed": True,
                "detail": "largest entry 0.0",
            }
        ],
    } | changed


def reach_view(**changed: Any) -> GraphView:
    """Return a view of one look at reach."""
    settings = {"edges": "A-B,A-E,A-F,B-D,C-D,D-F", "source": "C", "target": "E"}
    look = Look(settings=settings, values=reach_values(**changed))
    return view("graph-reach", [look], 'unroll graph reach --edges "A-B,A-E" --source C --target E')


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


def experiment(name: str = "distance", **changed: Any) -> Experiment:
    """Return an experiment that is never measured."""
    found: dict[str, Any] = {
        "name": name,
        "question": "3.4a",
        "title": "How far apart are two marked nodes",
        "task": "Two nodes of a random graph are marked; how many hops are between them?",
        "metric": "accuracy",
        "unit": "share of graphs answered right",
        "contestants": {
            "GCN": ("main", "order"),
            "LSTM, edges in DFS order": ("main", "order"),
            "LSTM, edges in BFS order": ("main",),
        },
        "cases": (
            Case(name="n = 16", chance=0.25),
            Case(name="n = 32", role="further", chance=0.25),
            Case(name="which edge came first", variant="order", role="losing", chance=0.5),
        ),
        "steps": 600,
        "measure": None,
        "remarks": {
            "which edge came first": Remark(
                text="A graph has no first edge.", ahead="LSTM, edges in DFS order", behind="GCN"
            )
        },
    }
    return Experiment(**(found | changed))


def compare_view(
    shown: Experiment,
    values: Mapping[str, Mapping[str, float]],
    *,
    seeds: int = 3,
    checks: Sequence[dict[str, Any]] = (),
    gap: float = 0.004,
) -> GraphView:
    """Return a view of an experiment; `values` by contestant and case."""
    looks = [
        Look(
            settings={
                "experiment": shown.name,
                "variant": variant,
                "contestant": contestant,
                "seed": seed,
                "steps": shown.steps,
            },
            values={
                "parameters": 10_000 + 37 * len(contestant),
                "curve": [{"step": 600, "loss": 0.2}],
                "train_seconds": 3.0,
                "cases": [
                    {
                        "case": case.name,
                        "value": values[contestant][case.name] + gap * (seed - 1),
                        "examples": 2000,
                    }
                    for case in shown.cases
                    if case.variant == variant and case.name in values[contestant]
                ],
                "checks": list(checks) if seed == 0 else [],
                "notes": {},
            },
        )
        for contestant, variants in shown.contestants.items()
        for variant in variants
        for seed in range(seeds)
    ]
    command = f"unroll graph compare --experiment {shown.name}"
    return view("graph-compare", looks, command, experiment=shown.name, steps=shown.steps)


DISTANCE = experiment()
DISTANCE_VALUES = {
    "GCN": {"n = 16": 0.98, "n = 32": 0.92, "which edge came first": 0.5},
    "LSTM, edges in DFS order": {"n = 16": 0.55, "n = 32": 0.41, "which edge came first": 0.97},
    "LSTM, edges in BFS order": {"n = 16": 0.52, "n = 32": 0.31},
}
SIGNAL = experiment(
    "signal",
    question="3.4b",
    title="A signal that moves over a graph",
    metric="error",
    unit="mean squared error of the next step",
    contestants={"GCN + LSTM": ("main", "apart"), "GCN": ("main",), "LSTM": ("main", "apart")},
    cases=(
        Case(name="as trained"),
        Case(name="graphs of 60 nodes", role="further"),
        Case(name="no coupling", variant="apart", role="losing"),
    ),
    remarks={},
)
SIGNAL_VALUES = {
    "GCN + LSTM": {"as trained": 0.1, "graphs of 60 nodes": 0.11, "no coupling": 0.11},
    "GCN": {"as trained": 0.9, "graphs of 60 nodes": 0.92},
    "LSTM": {"as trained": 0.3, "graphs of 60 nodes": 0.33, "no coupling": 0.10},
}
