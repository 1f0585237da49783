"""Made-up experiments: who answers what."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.study.graphs.made_up.views import view
from unroll.study.graphs.compare.experiment import Case, Experiment, Remark
from unroll.study.graphs.view import GraphView, Look


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
