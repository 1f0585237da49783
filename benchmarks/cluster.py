"""What does a Dask cluster of this machine cost, beside the local pool?

    python -m benchmarks.cluster [--quick] [--repetitions N]

A scheduler and two workers of one thread each are started on the loopback interface, and a local
pool of two processes. Overhead: the time of a call that does nothing, sent and awaited one by one,
beside the pool and beside a plain call. Throughput: the same trials on both, all sent at once.
Every ratio is taken within one run, both sides in turn, after a round that warms both up.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.timing import Options, compare, parse_options, print_table, seconds_of, spread
from unroll.study.memory.plan import plan_memory
from unroll.study.memory.settings import MemorySettings
from unroll.study.running.cluster.connection import connect
from unroll.study.running.pool import WorkerPool
from unroll.study.running.trial_job import TrialJob
from unroll.study.running.worker import run_trial

WORKERS = 2
STEPS = {"rnn": (50, 300), "lstm": (50, 150)}
"""Training steps of a trial, by cell: a short and a longer one."""


@contextmanager
def local_cluster(folder: Path, workers: int) -> Iterator[str]:
    """Give the address of a scheduler with so many workers of one thread."""
    file = folder / "scheduler.json"
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file)]
    processes = [_start(scheduler, folder)]
    try:
        while not file.exists():
            if processes[0].poll() is not None:
                raise SystemExit(f"the scheduler ended: {(folder / 'scheduler.log').read_text()}")
            time.sleep(0.1)
        address = str(json.loads(file.read_text())["address"])
        names = [str(folder / str(place)) for place in range(workers)]
        for name in names:
            words = ["worker", address, "--no-nanny", "--nthreads", "1", "--local-directory", name]
            processes.append(_start(words, folder))
        yield address
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


def _start(words: Sequence[str], folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / f"{words[0]}.log").open("ab") as log:
        command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)


def warm_up(executor: Executor) -> None:
    """Have every worker start the process in which it runs calls: that imports torch."""
    for future in [executor.submit(time.sleep, 1.0) for _ in range(WORKERS)]:
        future.result()
    jobs = plan_memory(MemorySettings(cells=("rnn",), lengths=(5,), max_steps=5)).trials
    run_all(executor, jobs)


def run_all(executor: Executor, jobs: Sequence[TrialJob]) -> None:
    """Run trials, all sent at once."""
    for future in [executor.submit(run_trial, job) for job in jobs]:
        future.result()


def overhead_row(cluster: Executor, pool: Executor, options: Options) -> list[str]:
    """Return milliseconds of an empty call on both sides, and of a plain one."""
    both = compare(
        lambda: cluster.submit(bool).result(), lambda: pool.submit(bool).result(), options
    )
    plain = seconds_of(bool, 100_000)
    extra = [ours - peer for ours, peer in zip(both.ours_seconds, both.peer_seconds, strict=True)]
    return [
        f"{both.ours_ms:.1f}",
        f"{both.peer_ms:.2f}",
        f"{plain * 1e3:.5f}",
        spread([1e3 * seconds for seconds in extra]),
    ]


def throughput_row(
    cell: str, steps: int, cluster: Executor, pool: Executor, options: Options
) -> list[str]:
    """Return trials a minute of one kind on both sides."""
    settings = MemorySettings(
        cells=(cell,), lengths=(10,), test_lengths=(10,), seeds=2 * WORKERS, max_steps=steps
    )
    jobs = plan_memory(settings).trials
    both = compare(lambda: run_all(cluster, jobs), lambda: run_all(pool, jobs), options)
    return [
        cell,
        str(steps),
        f"{both.ours_ms / 1e3 * WORKERS / len(jobs):.2f}",
        *(f"{60e3 * len(jobs) / ms:.0f}" for ms in (both.ours_ms, both.peer_ms)),
        spread(both.ratios),
    ]


def main(options: Options) -> None:
    """Measure and print."""
    with (
        tempfile.TemporaryDirectory() as folder,
        local_cluster(Path(folder), WORKERS) as address,
        WorkerPool(WORKERS) as pool,
    ):
        hired = connect(address, (), out=Path(folder), say=lambda _: None)
        while hired.threads < WORKERS:
            hired.executor.shutdown()
            hired = connect(address, (), out=Path(folder), say=lambda _: None)
        with hired.executor as cluster:
            warm_up(cluster)
            warm_up(pool)
            columns = ["cluster ms", "local pool ms", "plain call ms", "cluster − pool ms"]
            row = overhead_row(cluster, pool, options)
            print_table("An empty call, there and back", columns, [row])
            fewer = replace(options, repetitions=min(options.repetitions, 3))
            rows = [
                throughput_row(cell, steps, cluster, pool, fewer)
                for cell, several in STEPS.items()
                for steps in (several[:1] if options.quick else several)
            ]
            columns = ["cell", "steps", "seconds a trial", "cluster", "local pool", "ratio"]
            print_table("Trials a minute, two workers", columns, rows)


if __name__ == "__main__":
    main(parse_options(__doc__))
