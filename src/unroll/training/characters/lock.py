"""One process at a time in a run directory; what was refused leaves nothing there."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from unroll.errors import StoreError, UnrollError
from unroll.records.atomic import describe_os_error
from unroll.records.locks import LOOK_S
from unroll.training.characters.run import CORPUS, FILE_NAME

LOCK = ".lock"


@contextmanager
def locked(run_dir: Path) -> Iterator[None]:
    """Make `run_dir`, and keep every other process from training there meanwhile.

    The lock ends with the process. Where an UnrollError comes before there is a run, what this
    call wrote, directories and all, is removed again.
    Raises: StoreError when another process is there, or the directory cannot be written.
    """
    lock = FileLock(run_dir / LOCK)
    try:
        made = _missing(run_dir)
        run_dir.mkdir(parents=True, exist_ok=True)
        there = {path.name for path in run_dir.iterdir()}
        lock.acquire(timeout=LOOK_S)
    except Timeout as error:
        raise StoreError(
            f"{run_dir}: is being written by another process; wait for it, or choose another --out"
        ) from error
    except OSError as error:
        raise describe_os_error(run_dir, error) from error
    try:
        yield
    except UnrollError:
        if not (run_dir / FILE_NAME).exists():
            _remove_new(run_dir, there, made)
        raise
    finally:
        with suppress(OSError):
            lock.release()


def _missing(run_dir: Path) -> list[Path]:
    """Return the directories that are to be made for this one, the innermost first."""
    return [path for path in (run_dir, *run_dir.parents) if not path.exists()]


def _remove_new(run_dir: Path, there: set[str], made: list[Path]) -> None:
    """Remove a beginning that came to nothing, but for what was there before it.

    Another process may be about to begin in a directory made here: it stays if it holds anything.
    """
    with suppress(OSError):
        if CORPUS not in there:
            shutil.rmtree(run_dir / CORPUS, ignore_errors=True)
        if LOCK not in there:
            (run_dir / LOCK).unlink(missing_ok=True)
        for path in made:
            path.rmdir()
