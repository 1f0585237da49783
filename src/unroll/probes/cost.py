"""What a computation costs: its time, and the most memory that it holds at once."""

import ctypes
import gc
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

STATUS = Path("/proc/self/status")
"""Where Linux says how much memory a process has."""
RESET = Path("/proc/self/clear_refs")
"""Where Linux is told to forget the most memory that a process had."""
_FORGET_PEAK = "5"


@dataclass(frozen=True, kw_only=True)
class Timing:
    """What one repetition took."""

    seconds: float
    """Of the processor on a CPU, which what runs beside hardly lengthens; of the clock on a GPU."""
    wall_seconds: float
    """Of the clock: longer than `seconds` where the process had to wait for a free core."""


class PeakMemory:
    """Measures the most memory that a computation holds at once, in bytes.

    On a CPU: resident memory, which is what a machine must have. Linux is told to forget the
    highest level so far, after all free memory was given back to it; what the level then rises by
    is the computation's. Other systems cannot forget: there the rise is counted from the level at
    which this was made, and what is measured must grow from one call to the next. Libraries
    allocate once and keep: compute once before.

    On CUDA: what PyTorch's allocator counted, beyond what was allocated before.
    """

    def __init__(self, device: str) -> None:
        self._is_cuda = torch.device(device).type == "cuda"
        self._can_forget = STATUS.exists() and RESET.exists()
        self._level = 0 if self._is_cuda or self._can_forget else _highest_level()

    def measure(self, compute: Callable[[], object]) -> int:
        """Compute, and return the bytes held at the peak beyond those held before."""
        gc.collect()
        if self._is_cuda:
            return _measure_cuda(compute)
        if not self._can_forget:
            compute()
            return max(0, _highest_level() - self._level)
        _give_back()
        RESET.write_text(_FORGET_PEAK)
        level = _read_status("VmRSS")
        compute()
        return max(0, _read_status("VmHWM") - level)


def time_repeatedly(
    compute: Callable[[], object],
    *,
    device: str,
    fewest: int = 3,
    most: int = 20,
    enough_seconds: float = 1.0,
) -> list[Timing]:
    """Compute a few times, until it took long enough in all, and return what each took."""
    is_cuda = torch.device(device).type == "cuda"
    found: list[Timing] = []
    while len(found) < fewest or (
        len(found) < most and sum(timing.wall_seconds for timing in found) < enough_seconds
    ):
        found.append(_time_once(compute, is_cuda=is_cuda))
    return found


def _time_once(compute: Callable[[], object], *, is_cuda: bool) -> Timing:
    if is_cuda:
        torch.cuda.synchronize()
    wall, processor = time.perf_counter(), time.process_time()
    compute()
    if is_cuda:
        torch.cuda.synchronize()
    spent = time.process_time() - processor
    passed = time.perf_counter() - wall
    return Timing(seconds=passed if is_cuda else spent, wall_seconds=passed)


def _measure_cuda(compute: Callable[[], object]) -> int:
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    compute()
    torch.cuda.synchronize()
    return torch.cuda.max_memory_allocated() - before


def _give_back() -> None:
    """Have the C library return free memory, which it would fill again unseen."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _read_status(name: str) -> int:
    """Return a line of `/proc/self/status`, in bytes."""
    lines = STATUS.read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _highest_level() -> int:
    """Return the most memory that this process had, in bytes."""
    if sys.platform == "win32":
        raise OSError("this system does not say how much memory a process had")
    import resource

    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return highest if sys.platform == "darwin" else 1024 * highest
