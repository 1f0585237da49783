"""Finding a Dask cluster, and making sure that its workers compute what this machine would.

Imports nothing of Dask before it is asked for: it comes with the optional extra `cluster`.
"""

import contextlib
import importlib
import logging
import os
import pickle
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unroll.report.extra import MissingExtraError
from unroll.study.running.cluster.address import (
    PATIENCE_SECONDS,
    ClusterError,
    as_refusal,
    check_answers,
    not_a_scheduler,
)
from unroll.study.running.cluster.calls import make_waiting_caller
from unroll.study.running.cluster.facts import describe_mismatch, local_facts
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.trial_job import TrialJob
from unroll.study.words import count

if TYPE_CHECKING:
    import distributed

    from unroll.study.running.cluster.executor import ClusterExecutor

_CHECK = "unroll.study.running.cluster.worker:check"
_PATHS = ("book", "root", "data")
"""Settings of measurements that may name a file or a folder."""

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A cluster that is ready for some jobs."""

    executor: Executor
    """Sends calls to it."""
    threads: int
    """Calls that it runs at once, for now: workers may come and go."""


def connect(
    address: str, jobs: Sequence[TrialJob | MeasurementJob], *, out: Path, say: Say
) -> Cluster:
    """Return a cluster whose present workers can run these jobs, whose results go to `out`.

    Where there is no worker yet it says so and waits for one. Workers that join later are asked
    the same with the first job that they are sent.

    Raises: MissingExtraError without the extra `cluster`; ClusterError, in one line, where there
    is no scheduler, a worker has other versions, or a cell or a file cannot be had there;
    CellError for a cell whose file has changed.
    """
    client = _open_client(address)
    try:
        threads = _await_workers(client, address, say)
        _check_versions(client)
        # Imported here because it brings Dask.
        from unroll.study.running.cluster.executor import ClusterExecutor

        executor = ClusterExecutor(client, address, say)
        _check_jobs(client, executor, jobs, out)
    except BaseException:
        client.close(timeout=2)
        raise
    workers = f"{count(len(threads), 'worker')}, {count(sum(threads.values()), 'thread')}"
    say(f"executor: {address} ({workers}); --workers is not used")
    return Cluster(executor=executor, threads=sum(threads.values()))


def _open_client(address: str) -> "distributed.Client":
    try:
        dask: Any = importlib.import_module("distributed")
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"--executor needs the package '{error.name}', which is not installed: "
            "pip install 'unroll-lab[cluster]'"
        ) from error
    check_answers(address)
    for name in ("distributed", "distributed.client", "tornado", "tornado.application"):
        # What goes wrong is told by us, once, and what is mended by itself is not told.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        # Versions are compared below, of what matters.
        warnings.simplefilter("ignore")
        try:
            client: distributed.Client = dask.Client(
                address, timeout=PATIENCE_SECONDS, set_as_default=False, name="unroll"
            )
        except Exception as error:
            raise not_a_scheduler(address) from error
    return client


def _await_workers(client: "distributed.Client", address: str, say: Say) -> dict[str, int]:
    """Return how many calls each worker runs at once, when there is a worker."""
    threads: dict[str, int] = client.nthreads()
    if not threads:
        say(
            f"executor: {address} has no workers yet; waiting for the first, which "
            f"'dask worker {address} --nthreads 1' starts; Ctrl-C ends"
        )
        # Who starts workers on demand sees a demand only in something to be run.
        wish = client.submit(os.getpid, pure=False)
    while not threads:
        if client.status != "running":
            raise ClusterError(f"executor: the scheduler at {address} was lost")
        with contextlib.suppress(TimeoutError):
            client.wait_for_workers(1, timeout=2)
        threads = client.nthreads()
        if threads:
            wish.release()
    return threads


def _check_versions(client: "distributed.Client") -> None:
    ours = local_facts()
    for worker, (kind, told) in _ask(client, b"").items():
        mismatch = describe_mismatch(worker, told, ours) if kind == "facts" else told
        if mismatch:
            raise as_refusal(mismatch, worker)


def _check_jobs(
    client: "distributed.Client",
    executor: "ClusterExecutor",
    jobs: Sequence[TrialJob | MeasurementJob],
    out: Path,
) -> None:
    """Have every worker load the cells of these jobs, and look for the files."""
    sources = {job.source for job in jobs if job.source is not None}
    cells = [executor.pack(source) for source in sources]
    measurements = [job for job in jobs if isinstance(job, MeasurementJob)]
    files = {
        Path(value).absolute()
        for job in measurements
        for name in _PATHS
        if isinstance(value := job.settings.get(name), str) and Path(value).exists()
    }
    has_folder = any(job.folder is not None for job in measurements)
    # What is built in is part of the code that has been compared.
    wanted = tuple(cell for cell in cells if cell.is_brought)
    if not (wanted or files or has_folder):
        return
    with _token(out) if has_folder else contextlib.nullcontext() as token:
        visible = (*sorted(files), *([token] if token else []))
        request = replace(executor.request(bool, visible=visible), cells=wanted)
        for worker, (kind, told) in _ask(client, pickle.dumps(request)).items():
            if kind == "refused":
                raise as_refusal(told, worker)
            if kind != "result":
                raise ClusterError(f"executor: the worker {worker} could not be asked: {told}")


@contextlib.contextmanager
def _token(out: Path) -> Iterator[Path]:
    """Make a file beside what `out` will be, which no other machine can have by chance."""
    place = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.is_dir())
    with tempfile.NamedTemporaryFile(dir=place, prefix=".unroll-", suffix=".token") as token:
        yield Path(token.name)


def _ask(client: "distributed.Client", data: bytes) -> dict[str, tuple[str, Any]]:
    """Return what every worker answers."""
    answers = client.run(make_waiting_caller(), _CHECK, data, on_error="return")
    return {
        worker: ("refused", f"{type(found).__name__}: {found}")
        if isinstance(found, BaseException)
        else found
        for worker, found in answers.items()
    }
