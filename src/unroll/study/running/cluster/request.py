"""What is asked of a process on a cluster, and how it answers, there."""

import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from unroll.cells.source import CellSource
from unroll.cells.travelling import PackedCell
from unroll.errors import CellError
from unroll.study.running.cluster.facts import describe_mismatch, local_facts
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.trial_job import TrialJob

Answer: TypeAlias = tuple[str, Any]
"""What a process has to say: ("result", pickled value), ("error", pickled exception) or
("refused", one line for the user)."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A call, with what must hold where it is made."""

    function: Callable[..., Any]
    """Found by its name, there."""
    arguments: tuple[Any, ...]
    """Its arguments; the cells of jobs among them are replaced by what loads there."""
    facts: dict[str, str]
    """What must be the same there."""
    cells: tuple[PackedCell, ...]
    """Cells that must load there."""
    folder: Path
    """Where the command was given: its relative paths begin there, where there is such a folder."""
    visible: tuple[Path, ...] = ()
    """Files and folders that must be seen there."""


def answer(data: bytes, worker: str, scratch: Path) -> Answer:
    """Answer a pickled request in this process, which is one of `worker`'s own."""
    request: Request = pickle.loads(data)
    mismatch = describe_mismatch(worker, local_facts(), request.facts)
    if mismatch:
        return "refused", mismatch
    if request.folder.is_dir():
        os.chdir(request.folder)
    for path in request.visible:
        if not path.exists():
            return "refused", (
                f"executor: the worker {worker} does not see {path}, and what is to be run there "
                "reads or writes files: give the workers a folder that they share with this process"
            )
    try:
        here = {packed.source: packed.unpack(scratch) for packed in request.cells}
    except CellError as error:
        return "refused", f"{_as_refusal(error)} (on the worker {worker})"
    arguments = [_with_local_cell(argument, here) for argument in request.arguments]
    return _call(partial(request.function, *arguments))


def _as_refusal(error: CellError) -> str:
    """Return an error, with a hint where a module is missing."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ModuleNotFoundError):
        cause = cause.__cause__
    if cause is None:
        return str(error)
    return f"{error}; a cell's own file is sent, its neighbours are not: install {cause.name} there"


def _call(function: Callable[[], Any]) -> Answer:
    try:
        return "result", pickle.dumps(function())
    except Exception as error:
        return "error", pickle.dumps(error)


def _with_local_cell(argument: Any, here: dict[CellSource, CellSource]) -> Any:
    if isinstance(argument, TrialJob | MeasurementJob) and argument.source in here:
        return replace(argument, source=here[argument.source])
    return argument
