"""Files that are there whole or not at all."""

import contextlib
import errno
import os
from pathlib import Path

from unroll.errors import StoreError


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by `data` in one step: temporary file, fsync, rename, fsync of the folder.

    Raises: StoreError when it cannot be written; `path` then holds all of the old or of the new.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, FileNotFoundError) and not path.parent.is_dir():
            raise StoreError(
                f"{path}: cannot be written: its directory is not there; it may have been removed "
                "meanwhile"
            ) from error
        raise describe_os_error(path, error) from error


def describe_os_error(path: Path, error: OSError) -> StoreError:
    """Return the error of the operating system as one line that says what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(f"{path}: no disk space left; free some and run the command again")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StoreError(f"{path}: not writable; choose another directory or mend its permissions")
    return StoreError(f"{path}: {error.strerror or error}")


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable, where the system can open a folder."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
