"""Open a run directory: refuse what is not one, and turn SQLite's errors into one line."""

import os
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from unroll.errors import StoreError
from unroll.records.atomic import describe_os_error
from unroll.records.locks import LOOK_S, is_held
from unroll.records.schema import SCHEMA_VERSION
from unroll.records.tables import APPLICATION_ID, UPGRADES

FILE_NAME = "unroll.sqlite"
TEXT_FILE_NAME = "run.json"
"""What the directory of a training of `unroll text` has instead."""
LOCK_NAME = ".unroll.lock"

_SMALLEST_SQLITE_BYTES = 512


def check_directory(directory: Path) -> None:
    """Raise StoreError when `directory` is in use for something else."""
    try:
        if directory.exists() and not directory.is_dir():
            raise StoreError(f"{directory}: is a file; --out must be a directory")
        foreign = directory.is_dir() and any(
            entry.name != LOCK_NAME for entry in directory.iterdir()
        )
    except OSError as error:
        raise describe_os_error(directory, error) from error
    if foreign and not (directory / FILE_NAME).exists():
        raise StoreError(
            f"{directory}: holds something that is not an unroll store (no {FILE_NAME}); choose "
            "an empty or new directory"
        )


def text_training(directory: Path) -> StoreError:
    """Return the error for a directory that holds a training on a book, where a study is read."""
    where = str(directory)
    commands = " and ".join(shlex.join(["unroll", "text", w, where]) for w in ("copies", "context"))
    return StoreError(
        f"{directory}: holds a training of unroll text, not a study; {commands} measure it, and "
        f"unroll.open_results({where!r}) shows it in Python"
    )


def take_lock(directory: Path) -> FileLock:
    """Return the lock of the one process that may write; it ends with the process."""
    lock = FileLock(directory / LOCK_NAME)
    try:
        lock.acquire(timeout=LOOK_S)
    except Timeout as error:
        raise StoreError(
            f"{directory}: is being written by another process; wait for it, or choose another "
            "directory"
        ) from error
    except OSError as error:
        raise describe_os_error(directory, error) from error
    return lock


def is_locked(directory: Path) -> bool:
    """Return whether a process is writing to the store."""
    return is_held(directory / LOCK_NAME)


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open the file; `mode` is `ro`, `rw`, or `rwc` to make it where there is none."""
    with translated(path):
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=10)


def is_new(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether there is nothing in the file yet."""
    if connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
        return False
    # SQLite takes a file of one byte for an empty one, and would write over it.
    if 0 < path.stat().st_size < _SMALLEST_SQLITE_BYTES:
        raise sqlite3.DatabaseError("file is not a database")
    return True


def is_older(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether the file is of an older version that can be upgraded."""
    with translated(path):
        return connection.execute("PRAGMA user_version").fetchone()[0] in UPGRADES


def check_file(connection: sqlite3.Connection, path: Path) -> None:
    """Raise StoreError unless the file is whole, ours, and of a version that we read.

    A store of an older version becomes one of this version, and loses nothing.
    """
    with translated(path):
        verdict = connection.execute("PRAGMA quick_check").fetchone()[0]
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    if verdict != "ok":
        raise StoreError(f"{path}: damaged SQLite file ({verdict}); left as it is")
    if path.stat().st_size == 0:
        raise StoreError(
            f"{path}: an empty file, no results in it; give the --out directory of an earlier run"
        )
    if application != APPLICATION_ID:
        raise StoreError(f"{path}: a SQLite file, but not an unroll store; left as it is")
    while version in UPGRADES:
        with translated(path):
            connection.executescript(UPGRADES[version])
            version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != SCHEMA_VERSION:
        raise StoreError(
            f"{path}: store version {version}, this unroll reads {SCHEMA_VERSION}; use another "
            "directory or the unroll that wrote it"
        )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into one line that names the file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise StoreError(f"{path}: no disk space left; free some and run again") from error
        if "readonly" in str(error) or not os.access(path.parent, os.W_OK):
            raise StoreError(f"{path}: not writable; mend its permissions") from error
        raise StoreError(f"{path}: {error}") from error
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # a mistake of the caller: the file is as it should be
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path}: damaged SQLite file ({error}); left as it is") from error
