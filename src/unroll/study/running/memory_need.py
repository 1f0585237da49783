"""How much memory a job needs, estimated before any of it is allocated."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from unroll.cells.bidirectional import PREFIX
from unroll.errors import ConfigError

SAVED_WIDTHS = {
    "rnn": 2,
    "lstm": 18,
    "gru": 6,
    "peephole": 12,
    "min-gru": 9,
    "min-lstm": 15,
    "linear": 5,
}
"""Vectors of H numbers that training keeps of each step and sequence, by cell, with the hungriest
of the engines that `auto` stands for: PyTorch's own for the LSTM, closed forms for the RNN and the
GRU, the plain loop for the peephole LSTM, the parallel scan for the others."""
OTHER_WIDTH = 24
"""The same for any other cell or engine: autograd keeps the result of each operation."""
COPIES = 4
"""What is held of each parameter: itself, its gradient, the optimiser's state, the best so far."""

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


def training_bytes(cell: str, engine: str = "auto", /, *, B: int, T: int, D: int, H: int) -> int:
    """Return about how many bytes a training step takes on sequences (B, T, D) of float32.

    A digit is drawn and mirrored as int64 and encoded as D float32; each step keeps its input
    and some vectors of H for the backward pass. Parameters come on top: `parameter_bytes`.
    """
    width = OTHER_WIDTH
    if engine in ("auto", "closed-form", "parallel"):
        # Of two ends each keeps half as many numbers.
        width = SAVED_WIDTHS.get(cell.removeprefix(PREFIX), OTHER_WIDTH)
    return B * T * (24 + 4 * (2 * D + width * H))


def parameter_bytes(parameters: int) -> int:
    """Return about how many bytes the parameters of a network in training take, in float32."""
    return COPIES * 4 * parameters


def probe_bytes(*, B: int, T: int, D: int, H: int) -> int:
    """Return about how many bytes a probe of the gradients takes, in float64 with a graph.

    The network is counted as an LSTM, which has the most parameters of the built-in cells.
    """
    parameters = 4 * H * (D + H + 1)
    return B * T * 8 * (4 * D + OTHER_WIDTH * H) + COPIES * 8 * parameters


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
        f"{_size(free)} are free: choose a shorter length, fewer sequences at once or fewer workers"
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
