"""Who does the work: this machine, or a cluster."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path

from unroll.study.running.cluster.connection import connect
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.memory_need import check_memory
from unroll.study.running.trial_job import TrialJob


@contextlib.contextmanager
def hired(
    address: str | None,
    jobs: Sequence[TrialJob | MeasurementJob],
    *,
    workers: int,
    out: Path,
    say: Callable[[str], None],
) -> Iterator[tuple[Executor | None, int]]:
    """Give the executor at an address, if there is one, and how many calls run at once.

    None stands for this machine, whose memory must do for so many workers. A cluster's is not
    known here, and a worker that runs out of it is one that is lost. Where nothing is to be done
    nobody is asked.

    Raises: UnrollError, in one line, for what stands against it.
    """
    if address is None or not jobs:
        check_memory(jobs, workers)
        yield None, workers
        return
    cluster = connect(address, jobs, out=out, say=say)
    try:
        yield cluster.executor, max(cluster.threads, 1)
    finally:
        cluster.executor.shutdown(cancel_futures=True)
