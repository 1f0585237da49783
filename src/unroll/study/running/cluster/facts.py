"""What must be the same wherever the trials of one run are computed. Imports no torch."""

import platform
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from unroll import version

_CODE = "unroll's code"


@cache
def local_facts() -> dict[str, str]:
    """Return what decides the numbers in this process: as it was when first asked."""
    return read_facts()


def read_facts() -> dict[str, str]:
    """Return what decides the numbers in a process that starts now.

    Versions alone do not tell two source trees apart, so that the package's own modules are hashed
    as well: a trial's key speaks of one code.
    """
    return {
        "unroll": version.__version__,
        _CODE: _hash_package(Path(version.__file__).parent),
        "torch": metadata.version("torch"),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "distributed": metadata.version("distributed"),
    }


def describe_mismatch(worker: str, theirs: dict[str, str], ours: dict[str, str]) -> str | None:
    """Say in one line what a worker has otherwise; None where all is the same.

    >>> describe_mismatch("tcp://a:1", {"torch": "2.12.0"}, {"torch": "2.13.0"})
    'executor: the worker tcp://a:1 has torch 2.12.0, and this process 2.13.0: install the same'
    """
    for name, expected in ours.items():
        found = theirs.get(name, "none")
        if found == expected:
            continue
        told = f"{name} {found}, and this process {expected}"
        if name == _CODE:
            told = f"other code of unroll {theirs['unroll']} than this process"
        return f"executor: the worker {worker} has {told}: install the same"
    return None


def _hash_package(folder: Path) -> str:
    """Hash every module of a package, by its place and its text."""
    total = sha256()
    for path in sorted(folder.rglob("*.py")):
        total.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        total.update(path.read_bytes())
        total.update(b"\0")
    return total.hexdigest()
