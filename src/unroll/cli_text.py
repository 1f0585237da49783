"""The commands under `unroll text`: what they take, and the function that each calls."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import tyro

from unroll.errors import ConfigError
from unroll.study.text.settings import (
    ContextSettings,
    CopiesSettings,
    ScoreSettings,
    TrainSettings,
    WriteSettings,
)

if TYPE_CHECKING:
    from unroll.study.text.commands.outcome import Outcome

RunDirectory = Annotated[tyro.conf.Positional[Path], tyro.conf.arg(metavar="RUN")]


@dataclass(frozen=True, kw_only=True)
class TextOutput:
    """What is told."""

    json: tyro.conf.FlagCreatePairsOff[bool] = False
    """Print one JSON object on standard output, and nothing else there."""
    quiet: tyro.conf.FlagCreatePairsOff[bool] = False
    """Print nothing on standard error."""


@dataclass(frozen=True, kw_only=True)
class FetchCommand:
    """Fetch a book of Project Gutenberg; it is kept, and fetched only once.

    Example: unroll text fetch grimm
    """

    book: Annotated[tyro.conf.Positional[str], tyro.conf.arg(metavar="BOOK")]
    """grimm, sherlock, or a book's number at Project Gutenberg."""
    mirror: str | None = None
    """Address of a mirror of Project Gutenberg."""
    folder: Path | None = None
    """Where the book is kept; default: unroll/books in the user's cache."""
    output: tyro.conf.OmitArgPrefixes[TextOutput] = field(default_factory=TextOutput)
    """Output."""


@dataclass(frozen=True, kw_only=True)
class TrainCommand:
    """Train a character model on a book, or go on with a training.

    Example: unroll text train book.txt --minutes 5
    """

    training: tyro.conf.OmitArgPrefixes[TrainSettings] = field(default_factory=TrainSettings)
    """What is trained, and how; the preset decides what is left out."""
    out: Path | None = None
    """Directory of the run; the same command again goes on with it. Default: runs/text-BOOK."""
    resume: Path | None = None
    """Go on with the training in this directory, as it began, to the same end."""
    output: tyro.conf.OmitArgPrefixes[TextOutput] = field(default_factory=TextOutput)
    """Output."""

    def __post_init__(self) -> None:
        if self.resume is None:
            return
        if self.out is not None:
            raise ConfigError("give --out or --resume, not both: a resumed run stays where it is")
        given = self.training.given()
        if given:
            raise ConfigError(
                f"--resume goes on with a run as it began: leave out {given[0]}, or begin another "
                "with --out"
            )


@dataclass(frozen=True, kw_only=True)
class WriteCommand:
    """Write text with a trained model, character by character.

    Example: unroll text write runs/text-grimm --prompt "Sleeping beauty is"
    """

    run: RunDirectory
    """Directory that unroll text train wrote."""
    writing: tyro.conf.OmitArgPrefixes[WriteSettings] = field(default_factory=WriteSettings)
    """What is written, and how characters are chosen."""
    output: tyro.conf.OmitArgPrefixes[TextOutput] = field(default_factory=TextOutput)
    """Output."""


@dataclass(frozen=True, kw_only=True)
class ScoreCommand:
    """Say how many bits a character of a text costs a model, and what surprises it.

    Example: unroll text score runs/text-grimm letter.txt
    """

    run: RunDirectory
    """Directory that unroll text train wrote."""
    file: Annotated[tyro.conf.Positional[Path], tyro.conf.arg(metavar="FILE")]
    """UTF-8 text file, or a folder of .txt files."""
    reading: tyro.conf.OmitArgPrefixes[ScoreSettings] = field(default_factory=ScoreSettings)
    """What is listed."""
    output: tyro.conf.OmitArgPrefixes[TextOutput] = field(default_factory=TextOutput)
    """Output."""


@dataclass(frozen=True, kw_only=True)
class CopiesCommand:
    """Measure how much of what a model writes stands in its book word for word.

    Example: unroll text copies runs/text-grimm
    """

    run: RunDirectory
    """Directory that unroll text train wrote."""
    measure: tyro.conf.OmitArgPrefixes[CopiesSettings] = field(default_factory=CopiesSettings)
    """What is measured."""
    output: tyro.conf.OmitArgPrefixes[TextOutput] = field(default_factory=TextOutput)
    """Output."""


@dataclass(frozen=True, kw_only=True)
class ContextCommand:
    """Measure how far back a trained model looks.

    Example: unroll text context runs/text-grimm
    """

    run: RunDirectory
    """Directory that unroll text train wrote."""
    measure: tyro.conf.OmitArgPrefixes[ContextSettings] = field(default_factory=ContextSettings)
    """What is measured."""
    output: tyro.conf.OmitArgPrefixes[TextOutput] = field(default_factory=TextOutput)
    """Output."""


_Named: TypeAlias = (
    Annotated[FetchCommand, tyro.conf.subcommand("fetch", prefix_name=False)]
    | Annotated[TrainCommand, tyro.conf.subcommand("train", prefix_name=False)]
    | Annotated[WriteCommand, tyro.conf.subcommand("write", prefix_name=False)]
    | Annotated[ScoreCommand, tyro.conf.subcommand("score", prefix_name=False)]
    | Annotated[CopiesCommand, tyro.conf.subcommand("copies", prefix_name=False)]
    | Annotated[ContextCommand, tyro.conf.subcommand("context", prefix_name=False)]
)


@dataclass(frozen=True, kw_only=True)
class TextCommand:
    """Train on a book, write like it, and see how much is copied.

    Example: unroll text train book.txt --minutes 5
    """

    command: tyro.conf.OmitArgPrefixes[tyro.conf.OmitSubcommandPrefixes[_Named]]
    """What to do."""


def run_text(command: TextCommand) -> tuple[str, bool]:
    """Carry out a command; return what is still to be printed, and whether it succeeded.

    Raises: UnrollError, in one line and before anything is written, for a user's mistake.
    """
    asked = command.command
    outcome = _carry_out(asked)
    text = json.dumps(outcome.summary, indent=2) if asked.output.json else outcome.text
    return text, outcome.succeeded


def _carry_out(asked: _Named) -> "Outcome":
    # Writing multiplies small matrices one after another: two threads would wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Each is imported where it runs: they bring torch, which takes longer than --help may.
    quiet, as_json = asked.output.quiet, asked.output.json
    match asked:
        case FetchCommand():
            from unroll.study.text.commands.fetch import run_fetch

            return run_fetch(asked.book, mirror=asked.mirror, folder=asked.folder)
        case TrainCommand():
            from unroll.study.text.commands.train import run_resume, run_train

            if asked.resume is not None:
                return run_resume(asked.resume, quiet=quiet)
            return run_train(asked.training, asked.out, quiet=quiet)
        case WriteCommand():
            from unroll.study.text.commands.write import run_write

            return run_write(asked.run, asked.writing, quiet=quiet, silent=as_json)
        case ScoreCommand():
            from unroll.study.text.commands.score import run_score

            return run_score(asked.run, asked.file, asked.reading, quiet=quiet)
        case CopiesCommand():
            from unroll.study.text.commands.copies import run_copies

            return run_copies(asked.run, asked.measure, quiet=quiet)
        case ContextCommand():
            from unroll.study.text.commands.context import run_context

            return run_context(asked.run, asked.measure, quiet=quiet)
