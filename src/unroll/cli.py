"""The `unroll` command: parses, calls one function, prints.

Nothing here imports torch before a command runs, so that --help answers at once.
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import tyro

import unroll
from unroll.cli_graph import GraphCommand, run_graph
from unroll.cli_output import Output
from unroll.cli_text import TextCommand, run_text
from unroll.errors import ConfigError, UnrollError
from unroll.study.gates.settings import GateSettings
from unroll.study.gradients.settings import GradientSettings
from unroll.study.memory.settings import MemorySettings
from unroll.study.optimisers.settings import OptimiserSettings
from unroll.study.presets import find_preset

FAILED_EXIT = 1
USAGE_EXIT = 2
INTERRUPTED_EXIT = 130


@dataclass(frozen=True, kw_only=True)
class StudyCommand:
    """Run the whole study and write its report.

    Example: unroll study --preset quick --out runs/study
    """

    preset: str = "quick"
    """smoke (seconds), quick (7½ minutes) or full (hours)."""
    only: str | None = None
    """Answer these questions alone, 1.3,2.1c say; default: all of them."""
    book: Path | None = None
    """A book for part 2: UTF-8 text, folder of .txt files, or fetched book (unroll text fetch);
    then what concerns it comes first. Default: the documentation that comes with Python."""
    root: Path | None = None
    """Folder of Cora's files for part 3; default: where unroll graph classify keeps them, and
    without them part 3 is measured on the karate club and on generated graphs alone."""
    out: Path = Path("runs/study")
    """Directory of results and report; the same one again resumes."""
    output: tyro.conf.OmitArgPrefixes[Output] = field(default_factory=Output)
    """Workers and output."""


@dataclass(frozen=True, kw_only=True)
class MemoryCommand:
    """Measure how far cells remember: accuracy against length, and the memory horizon.

    Example: unroll memory --cells rnn lstm --lengths 5 10 20 --seeds 3
    """

    measure: tyro.conf.OmitArgPrefixes[MemorySettings] = field(default_factory=MemorySettings)
    """What is measured."""
    out: Path = Path("runs/memory")
    """Directory of results and report; the same one again resumes."""
    output: tyro.conf.OmitArgPrefixes[Output] = field(default_factory=Output)
    """Workers and output."""


@dataclass(frozen=True, kw_only=True)
class GradientsCommand:
    """Measure how much gradient arrives at each step, and check the closed forms.

    Example: unroll gradients --cells rnn lstm --length 100
    """

    measure: tyro.conf.OmitArgPrefixes[GradientSettings] = field(default_factory=GradientSettings)
    """What is measured."""
    out: Path = Path("runs/gradients")
    """Directory of results and report; the same one again resumes."""
    output: tyro.conf.OmitArgPrefixes[Output] = field(default_factory=Output)
    """Workers and output."""


@dataclass(frozen=True, kw_only=True)
class OptimisersCommand:
    """Train one cell by several optimisers at several rates, from the same weights.

    Example: unroll optimisers --cell rnn --length 5
    """

    measure: tyro.conf.OmitArgPrefixes[OptimiserSettings] = field(default_factory=OptimiserSettings)
    """What is measured."""
    out: Path = Path("runs/optimisers")
    """Directory of results and report; the same one again resumes."""
    output: tyro.conf.OmitArgPrefixes[Output] = field(default_factory=Output)
    """Workers and output."""


@dataclass(frozen=True, kw_only=True)
class GatesCommand:
    """See what each gate does over a palindrome, and check the parameter formula.

    Example: unroll gates --cells lstm --length 10
    """

    measure: tyro.conf.OmitArgPrefixes[GateSettings] = field(default_factory=GateSettings)
    """What is measured."""
    out: Path = Path("runs/gates")
    """Directory of results and report; the same one again resumes."""
    output: tyro.conf.OmitArgPrefixes[Output] = field(default_factory=Output)
    """Workers and output."""


@dataclass(frozen=True, kw_only=True)
class ReportCommand:
    """Draw the report of a directory again from its records; trains nothing.

    Example: unroll report runs/study --format md
    """

    directory: Annotated[tyro.conf.Positional[Path], tyro.conf.arg(metavar="DIR")]
    """Directory that a study wrote."""
    format: Literal["html", "md", "figures"] = "html"
    """html (one page), md (Markdown with LaTeX formulas, figures beside it) or figures (each as SVG
    and CSV, for a document of your own)."""


Command: TypeAlias = (
    StudyCommand
    | MemoryCommand
    | GradientsCommand
    | OptimisersCommand
    | GatesCommand
    | TextCommand
    | GraphCommand
    | ReportCommand
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exit codes: 1 every trial failed, 2 a user's mistake, 130 Ctrl-C."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        print(f"unroll {unroll.__version__}")
        return
    try:
        command = _parse(words)
        output, succeeded = _run(command)
        if output:
            print(output)
        sys.stdout.flush()
        if not succeeded:
            sys.exit(FAILED_EXIT)
    except UnrollError as error:
        print(f"unroll: {error}", file=sys.stderr)
        sys.exit(USAGE_EXIT)
    except BrokenPipeError:
        # The reader of a pipe has gone; Python would complain once more when it closes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED_EXIT)


def _parse(words: Sequence[str]) -> Command:
    commands: dict[str, Callable[..., Command]] = {
        "study": StudyCommand,
        "memory": MemoryCommand,
        "gradients": GradientsCommand,
        "optimisers": OptimisersCommand,
        "gates": GatesCommand,
        "text": TextCommand,
        "graph": GraphCommand,
        "report": ReportCommand,
    }
    command: Command = tyro.extras.subcommand_cli_from_dict(
        commands,
        prog="unroll",
        description="How far does information travel in a network, and what stops it?\n\n"
        "Example: unroll study        (--version tells the version)",
        args=words,
    )
    return command


def _run(command: Command) -> tuple[str, bool]:
    """Carry out a command; return what belongs on standard output, and whether it succeeded.

    The output is empty where a command has written it already, as `unroll text write` does.
    """
    if isinstance(command, TextCommand):
        return run_text(command)
    if isinstance(command, GraphCommand):
        return run_graph(command)
    # Imported here because it brings torch, which takes longer than --help may.
    from unroll.study import run
    from unroll.study.cora import with_cora
    from unroll.study.execute import RunOptions

    if isinstance(command, ReportCommand):
        path = run.write_report(command.directory, command.format)
        return f"{'figures' if command.format == 'figures' else 'report'}: {path}", True
    options = RunOptions(
        out=command.out, workers=command.output.workers, quiet=command.output.quiet
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


if __name__ == "__main__":
    main()
