"""How long a run will take at most, from arithmetic and this machine's speed."""

import time
from collections.abc import Sequence

import torch

from unroll.study.worker import TrialJob

OVERHEAD = 2.5
"""A training step takes about so many times its matrix products: `make bench` measures it."""
STARTUP_SECONDS = 5.0
"""Until the workers have imported torch."""


def estimate_seconds(jobs: Sequence[TrialJob], workers: int) -> float:
    """Return a rough upper bound of the wall-clock time of `jobs`.

    A step costs 6·P·B·T flops: two for each of P parameters at each of B·T positions, once
    forward and twice backward. It assumes that no trial stops early.
    """
    flops = sum(6.0 * job.work * job.settings.batch_size for job in jobs)
    longest = max((6.0 * job.work * job.settings.batch_size for job in jobs), default=0.0)
    speed = _matmul_flops_per_second()
    return STARTUP_SECONDS + OVERHEAD * max(flops / max(workers, 1), longest) / speed


def _matmul_flops_per_second(size: int = 128, repetitions: int = 5, calls: int = 50) -> float:
    """Measure products of `size` × `size` matrices on one thread; the median of repetitions."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    a, b = torch.randn(size, size), torch.randn(size, size)
    seconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        for _ in range(calls):
            torch.mm(a, b)
        seconds.append((time.perf_counter() - start) / calls)
    torch.set_num_threads(threads)
    return 2.0 * size**3 / sorted(seconds)[repetitions // 2]
