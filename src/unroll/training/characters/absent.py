"""What to say of a directory that holds no training, or not the whole of one."""

import shlex
from pathlib import Path

from unroll.errors import StoreError
from unroll.records.atomic import describe_os_error
from unroll.records.opening import FILE_NAME as STORE_FILE

TRAIN_AGAIN = "put a copy back, or train again: unroll text train BOOK --out DIRECTORY"
"""What helps where a run has lost what nothing in it can replace."""
_GIVE = "give a directory that unroll text train wrote"


def no_run(path: Path, file: str) -> StoreError:
    """Return the error for a path without the `file` that every run has: what it is, what to do."""
    train = shlex.join(["unroll", "text", "train", "BOOK", "--out", str(path)])
    if not path.exists():
        return StoreError(f"{path}: no such directory; {_GIVE}, or train there: {train}")
    if not path.is_dir():
        return StoreError(f"{path}: is a file; {_GIVE}")
    if (path / STORE_FILE).is_file():
        trained = sorted(run.parent for run in (path / "text").glob(f"*/{file}"))
        one = f", {shlex.quote(str(trained[0]))} for one" if trained else ""
        show = shlex.join(["unroll", "report", str(path)])
        return StoreError(
            f"{path}: holds the results of a study, not a training of unroll text; {show} draws "
            f"them; for text {_GIVE}{one}"
        )
    try:
        is_empty = not any(path.iterdir())
    except OSError as error:
        return describe_os_error(path, error)
    if is_empty:
        return StoreError(f"{path}: an empty directory; {_GIVE}, or train there: {train}")
    return StoreError(f"{path}: no run here (no {file}); {_GIVE}")


def unusable_book(folder: Path, error: Exception) -> str:
    """Return what to say of a run whose encoded book is missing or damaged."""
    if not folder.is_dir():
        return f"{folder}: missing, the book that the run was trained on; {TRAIN_AGAIN}"
    # A run's weights belong to the book as it was encoded: encoding it again would not do.
    return f"{str(error).partition('; encode the book')[0]}; {TRAIN_AGAIN}"
