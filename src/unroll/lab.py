"""From Python: the functions behind the commands, and what they return."""

from pathlib import Path
from typing import TypeAlias, get_args

from unroll.errors import ConfigError
from unroll.field_types import check_path, check_text, check_whole
from unroll.live_line import told_in_notebook
from unroll.study.check.command import check as check
from unroll.study.execute import RunOptions
from unroll.study.kinds import KINDS
from unroll.study.memory.settings import default_workers
from unroll.study.presets import Preset
from unroll.study.questions import StudySettings
from unroll.study.result import Result
from unroll.study.run import open_store, run_command, run_study
from unroll.study.text.commands.train import RUN_FILE
from unroll.study.text.pictured import TextSettings, open_training, run_on_text

Settings: TypeAlias = StudySettings | TextSettings | Preset
"""What can be run."""


def run(
    settings: Settings,
    out: Path | str,
    *,
    workers: int | None = None,
    executor: str | None = None,
    quiet: bool = False,
) -> Result:
    """Run one command as its settings say, and return what came of it.

        unroll.run(unroll.MemorySettings(lengths=(5, 10), seeds=2), "runs/memory")

    `out` is the directory of the results, as `--out` on the command line; what is recorded there
    already is not run again, so that the same call goes on after an interruption. Of
    `WriteSettings`, `CopiesSettings` and `ContextSettings` it is the directory in which
    `TrainSettings` trained. `workers` is the number of worker processes, one a core by default;
    a text has none. `executor` is the address of a Dask scheduler, `tcp://HOST:PORT`, whose workers
    are used instead. `quiet` tells nothing on standard error; in a notebook what is told is one
    line, which goes away.

    Raises: UnrollError, in one line and before anything is written, for a user's mistake.
    """
    where = check_path("out", out)
    options = RunOptions(
        out=where,
        workers=default_workers() if workers is None else check_whole("workers", workers),
        quiet=quiet,
        executor=None if executor is None else check_text("executor", executor),
    )
    with told_in_notebook(quiet=quiet):
        if isinstance(settings, TextSettings):
            return run_on_text(settings, where, quiet=quiet)
        if isinstance(settings, Preset):
            return run_study(settings, options)
        if type(settings) in KINDS:
            return run_command(settings, options)
    known = sorted(kind.__name__ for kind in (*KINDS, *get_args(TextSettings), Preset))
    raise ConfigError(
        f"run: settings must be one of {', '.join(known)}, got {type(settings).__name__}"
    )


def open_results(directory: Path | str) -> Result:
    """Return what a directory of results knows: of a study, of a command, or of a training.

    Nothing is trained. Raises: UnrollError, in one line, where there are no results.
    """
    where = check_path("directory", directory)
    return open_training(where) if (where / RUN_FILE).is_file() else open_store(where)
