"""The commands of the study and of part 1: what they take, and the function that each calls."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from unroll.cli.options import POSITIONAL
from unroll.cli.output import Output
from unroll.errors import ConfigError
from unroll.study.ablation.settings import AblationSettings
from unroll.study.bench.settings import BenchSettings
from unroll.study.gates.settings import GateSettings
from unroll.study.gradients.settings import GradientSettings
from unroll.study.memory.settings import MemorySettings
from unroll.study.optimisers.settings import OptimiserSettings
from unroll.study.presets import find_preset


@dataclass(frozen=True, kw_only=True)
class StudyCommand:
    """Run the whole study and write its report.

    Example: unroll study --preset quick --out runs/study
    """

    preset: str = "quick"
    """smoke (20 seconds), quick (7 minutes) or full (hours)."""
    only: str | None = None
    """Measure what these questions need alone, 1.3,2.1c say; part 2 is measured as one. Default:
    all of them."""
    book: Path | None = None
    """A book for part 2, measured first: UTF-8 text, folder of .txt files, or fetched book (unroll
    text fetch). Default: the documentation that comes with Python."""
    root: Path | None = None
    """Folder of Cora's files for part 3. Default: where unroll graph classify keeps them; without
    them part 3 does without Cora."""
    out: Path = Path("runs/study")
    """Directory of results and report; the same one again resumes."""
    output: Output = field(default_factory=Output)
    """Who works, and what is told."""


@dataclass(frozen=True, kw_only=True)
class MemoryCommand:
    """Measure how far cells remember: accuracy against length.

    Example: unroll memory --cells rnn lstm --lengths 5 10 20 --seeds 3
    """

    measure: MemorySettings = field(default_factory=MemorySettings)
    """What is measured."""
    out: Path = Path("runs/memory")
    """Directory of results and report; the same one again resumes."""
    output: Output = field(default_factory=Output)
    """Who works, and what is told."""


@dataclass(frozen=True, kw_only=True)
class GradientsCommand:
    """Measure how much gradient arrives at each step of a sequence.

    Example: unroll gradients --cells rnn lstm --length 100
    """

    measure: GradientSettings = field(default_factory=GradientSettings)
    """What is measured."""
    out: Path = Path("runs/gradients")
    """Directory of results and report; the same one again resumes."""
    output: Output = field(default_factory=Output)
    """Who works, and what is told."""


@dataclass(frozen=True, kw_only=True)
class OptimisersCommand:
    """Train one cell by several optimisers, each at several rates.

    Example: unroll optimisers --cell rnn --length 5
    """

    measure: OptimiserSettings = field(default_factory=OptimiserSettings)
    """What is measured."""
    out: Path = Path("runs/optimisers")
    """Directory of results and report; the same one again resumes."""
    output: Output = field(default_factory=Output)
    """Who works, and what is told."""


@dataclass(frozen=True, kw_only=True)
class GatesCommand:
    """See what each gate does over a palindrome.

    Example: unroll gates --cells lstm --length 10
    """

    measure: GateSettings = field(default_factory=GateSettings)
    """What is measured."""
    out: Path = Path("runs/gates")
    """Directory of results and report; the same one again resumes."""
    output: Output = field(default_factory=Output)
    """Who works, and what is told."""


@dataclass(frozen=True, kw_only=True)
class AblationCommand:
    """Find which change of training carries a digit further.

    Example: unroll ablation --cells rnn --lengths 5 10 20 30
    """

    measure: AblationSettings = field(default_factory=AblationSettings)
    """What is measured."""
    out: Path = Path("runs/ablation")
    """Directory of results and report; the same one again resumes."""
    output: Output = field(default_factory=Output)
    """Who works, and what is told."""


@dataclass(frozen=True, kw_only=True)
class BenchCommand:
    """Put cells through the same tasks at the same cost, a card each.

    Example: unroll bench lstm gru path/to/file.py:MyCell --out runs/bench
    """

    measure: BenchSettings
    """What is measured."""
    out: Path = Path("runs/bench")
    """Directory of results and report; the same one again resumes."""
    output: Output = field(default_factory=Output)
    """Who works, and what is told."""


@dataclass(frozen=True, kw_only=True)
class ReportCommand:
    """Draw a report again from its records; nothing is trained.

    Example: unroll report runs/study --format md
    """

    directory: Path = field(metadata={POSITIONAL: "DIR"})
    """Directory that a study wrote."""
    format: Literal["html", "md", "figures"] = "html"
    """One page, Markdown with LaTeX formulas, or each figure as SVG and CSV for a document of your
    own."""


StudyCommands: TypeAlias = (
    StudyCommand
    | MemoryCommand
    | GradientsCommand
    | OptimisersCommand
    | GatesCommand
    | AblationCommand
    | BenchCommand
    | ReportCommand
)


def run_study(command: StudyCommands) -> tuple[str, bool]:
    """Carry out a command; return what is to be printed, and whether it succeeded.

    Raises: UnrollError, in one line and before anything is written, for a user's mistake.
    """
    # Imported here because it brings torch, which takes longer than --help may.
    from unroll.study import run
    from unroll.study.cora import with_cora
    from unroll.study.execute import RunOptions

    if isinstance(command, ReportCommand):
        path = run.write_report(command.directory, command.format)
        return f"{'figures' if command.format == 'figures' else 'report'}: {path}", True
    options = RunOptions(
        out=command.out,
        workers=command.output.workers,
        quiet=command.output.quiet,
        executor=command.output.executor,
    )
    if isinstance(command, StudyCommand):
        preset = find_preset(command.preset)
        if command.book is not None:
            preset = preset.of_book(command.book)
        preset = with_cora(preset, command.root)
        if command.only is not None:
            preset = preset.only(_read_questions(command.only))
        result = run.run_study(preset, options)
    else:
        result = run.run_command(command.measure, options)
    text = json.dumps(result.summary, indent=2) if command.output.json else result.text
    return text, result.succeeded


def _read_questions(text: str) -> list[str]:
    """Return the questions in a list with commas; ConfigError where it names none."""
    questions = [number for part in text.split(",") if (number := part.strip())]
    if not questions:
        raise ConfigError("only: name at least one question, such as 1.3")
    return questions
