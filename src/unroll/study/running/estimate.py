"""About how long a run will take, from arithmetic and this machine's speed."""

import time
from collections.abc import Sequence

import torch

from unroll.cells.bidirectional import PREFIX
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.trial_job import TrialJob

OVERHEAD = 1.8
"""A step of a built-in cell takes about so many times its matrix products; see benchmarks/."""
PLAIN_OVERHEAD = 4.0
"""The same for a cell that runs by the plain loop, and for one whose products are few."""
_FAST = ("rnn", "lstm", "gru")
"""Cells with engines whose products take most of a step."""
LEAST_USES = 800_000
"""A step of a training on a small batch takes as long as if so many parameters were used in it:
that of an LSTM of 64 units takes 430 µs with 32 sequences, forward and back."""
STARTUP_SECONDS = 5.0
"""Until the workers have imported torch."""


def estimate_seconds(jobs: Sequence[TrialJob | MeasurementJob], workers: int) -> float:
    """Return about how much wall-clock time `jobs` take.

    A training step costs 6·P·B·T flops: two for each of P parameters at each of B·T positions,
    once forward and twice backward. It assumes that no trial stops early.
    """
    speed = _matmul_flops_per_second()
    seconds = [6.0 * effort(job) / speed for job in jobs]
    return STARTUP_SECONDS + max(sum(seconds) / workers, max(seconds, default=0.0))


def effort(job: TrialJob | MeasurementJob) -> float:
    """Return the work of a job with what its steps cost besides their matrix products."""
    return _uses(job) * (OVERHEAD if _is_built_in(job) else PLAIN_OVERHEAD)


def _uses(job: TrialJob | MeasurementJob) -> float:
    """Return the work of a job, and more where its steps are too small to be quick."""
    if isinstance(job, MeasurementJob):
        return job.work
    return job.work * max(1.0, LEAST_USES / (job.parameters * job.settings.batch_size))


def _is_built_in(job: TrialJob | MeasurementJob) -> bool:
    return job.source is None or job.source.spec.removeprefix(PREFIX) in _FAST


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
