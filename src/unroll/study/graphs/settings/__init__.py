"""What the commands of part 3 are asked to do. Imports no torch, so that --help is quick."""

from unroll.study.graphs.settings.classify import ClassifySettings
from unroll.study.graphs.settings.compare import CompareSettings
from unroll.study.graphs.settings.depth import DepthSettings
from unroll.study.graphs.settings.hops import HopSettings
from unroll.study.graphs.settings.reach import ReachSettings

__all__ = [
    "ClassifySettings",
    "CompareSettings",
    "DepthSettings",
    "HopSettings",
    "ReachSettings",
]
