"""Checkpoints as files: each whole or not at all, its SHA-256 beside it. Imports no torch.

    step-00000400.safetensors           step-00000400.safetensors.sha256
    step-00000800.safetensors           step-00000800.safetensors.sha256
    best.safetensors                    best.safetensors.sha256

The hash is written before the file: a file is whole from the moment that it has its name. Where a
file is replaced, the hashes of both stand beside it meanwhile, so that either is known.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from unroll.errors import StoreError
from unroll.records.atomic import describe_os_error, write_atomically

T = TypeVar("T")

SUFFIX = ".safetensors"
BEST = "best"
ENTRY = "unroll.checkpoint"
"""The key of safetensors' metadata under which a checkpoint says what it is, as JSON."""

_STEP = re.compile(r"step-(\d{8,})\.safetensors")
_LENGTH_BYTES = 8


class CheckpointError(StoreError):
    """A checkpoint is not whole, or not the one that is asked for."""


@dataclass(frozen=True, kw_only=True)
class CheckpointFile:
    """A checkpoint whose bytes are those that were written."""

    path: Path
    """Where it lies."""
    data: bytes
    """The whole file, safetensors."""
    facts: dict[str, Any]
    """What it says of itself."""


@dataclass(frozen=True, kw_only=True)
class Found(Generic[T]):
    """The newest checkpoint that can be used."""

    path: Path
    """Its file."""
    content: T
    """What was made of it."""
    skipped: tuple[str, ...]
    """Newer ones that could not be used, each in a line that says why."""


def step_name(step: int) -> str:
    """Return the file name of a step's checkpoint.

    >>> step_name(400)
    'step-00000400.safetensors'
    """
    return f"step-{step:08d}{SUFFIX}"


def step_of(path: Path) -> int | None:
    """Return the step in a checkpoint's file name; None where there is none."""
    match = _STEP.fullmatch(path.name)
    return int(match[1]) if match else None


def steps_in(folder: Path) -> tuple[int, ...]:
    """Return the steps that `folder` has files of, in order.

    Raises: CheckpointError when it cannot be read.
    """
    try:
        paths = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be read: {error.strerror or error}") from error
    return tuple(sorted(step for path in paths if (step := step_of(path)) is not None))


def write_checkpoint(path: Path, data: bytes) -> None:
    """Write a checkpoint and its hash; whatever fails, the file there is whole, old or new.

    Raises: StoreError when it cannot be written.
    """
    new = _hash_line(path, hashlib.sha256(data).hexdigest())
    beside = _hash_file(path)
    old = _read_hashes(path) if path.exists() else ""
    write_atomically(beside, (new + old).encode())
    write_atomically(path, data)
    if old:
        write_atomically(beside, new.encode())


def read_checkpoint(path: Path) -> CheckpointFile:
    """Return a checkpoint after making sure that its bytes are those that were written.

    Raises: CheckpointError, naming the file, when it is missing, truncated, changed or foreign.
    """
    data, hashes = _read_bytes(path), _read_hashes(path)
    if hashlib.sha256(data).hexdigest() not in hashes:
        # A training that goes on may have replaced both between the two readings.
        data, hashes = _read_bytes(path), _read_hashes(path)
    facts = _read_facts(path, data)
    if not hashes:
        raise CheckpointError(f"{path}: no SHA-256 beside it ({_hash_file(path).name})")
    if hashlib.sha256(data).hexdigest() not in hashes:
        raise CheckpointError(f"{path}: damaged: its SHA-256 is not the one beside it")
    return CheckpointFile(path=path, data=data, facts=facts)


def find_newest(folder: Path, use: Callable[[CheckpointFile], T]) -> Found[T] | None:
    """Return what `use` makes of the newest checkpoint in `folder` that it accepts.

    The best one counts too, at the step that it says it is from. None when there is no file.
    Raises: CheckpointError when there are files, and none can be used.
    """
    skipped: list[str] = []
    for path in _newest_first(folder, skipped):
        try:
            content = use(read_checkpoint(path))
        except CheckpointError as error:
            skipped.append(str(error))
        else:
            return Found(path=path, content=content, skipped=tuple(skipped))
    if not skipped:
        return None
    raise CheckpointError(f"{folder}: no checkpoint can be used: {'; '.join(skipped)}")


def remove_older(folder: Path, keep: tuple[int, ...]) -> None:
    """Remove the checkpoints of steps before the last of `keep`, but for those in `keep`.

    One that cannot be removed stays: it costs space, and no more.
    """
    for step in steps_in(folder):
        if step < max(keep) and step not in keep:
            path = folder / step_name(step)
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
                _hash_file(path).unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Remove what a killed process left half written in `folder`; no other may be writing."""
    try:
        for path in folder.glob(".*.part"):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise describe_os_error(folder, error) from error


def _newest_first(folder: Path, skipped: list[str]) -> list[Path]:
    ranked = [(step, 0, folder / step_name(step)) for step in steps_in(folder)]
    best = folder / (BEST + SUFFIX)
    if best.exists():
        try:
            # Behind the other of its step, which may know a little more: it was written later.
            ranked.append((int(read_checkpoint(best).facts["step"]), -1, best))
        except (CheckpointError, KeyError, TypeError, ValueError) as error:
            ours = isinstance(error, CheckpointError)
            skipped.append(str(error) if ours else f"{best}: does not say which step it is from")
    return [path for *_, path in sorted(ranked, reverse=True)]


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise CheckpointError(f"{path}: there is no such checkpoint") from error
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}") from error


def _read_facts(path: Path, data: bytes) -> dict[str, Any]:
    """Return what the file says of itself, out of safetensors' header: u64 length, then JSON."""
    length = int.from_bytes(data[:_LENGTH_BYTES], "little")
    try:
        header = json.loads(data[_LENGTH_BYTES : _LENGTH_BYTES + length])
        facts = json.loads(header["__metadata__"][ENTRY])
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name[:2] != "__"]
        wanted = _LENGTH_BYTES + length + max(ends, default=0)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        if _read_hashes(path):
            raise CheckpointError(
                f"{path}: damaged: {len(data):,} bytes without a whole header"
            ) from error
        raise CheckpointError(f"{path}: not a checkpoint of unroll; left as it is") from error
    if not isinstance(facts, dict):
        raise CheckpointError(f"{path}: not a checkpoint of unroll; left as it is")
    if len(data) < wanted:
        raise CheckpointError(f"{path}: truncated: {len(data):,} of {wanted:,} bytes")
    return facts


def _hash_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _hash_line(path: Path, digest: str) -> str:
    return f"{digest}  {path.name}\n"


def _read_hashes(path: Path) -> str:
    """Return the lines beside a file; nothing where there are none."""
    try:
        return _hash_file(path).read_text(errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise describe_os_error(_hash_file(path), error) from error
