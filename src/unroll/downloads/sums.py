"""The SHA-256 that a file must have: pinned, or recorded beside it when it first came."""

import hashlib
from pathlib import Path

from unroll.downloads.refusal import DownloadError
from unroll.records.atomic import write_atomically


class WrongSumError(DownloadError):
    """A host sent another file than the one whose SHA-256 is known."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_sum(address: str, coming: Path, sha256: str | None) -> None:
    """Raise WrongSumError when what came from `address` is not what is known, if anything is."""
    if sha256 not in (None, sha256_of(coming)):
        raise WrongSumError(
            f"{address}: not the file whose SHA-256 is {sha256}; what came was thrown away"
        )


def record_sum(record: Path, path: Path) -> str:
    """Write the SHA-256 of `path` down, as `sha256sum --check` reads it, and return it."""
    sha256 = sha256_of(path)
    write_atomically(record, f"{sha256}  {path.name}\n".encode())
    return sha256


def read_sum(record: Path) -> str | None:
    """Return the sum that was recorded; None where there is no record.

    Raises: DownloadError when there is no sum in it.
    """
    if not record.exists():
        return None
    sha256 = record.read_text(errors="replace").partition(" ")[0]
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise DownloadError(f"{record}: damaged: no SHA-256 in it; delete it and fetch again")
    return sha256
