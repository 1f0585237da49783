"""Worker processes behind the standard Executor interface.

`concurrent.futures.ProcessPoolExecutor` does not fit: when one of its workers is killed it fails
every call in flight, and its workers outlive a parent that was killed.
"""

import contextlib
import ctypes
import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from multiprocessing.connection import Connection, wait
from typing import Any, ParamSpec, Protocol, TypeVar, runtime_checkable

P = ParamSpec("P")
R = TypeVar("R")

_PR_SET_PDEATHSIG = 1


class WorkerLostError(BrokenExecutor):
    """The process that ran a call ended before it had answered."""


@runtime_checkable
class TellsProgress(Protocol):
    """An executor whose calls tell how far they are."""

    def progress(self) -> Iterator[tuple[str, int]]:
        """Yield what calls have sent through `send_progress` since last asked: key and step."""
        ...


class WorkerPool(Executor):
    """Runs calls in `workers` spawned processes, one call a process at a time.

    A worker that dies fails only the call that it was running, with WorkerLostError, and is
    replaced. Workers ignore Ctrl-C, which is the parent's to answer, and end within a moment of
    the parent's death, however it died.
    """

    def __init__(self, workers: int) -> None:
        # A worker computes with one thread: NumPy's own would wait for the other workers'. It
        # reads this when it is imported, which in a worker is before any code of ours runs.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        self._context = multiprocessing.get_context("spawn")
        self._calls: queue.SimpleQueue[tuple[Future[Any], Any] | None] = queue.SimpleQueue()
        self._progress: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        self._processes: dict[int, Any] = {}
        self._is_closed = False
        self._is_killed = False
        self._threads = [
            threading.Thread(target=self._serve_slot, args=(slot,), daemon=True)
            for slot in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Queue a call; its function and arguments must be picklable."""
        if self._is_closed:
            raise RuntimeError("cannot submit to a WorkerPool that is shut down")
        future: Future[R] = Future()
        self._calls.put((future, (fn, args, kwargs)))
        return future

    def progress(self) -> Iterator[tuple[str, int]]:
        """Yield what workers have sent through `send_progress` since last asked."""
        with contextlib.suppress(queue.Empty):
            while True:
                yield self._progress.get_nowait()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers after their last call, or now if `cancel_futures`."""
        self._is_closed = True
        if cancel_futures:
            with contextlib.suppress(queue.Empty):
                while True:
                    call = self._calls.get_nowait()
                    if call is not None:
                        call[0].cancel()
        for _ in self._threads:
            self._calls.put(None)
        if cancel_futures:
            self._is_killed = True
            for process in list(self._processes.values()):
                process.kill()
        if wait:
            for thread in self._threads:
                thread.join()

    def _serve_slot(self, slot: int) -> None:
        """Feed one worker process, and replace it when it dies."""
        connection: Connection | None = None
        while (call := self._calls.get()) is not None:
            future, request = call
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if connection is None:
                    connection = self._start_worker(slot)
                connection.send(request)
                future.set_result(self._await_answer(connection))
            except (EOFError, BrokenPipeError, ConnectionResetError):
                connection = None
                code = self._end_worker(slot)
                future.set_exception(WorkerLostError(f"its worker process ended ({code})"))
            except BaseException as error:  # the caller's to see, whatever it is
                future.set_exception(error)
        if connection is not None:
            connection.close()
            self._end_worker(slot)

    def _start_worker(self, slot: int) -> Connection:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs,), daemon=True)
        process.start()
        self._processes[slot] = process
        if self._is_killed:
            # Everything that ran was killed while this one was on its way.
            process.kill()
        # Ours is now the only open copy here, so that its end is seen when the worker dies.
        theirs.close()
        return ours

    def _await_answer(self, connection: Connection) -> Any:
        while True:
            kind, value = connection.recv()
            if kind == "result":
                return value
            if kind == "error":
                raise value
            self._progress.put(value)

    def _end_worker(self, slot: int) -> str:
        """Wait for a worker whose pipe is closed, and say how it ended."""
        process = self._processes.pop(slot, None)
        if process is None:
            return "while it was being started"
        process.join(timeout=5)
        if process.is_alive():
            process.kill()
            process.join()
        code = process.exitcode
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


class _Channel:
    """The way from a worker back to its parent; there is one in a worker process, else none."""

    connection: Connection | None = None


def send_progress(key: str, step: int) -> None:
    """Tell the parent how far the call got; does nothing outside a WorkerPool's worker."""
    if _Channel.connection is not None:
        _Channel.connection.send(("progress", (key, step)))


def _work(connection: Connection) -> None:
    """Answer calls until the pipe closes: the main function of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    _Channel.connection = connection
    while True:
        try:
            function, args, kwargs = connection.recv()
        except EOFError:
            return
        except Exception as error:  # what was sent cannot be rebuilt here
            connection.send(("error", error))
            continue
        try:
            answer = ("result", function(*args, **kwargs))
        except Exception as error:
            answer = ("error", error)
        connection.send(answer)


def _die_with_parent() -> None:
    """See to it that this process ends when its parent does, even by SIGKILL."""
    if sys.platform == "linux":
        # The kernel does it even while a long C call keeps Python's threads from running. The
        # "parent" is the thread that started this process: it waits for it to the end.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_exit_with_parent, daemon=True).start()


def _exit_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
