"""A study on a cluster: the same numbers as here, whoever is killed on the way."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

import unroll
from tests.study.optimisers.test_plan import Silent
from tests.study.running.cluster.clusters import PATIENCE_SECONDS, LocalCluster, local_cluster
from tests.study.running.test_interruption import count_trials, wait_for_trials
from unroll.records import Store
from unroll.study.execute import RunOptions
from unroll.study.memory.plan import plan_memory
from unroll.study.memory.settings import MemorySettings
from unroll.study.run import run_command
from unroll.study.running.cluster.address import ClusterError
from unroll.study.running.cluster.connection import Cluster, connect
from unroll.study.running.inline import InlineExecutor
from unroll.study.running.runner import run_jobs
from unroll.study.running.trial_job import TrialJob

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")

Numbers = dict[str, tuple[str, str | None, str | None]]

OWN = """
import multiprocessing, os, pathlib, signal, time
from unroll.cells import RNN

class Own(RNN):
    def forward(self, x, state):
        flag = pathlib.Path({flag!r})
        if multiprocessing.parent_process() is not None:
            {there}
        return super().forward(x, state)
"""
KILLS = "{condition} and (flag.touch(), os.kill(os.getppid(), signal.SIGKILL))"
WAITS = "while flag.exists(): time.sleep(0.01)"


class Bounded(Silent):
    """Follows a run, and ends one that hangs; `then` is done at every tick."""

    def __init__(self, then: Callable[[], object]) -> None:
        self.then = then
        self.deadline = time.monotonic() + PATIENCE_SECONDS

    def tick(self) -> None:
        assert time.monotonic() < self.deadline, "the run did not end"
        self.then()


class Counting(Executor):
    """Notes what is sent on, and does something once the first result is in."""

    def __init__(self, inner: Executor, first_result: Callable[[], object] | None = None) -> None:
        self.inner = inner
        self.first_result = first_result
        self.sent: list[str] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.sent.append(args[0].key)
        future: Future[Any] = self.inner.submit(fn, *args, **kwargs)
        future.add_done_callback(self._take)
        return future

    def _take(self, _: Future[Any]) -> None:
        once, self.first_result = self.first_result, None
        if once is not None:
            once()


def settings_of(*cells: str) -> MemorySettings:
    """Return four short trials of two cells."""
    return MemorySettings(
        cells=cells, lengths=(3, 9), seeds=1, max_steps=40, hidden_size=16, batch_size=16
    )


def own_cell(folder: Path, there: str) -> str:
    """Write a cell that does something of its own in a worker's process only."""
    file = folder / "cells.py"
    file.write_text(OWN.format(flag=str(folder / "flag"), there=there))
    return f"{file}:Own"


def jobs_of(settings: MemorySettings) -> tuple[TrialJob, ...]:
    return plan_memory(settings).trials


def open_cluster(cluster: LocalCluster, jobs: Sequence[TrialJob], out: Path) -> Cluster:
    return connect(cluster.address, jobs, out=out, say=lambda _: None)


def nothing() -> None:
    """Do nothing."""


def record(
    jobs: Sequence[TrialJob], out: Path, executor: Executor, then: Callable[[], object] = nothing
) -> Numbers:
    """Run jobs, and return of each how it ended, with the hash of its weights, bit by bit."""
    with Store.create(out) as store:
        missing = [job for job in jobs if store.find_trial(job.key) is None]
        run_jobs(missing, store=store, executor=executor, watcher=Bounded(then))
        found = [store.find_trial(job.key) for job in jobs]
        return {t.key: (t.status, t.weights_sha256, t.error) for t in found if t is not None}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    with local_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def cluster(shared: LocalCluster) -> LocalCluster:
    """Two workers, whatever became of those before."""
    shared.fill(2)
    return shared


