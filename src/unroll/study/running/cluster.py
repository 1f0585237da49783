"""The workers of a Dask scheduler behind the standard Executor interface."""

import contextlib
import pickle
import queue
import uuid
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import distributed

from unroll.cells.source import CellSource
from unroll.cells.travelling import PackedCell, pack_cell
from unroll.errors import in_one_line
from unroll.study.running.cluster_address import ClusterError, as_refusal
from unroll.study.running.cluster_calls import make_caller
from unroll.study.running.cluster_facts import local_facts
from unroll.study.running.cluster_request import Answer, Request
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.pool import WorkerLostError
from unroll.study.running.trial_job import TrialJob

P = ParamSpec("P")
R = TypeVar("R")

_RUN = "unroll.study.running.cluster_worker:run_call"


@dataclass(kw_only=True)
class _Call:
    """A call on its way."""

    future: Future[Any]
    """What the caller holds."""
    inner: Future[Answer] | None = None
    """What Dask's own executor holds."""
    workers: list[str] = field(default_factory=list)
    """Addresses of the workers that began it, in order."""


class ClusterExecutor(Executor):
    """Runs calls on a Dask cluster, as `WorkerPool` does on this machine.

    A worker that is lost, or the process in which it ran a call, fails that call with
    WorkerLostError. A worker with other versions, or on which a cell does not load, fails it with
    ClusterError, in one line. What nobody waits for any more, because this process was
    interrupted, closed or killed, ends on the cluster within a moment.
    """

    def __init__(self, client: distributed.Client, address: str) -> None:
        self._client = client
        self._address = address
        self._inner = client.get_executor(pure=False)
        self._caller = make_caller()
        self._calls: dict[str, _Call] = {}
        self._cells: dict[CellSource, PackedCell] = {}
        self._progress: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        self._given_up: queue.SimpleQueue[_Call] = queue.SimpleQueue()
        self._is_closed = False
        self._topic = f"unroll-{uuid.uuid4().hex}"
        client.subscribe_topic(self._topic, self._hear)

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
            # Dask cannot cancel from its own thread, in which the loss is heard of.
            while (inner := self._given_up.get_nowait().inner) is not None:
                inner.cancel()
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
        if call is None:
            return
        if "step" in told:
            self._progress.put((told["job"], told["step"]))
            return
        call.workers.append(told["started"])
        if len(call.workers) > 1:
            # Dask runs it again by itself, up to three times. How often is for the caller to say.
            del self._calls[told["call"]]
            lost = WorkerLostError(f"the worker {call.workers[0]} was lost")
            call.future.set_exception(lost)
            self._given_up.put(call)

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
    worker = call.workers[-1] if call.workers else "of the cluster"
    if kind == "result":
        call.future.set_result(pickle.loads(value))
    elif kind == "error":
        call.future.set_exception(pickle.loads(value))
    elif kind == "refused":
        call.future.set_exception(as_refusal(value, worker))
    else:
        call.future.set_exception(WorkerLostError(value or f"the worker {worker} gave up"))


def _with_absolute_folder(argument: Any) -> Any:
    if isinstance(argument, MeasurementJob) and argument.folder is not None:
        return replace(argument, folder=argument.folder.absolute())
    return argument
