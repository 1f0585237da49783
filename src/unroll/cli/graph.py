"""The commands under `unroll graph`: what they take, and the function that each calls."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from unroll.cli.help import Group
from unroll.cli.output import Output
from unroll.study.graphs.settings import (
    ClassifySettings,
    CompareSettings,
    DepthSettings,
    HopSettings,
    ReachSettings,
)


@dataclass(frozen=True, kw_only=True)
class ClassifyCommand:
    """Say of each node of a graph what it is, from a few that are known.

    Example: unroll graph classify --data karate --model gat
    """

    measure: ClassifySettings = field(default_factory=ClassifySettings)
    """What is measured."""
    out: Path = Path("runs/graph-classify")
    """Directory of results, figures and report; the same one again resumes."""
    output: Output = field(default_factory=Output)
    """Who works, and what is told."""


@dataclass(frozen=True, kw_only=True)
class ReachCommand:
    """Count the layers until news of one node reaches another.

    Example: unroll graph reach --edges "A-B,B-C" --source A --target C
    """

    measure: ReachSettings = field(default_factory=ReachSettings)
    """What is measured."""
    out: Path = Path("runs/graph-reach")
    """Directory of results, figures and report."""
    output: Output = field(default_factory=Output)
    """Who works, and what is told."""


@dataclass(frozen=True, kw_only=True)
class HorizonCommand:
    """Measure over how many hops a label can be carried to a reader.

    Example: unroll graph horizon --shapes path --models gcn
    """

    measure: HopSettings = field(default_factory=HopSettings)
    """What is measured."""
    out: Path = Path("runs/graph-horizon")
    """Directory of results, figures and report; the same one again resumes."""
    output: Output = field(default_factory=Output)
    """Who works, and what is told."""


@dataclass(frozen=True, kw_only=True)
class DepthCommand:
    """Stack more and more layers, and see what becomes of the nodes.

    Example: unroll graph depth --data karate
    """

    measure: DepthSettings = field(default_factory=DepthSettings)
    """What is measured."""
    out: Path = Path("runs/graph-depth")
    """Directory of results, figures and report; the same one again resumes."""
    output: Output = field(default_factory=Output)
    """Who works, and what is told."""


@dataclass(frozen=True, kw_only=True)
class CompareCommand:
    """Give the same data as a sequence and as a graph: which one wins?

    Example: unroll graph compare distance
    """

    measure: CompareSettings = field(default_factory=CompareSettings)
    """What is measured."""
    out: Path | None = None
    """Directory of results, figures and report; the same one again resumes. Default:
    runs/graph-EXPERIMENT."""
    output: Output = field(default_factory=Output)
    """Who works, and what is told."""


GraphCommand: TypeAlias = (
    ClassifyCommand | ReachCommand | HorizonCommand | DepthCommand | CompareCommand
)


GRAPH = Group(
    summary="See how far information travels along edges; graph or sequence?",
    example="unroll graph classify --data karate",
    commands={
        "classify": ClassifyCommand,
        "reach": ReachCommand,
        "horizon": HorizonCommand,
        "depth": DepthCommand,
        "compare": CompareCommand,
    },
)
"""The commands under `unroll graph`."""


def run_graph(command: GraphCommand) -> tuple[str, bool]:
    """Carry out a command; return what is still to be printed, and whether it succeeded.

    Raises: UnrollError, in one line and before anything is written, for a user's mistake.
    """
    # Imported here because it brings torch, which takes longer than --help may.
    from unroll.study import run
    from unroll.study.execute import RunOptions

    output = command.output
    options = RunOptions(
        out=_out_of(command),
        workers=output.workers,
        quiet=output.quiet,
        executor=output.executor,
    )
    result = run.run_command(command.measure, options, with_figures=True)
    text = json.dumps(result.summary, indent=2) if output.json else result.text
    return text, result.succeeded


def _out_of(command: GraphCommand) -> Path:
    if isinstance(command, CompareCommand):
        return command.out or Path(f"runs/graph-{command.measure.experiment}")
    return command.out
