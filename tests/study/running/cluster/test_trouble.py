"""What a run on a cluster tells and keeps when workers, or the scheduler, come and go."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import unroll
from tests.study.running.cluster.clusters import LocalCluster, local_cluster
from tests.study.running.cluster.test_executor import (
    WAITS,
    Counting,
    jobs_of,
    own_cell,
    record,
    settings_of,
)
from tests.study.running.test_interruption import count_trials
from unroll.study.running.cluster.address import ClusterError
from unroll.study.running.cluster.connection import connect
from unroll.study.running.inline import InlineExecutor

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals"),
    pytest.mark.slow,
]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    """A scheduler of the test's own, without workers."""
    with local_cluster(tmp_path) as cluster:
        yield cluster


def once(action: Callable[[], object], condition: Callable[[], bool]) -> Callable[[], None]:
    """Return what does something when a condition holds for the first time."""
    left = [action]

    def look() -> None:
        if left and condition():
            left.pop()()

    return look


def test_a_run_waits_for_workers_and_says_so(cluster: LocalCluster, tmp_path: Path) -> None:
    jobs = jobs_of(settings_of("rnn", "gru"))
    here = record(jobs, tmp_path / "here", InlineExecutor())
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if "no workers yet" in line:
            cluster.add_worker()

    executor = connect(cluster.address, jobs, out=tmp_path, say=say).executor
    counting = Counting(executor, first_result=cluster.workers[0].kill)
    returns = once(cluster.add_worker, lambda: "last worker" in said[-1])
    assert record(jobs, tmp_path / "there", counting, returns) == here
    executor.shutdown()
    assert said == [
        f"executor: {cluster.address} has no workers yet; waiting for the first, which "
        f"'dask worker {cluster.address} --nthreads 1' starts; Ctrl-C ends",
        f"executor: {cluster.address} (1 worker, 1 thread); --workers is not used",
        f"executor: {cluster.address} has lost its last worker; waiting for another; Ctrl-C ends",
        f"executor: {cluster.address} has a worker again",
    ]


def test_a_lost_scheduler_ends_the_run_and_what_is_recorded_stays(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    flag, out = tmp_path / "flag", tmp_path / "there"
    jobs = jobs_of(settings_of("rnn"))[:1] + jobs_of(settings_of(own_cell(tmp_path, WAITS)))
    flag.touch()
    cluster.add_worker()
    executor = connect(cluster.address, jobs, out=tmp_path, say=lambda _: None).executor
    counting = Counting(executor, first_result=cluster.scheduler.kill)
    with pytest.raises(ClusterError) as lost:
        record(jobs, out, counting)
    executor.shutdown(cancel_futures=True)
    assert str(lost.value) == f"executor: the scheduler at {cluster.address} was lost"
    assert count_trials(out) == 1


def test_a_worker_with_other_code_that_comes_later_ends_the_run(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    shim = tmp_path / "shim"
    shutil.copytree(Path(unroll.__file__).parent, shim / "unroll")
    with (shim / "unroll" / "errors.py").open("a") as file:
        file.write("\n# another line\n")
    (tmp_path / "flag").touch()
    jobs = jobs_of(settings_of("rnn", "gru", own_cell(tmp_path, WAITS)))
    cluster.add_worker()
    executor = connect(cluster.address, jobs, out=tmp_path, say=lambda _: None).executor
    joins = once(lambda: cluster.add_worker(environment={"PYTHONPATH": str(shim)}), lambda: True)
    with pytest.raises(ClusterError) as refused:
        record(jobs, tmp_path / "there", executor, joins)
    executor.shutdown(cancel_futures=True)
    told = str(refused.value)
    assert told.startswith("executor: the worker tcp://127.0.0.1:")
    assert told.endswith(
        f" has other code of unroll {unroll.__version__} than this process: install the same"
    )
