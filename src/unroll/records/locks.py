"""Whether a lock is held, and how long to wait for one that is only looked at."""

from pathlib import Path

from filelock import FileLock, Timeout

LOOK_S = 0.2
"""A look at a lock holds it for an instant: who wants it waits so long before it counts as held."""


def is_held(file: Path) -> bool:
    """Return whether a process holds a lock. Where nobody can tell, nobody does."""
    try:
        if not file.is_file():
            return False
        lock = FileLock(file)
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False