def test_a_cell_from_a_file_gives_the_same_numbers_on_workers_that_do_not_see_it(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    jobs = jobs_of(settings_of("gru", own_cell(tmp_path, "pass")))
    here = record(jobs, tmp_path / "here", InlineExecutor())
    with open_cluster(cluster, jobs, tmp_path).executor as executor:
        (tmp_path / "cells.py").unlink()
        there = record(jobs, tmp_path / "there", executor)
    assert {status for status, _, _ in here.values()} == {"budget"}
    assert there == here


def test_a_killed_worker_loses_and_repeats_no_recorded_trial(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    jobs = jobs_of(settings_of("rnn", "gru"))
    here = record(jobs, tmp_path / "here", InlineExecutor())
    executor = open_cluster(cluster, jobs, tmp_path).executor
    counting = Counting(executor, first_result=cluster.workers[0].kill)
    there = record(jobs, tmp_path / "there", counting)
    executor.shutdown()
    assert there == here
    # At most the one trial that the killed worker was at is sent again.
    assert len(jobs) <= len(counting.sent) <= len(jobs) + 1
    assert set(counting.sent) == set(here)


def test_a_trial_whose_worker_is_killed_under_it_is_run_again_elsewhere(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    own = own_cell(tmp_path, KILLS.format(condition="not flag.exists()"))
    jobs = jobs_of(settings_of(own))[:1] + jobs_of(settings_of("rnn"))
    here = record(jobs, tmp_path / "here", InlineExecutor())
    executor = open_cluster(cluster, jobs, tmp_path).executor
    counting = Counting(executor)
    there = record(jobs, tmp_path / "there", counting)
    cluster.wait_until_idle()
    executor.shutdown()
    assert there == here
    assert (tmp_path / "flag").exists()
    assert set(counting.sent) == set(here)
    assert len(counting.sent) == len(jobs) + 1


@pytest.mark.parametrize(
    ("sign", "code"),
    [(signal.SIGKILL, -9), pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow)],
)
def test_a_parent_that_is_ended_and_started_again_finishes_the_rest(
    cluster: LocalCluster, tmp_path: Path, sign: signal.Signals, code: int
) -> None:
    settings, out, flag = (
        settings_of("rnn", own_cell(tmp_path, WAITS)),
        tmp_path / "out",
        tmp_path / "flag",
    )
    jobs = jobs_of(settings)
    here = record(jobs, tmp_path / "here", InlineExecutor())
    flag.touch()
    words = [*settings.command(str(out)).split()[1:], "--executor", cluster.address]
    parent = subprocess.Popen(
        [sys.executable, "-m", "unroll.cli", *words],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for_trials(parent, out, 1)
    parent.send_signal(sign)
    _, errors = parent.communicate(timeout=PATIENCE_SECONDS)
    assert parent.returncode == code
    # The trials that wait for the flag would wait for ever: they are ended with their parent.
    cluster.wait_until_idle()
    flag.unlink()
    kept = count_trials(out)
    if sign == signal.SIGINT:
        assert errors.splitlines()[-1] == (
            f"interrupted: {kept} of {len(jobs)} trials are recorded in {out}; run the same "
            "command again to go on"
        )
    executor = open_cluster(cluster, jobs, tmp_path).executor
    counting = Counting(executor)
    assert record(jobs, out, counting) == here
    executor.shutdown()
    assert len(counting.sent) == len(jobs) - kept


def test_what_nobody_waits_for_ends_on_the_cluster(cluster: LocalCluster, tmp_path: Path) -> None:
    executor = open_cluster(cluster, (), tmp_path).executor
    futures = [executor.submit(time.sleep, 600) for _ in range(3)]
    cluster.wait_until_busy()
    executor.shutdown(cancel_futures=True)
    cluster.wait_until_idle()
    assert all(future.cancelled() for future in futures)


def test_a_worker_with_another_version_is_refused_before_anything_is_written(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    shim = tmp_path / "shim"
    shutil.copytree(Path(unroll.__file__).parent, shim / "unroll")
    (shim / "unroll" / "version.py").write_text('__version__ = "9.9.9"\n')
    worker = cluster.add_worker(environment={"PYTHONPATH": str(shim)})
    options = RunOptions(out=tmp_path / "out", workers=1, quiet=True, executor=cluster.address)
    with pytest.raises(ClusterError) as refused:
        run_command(settings_of("rnn"), options)
    cluster.remove(worker)
    told = str(refused.value)
    assert told.startswith("executor: the worker tcp://127.0.0.1:")
    assert told.endswith(
        f" has unroll 9.9.9, and this process {unroll.__version__}: install the same"
    )
    assert not options.out.exists()


def test_a_neighbour_of_a_cell_does_not_travel(cluster: LocalCluster, tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("")
    own = own_cell(tmp_path, "pass")
    file = tmp_path / "cells.py"
    file.write_text(f"import neighbour\n{file.read_text()}")
    jobs = jobs_of(settings_of(own))
    (tmp_path / "neighbour.py").unlink()
    with pytest.raises(ClusterError) as refused:
        open_cluster(cluster, jobs, tmp_path)
    worker = str(refused.value).rpartition(" ")[2].rstrip(")")
    assert str(refused.value) == (
        f"cell '{own}': {file} does not import: ModuleNotFoundError: No module named 'neighbour'; "
        "a cell's own file is sent, its neighbours are not: install neighbour there "
        f"(on the worker {worker})"
    )
    assert worker.startswith("tcp://127.0.0.1:")


@pytest.mark.slow
def test_a_trial_that_kills_every_worker_is_recorded_as_failed_and_the_others_go_on(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    # Twice one that it is sent to, and one to which Dask sends it by itself.
    cluster.fill(5)
    jobs = jobs_of(settings_of(own_cell(tmp_path, KILLS.format(condition="True"))))[:1]
    jobs += jobs_of(settings_of("rnn"))
    with open_cluster(cluster, jobs, tmp_path).executor as executor:
        there = record(jobs, tmp_path / "there", executor)
    killer, *others = (there[job.key] for job in jobs)
    status, _, error = killer
    assert status == "failed"
    assert error is not None
    assert error.startswith("the worker tcp://127.0.0.1:")
    assert error.endswith(" was lost, twice")
    assert [status for status, _, _ in others] == ["budget", "budget"]


@pytest.mark.slow
def test_one_worker_of_several_threads_and_a_nanny_gives_the_same_numbers(tmp_path: Path) -> None:
    jobs = jobs_of(settings_of("rnn", own_cell(tmp_path, "pass")))
    here = record(jobs, tmp_path / "here", InlineExecutor())
    with local_cluster(tmp_path) as cluster:
        cluster.add_worker("--nthreads", "4")
        with open_cluster(cluster, jobs, tmp_path).executor as executor:
            assert record(jobs, tmp_path / "there", executor) == here
