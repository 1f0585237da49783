"""What runs inside a Dask worker: it hands calls to processes of its own. Imports no torch.

A Dask worker runs calls in threads of one process. Trials cannot share a process: the number of
threads, the global generator and the import path belong to all of it. So each runs in a process
beside the worker, as in the local pool; it can also be ended when nobody waits for it any more,
which a thread cannot.
"""

import asyncio
import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import wait
from pathlib import Path
from typing import ClassVar

import distributed
from distributed.core import Status
from distributed.utils import sync

from unroll.study.running.cluster.calls import call_by_name
from unroll.study.running.cluster.facts import read_facts
from unroll.study.running.pool import WorkerLostError, WorkerPool

POLL_SECONDS = 0.2
"""A process whose call is abandoned ends within so long; steps are told no more often."""
_ANSWER = "unroll.study.running.cluster.request:answer"
_ENDED = (Status.closing, Status.closed, Status.failed)

Answer = tuple[str, object]


class _Idle:
    """Processes of this Dask worker that wait for a call; they end with it."""

    lock: ClassVar = threading.Lock()
    pools: ClassVar[list[WorkerPool]] = []

    @classmethod
    def take(cls) -> WorkerPool | None:
        """Return a process that has run a call before, if there is one."""
        with cls.lock:
            return cls.pools.pop() if cls.pools else None

    @classmethod
    def keep(cls, pool: WorkerPool) -> None:
        """Keep a process for another call: it has imported torch."""
        with cls.lock:
            cls.pools.append(pool)


async def check(worker: distributed.Worker, data: bytes) -> Answer:
    """Answer a request that asks for nothing but what must hold on a worker."""
    found = await asyncio.to_thread(read_facts)
    if not data:
        return "facts", found
    return await asyncio.to_thread(_answer, worker, data, lambda: True, lambda *_: None)


def run_call(call: str, topic: str, data: bytes) -> Answer:
    """Run one call in a process of its own, and tell under `topic` how it goes on."""
    worker = distributed.get_worker()
    key = worker.get_current_task()

    def is_wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state != "cancelled" and worker.status not in _ENDED

    def tell(job: str, step: int) -> None:
        worker.log_event(topic, {"call": call, "job": job, "step": step})

    # A call may kill this worker at once, and that it had begun must be known: unlike what
    # `log_event` sends, this has arrived when it returns.
    begun = {"call": call, "begun": worker.address}
    sync(worker.loop, worker.scheduler.log_event, topic=topic, msg=begun)
    return _answer(worker, data, is_wanted, tell)


def _answer(
    worker: distributed.Worker,
    data: bytes,
    is_wanted: Callable[[], bool],
    tell: Callable[[str, int], None],
) -> Answer:
    """Ask a process that is there already, and a new one where that one refuses.

    What it imported may be older than what is installed by now.
    """
    pool = _Idle.take()
    if pool is not None:
        answer = _ask(pool, worker, data, is_wanted, tell)
        if answer[0] != "refused":
            return answer
    # A nanny starts its worker as a daemon, which may have no children; ours end with it.
    multiprocessing.current_process().daemon = False
    return _ask(WorkerPool(1), worker, data, is_wanted, tell)


def _ask(
    pool: WorkerPool,
    worker: distributed.Worker,
    data: bytes,
    is_wanted: Callable[[], bool],
    tell: Callable[[str, int], None],
) -> Answer:
    scratch = Path(worker.local_directory) / "cells"
    future = pool.submit(call_by_name, _ANSWER, data, worker.address, scratch)
    while not wait([future], POLL_SECONDS).done:
        for job, step in dict(pool.progress()).items():
            tell(job, step)
        if not is_wanted():
            pool.shutdown(cancel_futures=True)
            return "abandoned", None
    try:
        answer: Answer = future.result()
    except WorkerLostError as error:
        answer = "lost", str(error)
    except Exception as error:
        answer = "refused", f"it cannot run what it is asked to ({error})"
    if answer[0] == "refused":
        pool.shutdown()
    else:
        list(pool.progress())
        _Idle.keep(pool)
    return answer
