"""The workers of a Dask scheduler behind the standard Executor interface."""

import contextlib
import pickle
import queue
import threading
import uuid
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import distributed

from unroll.cells.source import CellSource
from unroll.cells.travelling import PackedCell, pack_cell
from unroll.errors import in_one_line
from unroll.study.running.cluster.address import ClusterError, as_refusal
from unroll.study.running.cluster.calls import make_caller
from unroll.study.running.cluster.facts import local_facts
from unroll.study.running.cluster.request import Answer, Request
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.pool import WorkerLostError
from unroll.study.running.trial_job import TrialJob

P = ParamSpec("P")
R = TypeVar("R")

_RUN = "unroll.study.running.cluster.worker:run_call"


@dataclass(kw_only=True)
class _Call:
    """A call on its way."""

    future: Future[Any]
    """What the caller holds."""
    inner: Future[Answer] | None = None
    """What Dask's own executor holds."""
    worker: str = "of the cluster"
    """Address of the worker that began it, once one has."""


class ClusterExecutor(Executor):
    """Runs calls on a Dask cluster, as `WorkerPool` does on this machine.

    A worker that is lost, or the process in which it ran a call, fails that call with
    WorkerLostError. A worker with other versions, or on which a cell does not load, fails it with
    ClusterError, in one line. What nobody waits for any more, because this process was
    interrupted, closed or killed, ends on the cluster within a moment.
    """

    def __init__(
        self, client: distributed.Client, address: str, say: Callable[[str], None]
    ) -> None:
        self._client = client
        self._address = address
        self._say = say
        self._inner = client.get_executor(pure=False)
        self._caller = make_caller()
        self._calls: dict[str, _Call] = {}
        self._cells: dict[CellSource, PackedCell] = {}
        self._progress: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        self._is_closed = False
        self._topic = f"unroll-{uuid.uuid4().hex}"
        client.subscribe_topic(self._topic, self._hear)
        client.subscribe_topic("all", self._hear_of_workers)
        self._workers = set(client.nthreads())

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Send a call; its function and arguments must be picklable, and the function importable.

        The cell of a job goes with it. A job's folder is sent as an absolute path.
        """
        if self._is_closed:
            raise RuntimeError("cannot submit to a ClusterExecutor that is shut down")
        request = self.request(partial(fn, **kwargs) if kwargs else fn, *args)
        call, name = _Call(future=Future()), uuid.uuid4().hex
        self._calls[name] = call
        with warnings.catch_warnings():
            # Weights of some megabytes travel with a job, once.
            warnings.filterwarnings("ignore", message="Sending large graph")
            call.inner = self._inner.submit(
                self._caller, _RUN, name, self._topic, pickle.dumps(request)
            )
        call.inner.add_done_callback(partial(self._take, name))
        return call.future

    def request(
        self, function: Callable[..., Any], *arguments: Any, visible: tuple[Path, ...] = ()
    ) -> Request:
        """Return a call as it is sent, with what must hold where it is made."""
        sources = [a.source for a in arguments if isinstance(a, TrialJob | MeasurementJob)]
        return Request(
            function=function,
            arguments=tuple(map(_with_absolute_folder, arguments)),
            facts=local_facts(),
            cells=tuple(self.pack(source) for source in sources if source is not None),
            folder=Path.cwd(),
            visible=visible,
        )

    def pack(self, source: CellSource) -> PackedCell:
        """Return a cell as it is sent, as it was when first asked for."""
        if source not in self._cells:
            self._cells[source] = pack_cell(source)
        return self._cells[source]

    def progress(self) -> Iterator[tuple[str, int]]:
        """Yield what workers have told through `send_progress` since last asked."""
        with contextlib.suppress(queue.Empty):
            while True:
                yield self._progress.get_nowait()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster, after the last call, or now if `cancel_futures`.

        The scheduler forgets what only this process waited for.
        """
        if wait and not cancel_futures:
            for call in list(self._calls.values()):
                call.future.exception()
        self._is_closed = True
        self._client.close(timeout=2)

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        """Take in what a worker tells of a call; runs in the client's own thread."""
        told = event[1]
        call = self._calls.get(told["call"])
        if "step" in told:
            self._progress.put((told["job"], told["step"]))
        elif call is not None:
            call.worker = told["begun"]

    def _hear_of_workers(self, event: tuple[float, dict[str, Any]]) -> None:
        """Take in that a worker has come or gone; runs in the client's own thread."""
        told, had_workers = event[1], bool(self._workers)
        if told.get("action") == "add-worker":
            self._workers.add(told["worker"])
            if not had_workers:
                self._say(f"executor: {self._address} has a worker again")
        elif told.get("action") == "remove-worker" and not self._is_closed:
            self._workers.discard(told["worker"])
            self._give_up(told["worker"])
            if had_workers and not self._workers:
                what = f"executor: {self._address} has lost its last worker"
                self._say(f"{what}; waiting for another; Ctrl-C ends")

    def _give_up(self, worker: str) -> None:
        """Fail the calls that a lost worker had begun.

        Dask runs them again by itself, up to three times. How often is for the caller to say.
        """
        for name, call in list(self._calls.items()):
            if call.worker == worker and call.inner is not None:
                del self._calls[name]
                call.future.set_exception(WorkerLostError(f"the worker {worker} was lost"))
                # Dask cannot cancel from its own thread, in which the loss is heard of.
                threading.Thread(target=call.inner.cancel, daemon=True).start()

    def _take(self, name: str, inner: Future[Answer]) -> None:
        """Hand on what came of a call; runs in the client's own thread."""
        call = self._calls.pop(name, None)
        if call is None:
            return
        if inner.cancelled() and self._is_closed:
            call.future.cancel()
        elif inner.cancelled():
            reason = f"executor: the scheduler at {self._address} was lost"
            call.future.set_exception(ClusterError(reason))
        elif isinstance(error := inner.exception(), distributed.KilledWorker):
            call.future.set_exception(WorkerLostError("the workers that ran it were lost"))
        elif error is not None:
            reason = f"executor: {self._address} failed: {in_one_line(error)}"
            call.future.set_exception(ClusterError(reason))
        else:
            _settle(call, *inner.result())


def _settle(call: _Call, kind: str, value: Any) -> None:
    """Give the caller what a worker answered."""
    if kind == "result":
        call.future.set_result(pickle.loads(value))
    elif kind == "error":
        call.future.set_exception(pickle.loads(value))
    elif kind == "refused":
        call.future.set_exception(as_refusal(value, call.worker))
    else:
        call.future.set_exception(WorkerLostError(value or f"the worker {call.worker} gave up"))


def _with_absolute_folder(argument: Any) -> Any:
    if isinstance(argument, MeasurementJob) and argument.folder is not None:
        return replace(argument, folder=argument.folder.absolute())
    return argument
