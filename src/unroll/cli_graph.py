"""The commands under `unroll graph`: what they take, and the function that each calls."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeAlias

import tyro

from unroll.cli_output import Output
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

    measure: tyro.conf.OmitArgPrefixes[ClassifySettings] = field(default_factory=ClassifySettings)
    """What is measured."""
    out: Path = Path("runs/graph-classify")
    """Directory of results, figures and report; the same one again resumes."""
    output: tyro.conf.OmitArgPrefixes[Output] = field(default_factory=Output)
    """Workers and output."""


@dataclass(frozen=True, kw_only=True)
class ReachCommand:
    """Count the layers until news of one node reaches another.

    Example: unroll graph reach --edges "A-B,B-C" --source A --target C
    """

    measure: tyro.conf.OmitArgPrefixes[ReachSettings] = field(default_factory=ReachSettings)
    """What is measured."""
    out: Path = Path("runs/graph-reach")
    """Directory of results, figures and report."""
    output: tyro.conf.OmitArgPrefixes[Output] = field(default_factory=Output)
    """Workers and output."""


@dataclass(frozen=True, kw_only=True)
class HorizonCommand:
    """Measure how many hops a label can be carried to a reader, on paths and on trees.

    Example: unroll graph horizon --shapes path --models gcn
    """

    measure: tyro.conf.OmitArgPrefixes[HopSettings] = field(default_factory=HopSettings)
    """What is measured."""
    out: Path = Path("runs/graph-horizon")
    """Directory of results, figures and report; the same one again resumes."""
    output: tyro.conf.OmitArgPrefixes[Output] = field(default_factory=Output)
    """Workers and output."""


@dataclass(frozen=True, kw_only=True)
class DepthCommand:
    """Stack more and more layers, and see what becomes of accuracy and of differences.

    Example: unroll graph depth --data karate
    """

    measure: tyro.conf.OmitArgPrefixes[DepthSettings] = field(default_factory=DepthSettings)
    """What is measured."""
    out: Path = Path("runs/graph-depth")
    """Directory of results, figures and report; the same one again resumes."""
    output: tyro.conf.OmitArgPrefixes[Output] = field(default_factory=Output)
    """Workers and output."""


@dataclass(frozen=True, kw_only=True)
class CompareCommand:
    """Give the same data as a sequence and as a graph, and see which network wins.

    Example: unroll graph compare distance
    """

    measure: tyro.conf.OmitArgPrefixes[CompareSettings] = field(default_factory=CompareSettings)
    """What is measured."""
    out: Path | None = None
    """Directory of results, figures and report; the same one again resumes. Default:
    runs/graph-EXPERIMENT."""
    output: tyro.conf.OmitArgPrefixes[Output] = field(default_factory=Output)
    """Workers and output."""


_Named: TypeAlias = (
    Annotated[ClassifyCommand, tyro.conf.subcommand("classify", prefix_name=False)]
    | Annotated[ReachCommand, tyro.conf.subcommand("reach", prefix_name=False)]
    | Annotated[HorizonCommand, tyro.conf.subcommand("horizon", prefix_name=False)]
    | Annotated[DepthCommand, tyro.conf.subcommand("depth", prefix_name=False)]
    | Annotated[CompareCommand, tyro.conf.subcommand("compare", prefix_name=False)]
)


@dataclass(frozen=True, kw_only=True)
class GraphCommand:
    """See how far information travels along edges, and where a graph beats a sequence.

    Example: unroll graph classify --data karate
    """

    command: tyro.conf.OmitArgPrefixes[tyro.conf.OmitSubcommandPrefixes[_Named]]
    """What to do."""


def run_graph(command: GraphCommand) -> tuple[str, bool]:
    """Carry out a command; return what is still to be printed, and whether it succeeded.

    Raises: UnrollError, in one line and before anything is written, for a user's mistake.
    """
    asked = command.command
    # Imported here because it brings torch, which takes longer than --help may.
    from unroll.study import run
    from unroll.study.execute import RunOptions
    from unroll.study.running.inline import InlineExecutor

    options = RunOptions(out=_out_of(asked), workers=asked.output.workers, quiet=asked.output.quiet)
    executor = InlineExecutor() if isinstance(asked, ReachCommand) else None
    result = run.run_command(asked.measure, options, executor, with_figures=True)
    text = json.dumps(result.summary, indent=2) if asked.output.json else result.text
    return text, result.succeeded


def _out_of(asked: _Named) -> Path:
    if isinstance(asked, CompareCommand):
        return asked.out or Path(f"runs/graph-{asked.measure.experiment}")
    return asked.out
