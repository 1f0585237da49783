"""What part 3 is in each of the study's presets. Imports no torch, so that --help is quick."""

from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from unroll.study.graphs.settings import (
    ClassifySettings,
    CompareSettings,
    DepthSettings,
    HopSettings,
    ReachSettings,
)
from unroll.study.graphs.settings.compare import EXPERIMENTS

GraphPart: TypeAlias = (
    ReachSettings | HopSettings | ClassifySettings | DepthSettings | CompareSettings
)
"""What a part of part 3 can be."""

_ABOUT_BOTH = ("signal", "expressions")
"""Experiments in which graph and sequence come together."""


def graph_questions(part: GraphPart) -> tuple[str, ...]:
    """Return the questions that a part helps to answer."""
    match part:
        case ReachSettings():
            return ("3.1", "3.2")
        case ClassifySettings(model="gat"):
            return ("GAT", "3.3")
        case ClassifySettings():
            return ("3.3",)
        case CompareSettings(experiment=name):
            return ("3.4b",) if name in _ABOUT_BOTH else ("3.4a",)
        case _:
            return ("3.1",)


SMOKE_GRAPHS: tuple[GraphPart, ...] = (
    ReachSettings(),
    HopSettings(shapes=("path",), models=("gcn",), distances=(1, 2), seeds=1, steps=20),
    *(ClassifySettings(model=model, seeds=1, epochs=5) for model in ("gcn", "gat")),
    DepthSettings(depths=(1, 2), seeds=1, epochs=5),
    *(CompareSettings(experiment=name, seeds=1, steps=4) for name in ("before", "expressions")),
)

_QUICK_STEPS = {
    "distance": 150,
    "before": 150,
    "palindrome": 150,
    "signal": 80,
    "expressions": 120,
}
"""Training steps of each experiment: enough for its outcome to show. Pictures need a minute."""

# About 75 core-seconds in all.
QUICK_GRAPHS: tuple[GraphPart, ...] = (
    ReachSettings(),
    HopSettings(models=("gcn",), distances=(1, 2, 4), seeds=2, steps=200),
    *(ClassifySettings(model=model, seeds=2) for model in ("gcn", "gat")),
    DepthSettings(seeds=1, epochs=60),
    *(
        CompareSettings(experiment=name, seeds=2, steps=steps)
        for name, steps in _QUICK_STEPS.items()
    ),
)

FULL_GRAPHS: tuple[GraphPart, ...] = (
    ReachSettings(),
    HopSettings(seeds=5),
    *(ClassifySettings(model=model) for model in ("gcn", "gat")),
    DepthSettings(seeds=5),
    *(CompareSettings(experiment=name, seeds=5) for name in EXPERIMENTS),
)

_CORA: dict[str, tuple[ClassifySettings | DepthSettings, ...]] = {
    "smoke": (ClassifySettings(data="cora", seeds=1, epochs=2),),
    "quick": (
        ClassifySettings(data="cora", seeds=2),
        ClassifySettings(data="cora", model="gat", seeds=1),
    ),
    "full": (
        *(ClassifySettings(data="cora", model=model) for model in ("gcn", "gat")),
        DepthSettings(data="cora"),
    ),
}


def cora_parts(preset: str, root: Path | None) -> tuple[GraphPart, ...]:
    """Return what a preset measures of Cora where its files are at hand, read from `root`."""
    return tuple(replace(part, root=root) for part in _CORA[preset])
