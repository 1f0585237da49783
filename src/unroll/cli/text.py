"""The commands under `unroll text`: what they take, and the function that each calls."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from unroll.cli.help import Group
from unroll.cli.options import POSITIONAL
from unroll.cli.output import TextOutput
from unroll.errors import ConfigError
from unroll.study.text.settings import (
    ContextSettings,
    CopiesSettings,
    ScoreSettings,
    TrainSettings,
    WriteSettings,
)

if TYPE_CHECKING:
    from unroll.study.result import Result


@dataclass(frozen=True, kw_only=True)
class FetchCommand:
    """Fetch a book of Project Gutenberg once, and keep it.

    Example: unroll text fetch grimm
    """

    book: str = field(metadata={POSITIONAL: "BOOK"})
    """grimm, sherlock, or a book's number at Project Gutenberg."""
    mirror: str | None = None
    """Address of a mirror of Project Gutenberg."""
    folder: Path | None = None
    """Where the book is kept; default: unroll/books in the user's cache."""
    output: TextOutput = field(default_factory=TextOutput)
    """What is told."""


@dataclass(frozen=True, kw_only=True)
class TrainCommand:
    """Train a character model on a book, or go on with a training.

    Example: unroll text train book.txt --minutes 5
    """

    training: TrainSettings = field(default_factory=TrainSettings)
    """What is trained, and how; the preset decides what is left out."""
    out: Path | None = None
    """Directory of the run; the same command again goes on with it. Default: runs/text-BOOK."""
    resume: Path | None = None
    """Go on with the training in this directory, as it began, to the same end."""
    output: TextOutput = field(default_factory=TextOutput)
    """What is told."""

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

    run: Path = field(metadata={POSITIONAL: "RUN"})
    """Directory that unroll text train wrote."""
    writing: WriteSettings = field(default_factory=WriteSettings)
    """What is written, and how characters are chosen."""
    output: TextOutput = field(default_factory=TextOutput)
    """What is told."""


@dataclass(frozen=True, kw_only=True)
class ScoreCommand:
    """Say what each character of a text costs a model, in bits.

    Example: unroll text score runs/text-grimm letter.txt
    """

    run: Path = field(metadata={POSITIONAL: "RUN"})
    """Directory that unroll text train wrote."""
    file: Path = field(metadata={POSITIONAL: "FILE"})
    """UTF-8 text file, or a folder of .txt files."""
    reading: ScoreSettings = field(default_factory=ScoreSettings)
    """What is listed."""
    output: TextOutput = field(default_factory=TextOutput)
    """What is told."""


@dataclass(frozen=True, kw_only=True)
class CopiesCommand:
    """Measure how much of what it writes stands in the book already.

    Example: unroll text copies runs/text-grimm
    """

    run: Path = field(metadata={POSITIONAL: "RUN"})
    """Directory that unroll text train wrote."""
    measure: CopiesSettings = field(default_factory=CopiesSettings)
    """What is measured."""
    output: TextOutput = field(default_factory=TextOutput)
    """What is told."""


@dataclass(frozen=True, kw_only=True)
class ContextCommand:
    """Measure how far back a trained model looks.

    Example: unroll text context runs/text-grimm
    """

    run: Path = field(metadata={POSITIONAL: "RUN"})
    """Directory that unroll text train wrote."""
    measure: ContextSettings = field(default_factory=ContextSettings)
    """What is measured."""
    output: TextOutput = field(default_factory=TextOutput)
    """What is told."""


TextCommand: TypeAlias = (
    FetchCommand | TrainCommand | WriteCommand | ScoreCommand | CopiesCommand | ContextCommand
)


TEXT = Group(
    summary="Train on a book, write like it, and see how much is copied.",
    example="unroll text train book.txt --minutes 5",
    commands={
        "fetch": FetchCommand,
        "train": TrainCommand,
        "write": WriteCommand,
        "score": ScoreCommand,
        "copies": CopiesCommand,
        "context": ContextCommand,
    },
)
"""The commands under `unroll text`."""


def run_text(command: TextCommand) -> tuple[str, bool]:
    """Carry out a command; return what is still to be printed, and whether it succeeded.

    Raises: UnrollError, in one line and before anything is written, for a user's mistake.
    """
    outcome = _carry_out(command)
    text = json.dumps(outcome.summary, indent=2) if command.output.json else outcome.text
    return text, outcome.succeeded


def _carry_out(command: TextCommand) -> "Result":
    # Writing multiplies small matrices one after another: two threads would wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Each is imported where it runs: they bring torch, which takes longer than --help may.
    quiet, as_json = command.output.quiet, command.output.json
    match command:
        case FetchCommand():
            from unroll.study.text.commands.fetch import run_fetch

            return run_fetch(command.book, mirror=command.mirror, folder=command.folder)
        case TrainCommand():
            from unroll.study.text.commands.train import run_resume, run_train

            if command.resume is not None:
                return run_resume(command.resume, quiet=quiet)
            return run_train(command.training, command.out, quiet=quiet)
        case WriteCommand():
            from unroll.study.text.commands.write import run_write

            return run_write(command.run, command.writing, quiet=quiet, silent=as_json)
        case ScoreCommand():
            from unroll.study.text.commands.score import run_score

            return run_score(command.run, command.file, command.reading, quiet=quiet)
        case CopiesCommand():
            from unroll.study.text.commands.copies import run_copies

            return run_copies(command.run, command.measure, quiet=quiet)
        case ContextCommand():
            from unroll.study.text.commands.context import run_context

            return run_context(command.run, command.measure, quiet=quiet)
