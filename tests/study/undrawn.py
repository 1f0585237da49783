"""A command carried out in this process, without drawing its report, which takes seconds."""

from concurrent.futures import Executor
from pathlib import Path

import pytest

from unroll.study.execute import RunOptions
from unroll.study.questions import StudySettings
from unroll.study.result import Result
from unroll.study.run import run_command
from unroll.study.running.inline import InlineExecutor


def carry_out(
    settings: StudySettings, out: Path, executor: Executor | None = None, *, quiet: bool = True
) -> Result:
    """Run a command as its user would, but for the report."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("unroll.study.execute.write_document", lambda *_: out / "report.html")
        options = RunOptions(out=out, workers=1, quiet=quiet)
        return run_command(settings, options, executor or InlineExecutor())


def count_calls(settings: StudySettings, out: Path) -> int:
    """Run a command, and return how many jobs had to be sent to the executor."""
    executor = InlineExecutor()
    carry_out(settings, out, executor)
    return executor.calls
