"""A Dask cluster of this machine's own, for as long as a test needs it."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import distributed

PATIENCE_SECONDS = 120
"""For waiting on a busy machine; nothing depends on it but the end of a hanging test."""


Process: TypeAlias = tuple[int, int]
"""A process, by its number and when it began: numbers are given again."""


def _alive() -> dict[Process, int]:
    """Return every process, with its parent's number; none where there is no /proc of Linux's."""
    found = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        # A process may end while its file is read.
        with contextlib.suppress(OSError):
            state, parent, *rest = file.read_text().rpartition(")")[2].split()
            if state != "Z":
                found[int(file.parent.name), int(rest[17])] = int(parent)
    return found


def _descendants(pids: set[int]) -> set[Process]:
    """Return every process that these have started, directly or not."""
    alive, found = _alive(), set[Process]()
    known = set(pids)
    while more := {p for p, parent in alive.items() if parent in known} - found:
        found |= more
        known |= {pid for pid, _ in more}
    return found


class LocalCluster:
    """A scheduler and workers, each a process, on ports of the loopback interface."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started = 0
        self.workers: list[subprocess.Popen[bytes]] = []
        self._file = folder / "scheduler.json"
        words = ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(self._file)]
        self.scheduler = self._start(["scheduler", *words])

    @cached_property
    def address(self) -> str:
        """Where the scheduler listens, once it does."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._file.exists():
            assert self.scheduler.poll() is None, "the scheduler ended"
            assert time.monotonic() < deadline, "the scheduler did not start"
            time.sleep(0.05)
        return str(json.loads(self._file.read_text())["address"])

    def add_worker(
        self, *words: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a worker of one thread, in a folder of its own, and wait until it has joined."""
        before = self.count()
        self._started += 1
        cwd = self.folder / f"worker{self._started}"
        cwd.mkdir()
        given = words or ("--no-nanny", "--nthreads", "1")
        worker = self._start(
            ["worker", self.address, "--local-directory", str(cwd), *given], cwd, environment
        )
        self.workers.append(worker)
        self.wait_for(before + 1)
        return worker

    def fill(self, workers: int) -> None:
        """Start as many workers as are missing."""
        for worker in [worker for worker in self.workers if worker.poll() is not None]:
            self.workers.remove(worker)
        self.wait_for(len(self.workers))
        while len(self.workers) < workers:
            self.add_worker()

    def count(self) -> int:
        """Return how many workers there are."""
        with distributed.Client(self.address, set_as_default=False) as client:
            return len(client.nthreads())

    def wait_for(self, workers: int) -> None:
        """Wait until there are so many workers."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        with distributed.Client(self.address, set_as_default=False) as client:
            while len(client.nthreads()) != workers:
                assert time.monotonic() < deadline, f"there are not {workers} workers"
                time.sleep(0.05)

    def wait_until_busy(self) -> None:
        """Wait until every worker runs something."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        with distributed.Client(self.address, set_as_default=False) as client:
            while not all(client.call_stack().values()) or not client.call_stack():
                assert time.monotonic() < deadline, "the cluster is not at work"
                time.sleep(0.05)

    def wait_until_idle(self) -> None:
        """Wait until the scheduler knows of nothing to do or to keep, and no worker runs anything.

        What it keeps it would have computed again when a worker is lost.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS

        def known_tasks(dask_scheduler: distributed.Scheduler) -> list[str]:
            return [f"{key}: {task.state}" for key, task in dask_scheduler.tasks.items()]

        with distributed.Client(self.address, set_as_default=False) as client:
            while (known := client.run_on_scheduler(known_tasks)) or any(
                client.call_stack().values()
            ):
                assert time.monotonic() < deadline, f"the cluster is still at work: {known}"
                time.sleep(0.05)

    def remove(self, worker: subprocess.Popen[bytes]) -> None:
        """Kill a worker, and wait until the scheduler knows."""
        before = self.count()
        worker.kill()
        worker.wait()
        self.workers.remove(worker)
        self.wait_for(before - 1)

    def close(self) -> None:
        """End every process, and see to it that what they started has ended with them."""
        children = _descendants({process.pid for process in (*self.workers, self.scheduler)})
        for process in (*self.workers, self.scheduler):
            process.kill()
        for process in (*self.workers, self.scheduler):
            process.wait(PATIENCE_SECONDS)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while left := children & _alive().keys():
            assert time.monotonic() < deadline, f"processes outlive their worker: {left}"
            time.sleep(0.05)

    def _start(
        self,
        words: list[str],
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{words[0]}{self._started}.log").open("wb")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *words, "--no-dashboard"],
                cwd=cwd or self.folder,
                env={**os.environ, **(environment or {})},
                stdout=log,
                stderr=log,
            )


@contextmanager
def local_cluster(folder: Path) -> Iterator[LocalCluster]:
    """Give a cluster without workers yet."""
    cluster = LocalCluster(folder)
    try:
        yield cluster
    finally:
        cluster.close()
