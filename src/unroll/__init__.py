"""How far does information travel in a network, and what stops it?

The commands from Python: `unroll.run(settings, directory)` measures what the settings say, and
returns a `Result` that shows itself in a notebook. All names are imported when they are first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from unroll.version import __version__

if TYPE_CHECKING:
    from unroll.errors import UnrollError
    from unroll.lab import open_results, run
    from unroll.records import Horizon
    from unroll.study.ablation.settings import AblationSettings
    from unroll.study.bench.settings import BenchSettings
    from unroll.study.gates.settings import GateSettings
    from unroll.study.gradients.settings import GradientSettings
    from unroll.study.graphs.settings import (
        ClassifySettings,
        CompareSettings,
        DepthSettings,
        HopSettings,
        ReachSettings,
    )
    from unroll.study.memory.settings import MemorySettings
    from unroll.study.optimisers.settings import OptimiserSettings
    from unroll.study.presets import find_preset
    from unroll.study.result import Result
    from unroll.study.text.settings import (
        ContextSettings,
        CopiesSettings,
        TrainSettings,
        WriteSettings,
    )

__all__ = [
    "AblationSettings",
    "BenchSettings",
    "ClassifySettings",
    "CompareSettings",
    "ContextSettings",
    "CopiesSettings",
    "DepthSettings",
    "GateSettings",
    "GradientSettings",
    "HopSettings",
    "Horizon",
    "MemorySettings",
    "OptimiserSettings",
    "ReachSettings",
    "Result",
    "TrainSettings",
    "UnrollError",
    "WriteSettings",
    "__version__",
    "find_preset",
    "open_results",
    "run",
]

_HOMES = {
    "unroll.errors": ("UnrollError",),
    "unroll.lab": ("open_results", "run"),
    "unroll.records": ("Horizon",),
    "unroll.study.ablation.settings": ("AblationSettings",),
    "unroll.study.bench.settings": ("BenchSettings",),
    "unroll.study.gates.settings": ("GateSettings",),
    "unroll.study.gradients.settings": ("GradientSettings",),
    "unroll.study.graphs.settings": (
        "ClassifySettings",
        "CompareSettings",
        "DepthSettings",
        "HopSettings",
        "ReachSettings",
    ),
    "unroll.study.memory.settings": ("MemorySettings",),
    "unroll.study.optimisers.settings": ("OptimiserSettings",),
    "unroll.study.presets": ("find_preset",),
    "unroll.study.result": ("Result",),
    "unroll.study.text.settings": (
        "ContextSettings",
        "CopiesSettings",
        "TrainSettings",
        "WriteSettings",
    ),
}
"""Where each public name lives: importing them all would import torch, which takes seconds."""


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(module), name)
    raise AttributeError(f"module 'unroll' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
