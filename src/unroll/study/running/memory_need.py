"""How much memory a job needs, estimated before any of it is allocated."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from unroll.errors import ConfigError

SAVED_WIDTHS = {"rnn": 2, "lstm": 8, "gru": 6}
"""Vectors of H numbers that training keeps of each step and sequence, by cell; see engines/."""
OTHER_WIDTH = 24
"""The same for any other cell: autograd keeps the result of each of its operations."""

_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_MEMINFO = Path("/proc/meminfo")


class Needy(Protocol):
    """A job that can say how much memory it needs."""

    @property
    def what(self) -> str:
        """The job in a few words."""
        ...

    @property
    def need_bytes(self) -> int:
        """Bytes that it allocates at its peak, roughly."""
        ...


def training_bytes(cell: str, *, B: int, T: int, D: int, H: int) -> int:
    """Return about how many bytes a training step takes on sequences (B, T, D) of float32.

    A digit is drawn and mirrored as int64 and encoded as D float32; each step keeps its input
    and some vectors of H for the backward pass.
    """
    width = SAVED_WIDTHS.get(cell, OTHER_WIDTH)
    return B * T * (24 + 4 * (2 * D + width * H))


def probe_bytes(*, B: int, T: int, D: int, H: int) -> int:
    """Return about how many bytes a probe of the gradients takes, in float64 with a graph."""
    return B * T * 8 * (4 * D + OTHER_WIDTH * H)


def available_bytes() -> int | None:
    """Return how much memory this process may still take; None where the system does not say."""
    known = []
    if _MEMINFO.is_file():
        lines = _MEMINFO.read_text().splitlines()
        known += [1024 * int(ln.split()[1]) for ln in lines if ln.startswith("MemAvailable:")]
    elif hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        known.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    if _CGROUP_LIMIT.is_file() and (limit := _CGROUP_LIMIT.read_text().strip()).isdigit():
        known.append(int(limit))
    return min(known) if known else None


def check_memory(jobs: Iterable[Needy], workers: int) -> None:
    """Raise ConfigError when the largest jobs that can run at once need more than there is."""
    ranked = sorted(jobs, key=lambda job: job.need_bytes, reverse=True)[:workers]
    free = available_bytes()
    needed = sum(job.need_bytes for job in ranked)
    if free is None or needed <= free:
        return
    largest = ranked[0]
    together = f", {len(ranked)} such at once {_size(needed)}" if len(ranked) > 1 else ""
    raise ConfigError(
        f"memory: {largest.what} needs about {_size(largest.need_bytes)}{together}, and "
        f"{_size(free)} are free: choose a shorter length, a smaller batch or fewer workers"
    )


def _size(number: int) -> str:
    """Return a number of bytes as one reads it.

    >>> _size(3 * 2**29)
    '1.5 GiB'
    """
    value, units = float(number), ["bytes", "KiB", "MiB", "GiB", "TiB"]
    while value >= 1024 and len(units) > 1:
        value /= 1024
        units.pop(0)
    return f"{value:.3g} {units[0]}"
