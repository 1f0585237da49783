"""What the commands on text return, with the pictures that belong to it."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from unroll.study.result import Result
from unroll.study.text.commands.context import run_context
from unroll.study.text.commands.copies import run_copies
from unroll.study.text.commands.resume import resume_command
from unroll.study.text.commands.train import run_train
from unroll.study.text.commands.training_summary import summarise_training, tell_training
from unroll.study.text.commands.write import run_write
from unroll.study.text.one_run import (
    context_horizons,
    context_sections,
    copying_sections,
    training_sections,
    written_sections,
    written_text,
)
from unroll.study.text.settings import (
    ContextSettings,
    CopiesSettings,
    TrainSettings,
    WriteSettings,
)
from unroll.training.characters.run import open_run

TextSettings: TypeAlias = TrainSettings | WriteSettings | CopiesSettings | ContextSettings
"""What can be asked of a run directory."""


def run_on_text(settings: TextSettings, run_dir: Path, *, quiet: bool) -> Result:
    """Carry out a command on text: train in a run directory, or look into the run that is there.

    Raises: UnrollError, in one line and before anything is written, for a user's mistake.
    """
    match settings:
        case TrainSettings():
            run_train(settings, run_dir, quiet=quiet)
            return open_training(run_dir)
        case WriteSettings():
            written = run_write(run_dir, settings, quiet=quiet, silent=True)
            return replace(
                written,
                text=written_text(written.summary),
                told=tuple(f"note: {note}" for note in written.summary["notes"]),
                tell=partial(written_sections, written.summary),
                tables_shown=1,
            )
        case CopiesSettings():
            copied = run_copies(run_dir, settings, quiet=quiet)
            return replace(
                copied,
                tell=partial(copying_sections, open_run(run_dir), copied.summary),
                leading=("text-copies-by-stage",),
                tables_shown=2,
            )
        case ContextSettings():
            seen, run = run_context(run_dir, settings, quiet=quiet), open_run(run_dir)
            return replace(
                seen,
                told=(seen.text.partition("\n\n")[0],),
                horizons=context_horizons(run, seen.summary),
                tell=partial(context_sections, run, seen.summary),
                tables_shown=1,
            )


def open_training(run_dir: Path) -> Result:
    """Return what came of a training; of one that is not finished, how to go on.

    Raises: StoreError, in one line, where there is no run.
    """
    run = open_run(run_dir)
    if run.result is None:
        text = f"{run_dir}: the training is not finished; {resume_command(run_dir)} goes on"
        summary = {"command": "text train", "run": str(run_dir)}
        return Result(summary=summary, text=text, succeeded=False)
    text = tell_training(run, run.result)
    return Result(
        summary=summarise_training(run, run.result),
        text=text,
        succeeded=run.result["stopped"] != "diverged",
        told=(text.partition("\n\nnext\n")[0],),
        tell=partial(training_sections, run),
        leading=("text-loss",),
        tables_shown=1,
    )
