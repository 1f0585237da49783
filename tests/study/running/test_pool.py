import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from unroll.study.running.pool import WorkerLostError, WorkerPool, send_progress


def square(x: int) -> int:
    return x * x


def fail(message: str) -> None:
    raise ValueError(message)


def die_once(flag: Path) -> str:
    if not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "survived"


def tell_progress(key: str) -> int:
    for step in range(3):
        send_progress(key, step)
    return os.getpid()


def blas_threads() -> str | None:
    return os.environ.get("OPENBLAS_NUM_THREADS")


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2) as pool:
        yield pool


def test_calls_are_answered_like_those_of_any_executor(pool: WorkerPool) -> None:
    assert list(pool.map(square, range(6))) == [0, 1, 4, 9, 16, 25]


@pytest.mark.parametrize(("given", "threads"), [(None, "1"), ("3", "3")])
def test_numpy_has_one_thread_in_a_worker_unless_the_user_says_another(
    monkeypatch: pytest.MonkeyPatch, given: str | None, threads: str
) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    if given:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", given)
    with WorkerPool(1) as pool:
        assert pool.submit(blas_threads).result() == threads


def test_an_exception_reaches_the_caller_and_the_worker_lives_on(pool: WorkerPool) -> None:
    with pytest.raises(ValueError, match=r"^seven$"):
        pool.submit(fail, "seven").result()
    assert pool.submit(square, 3).result() == 9


def test_a_killed_worker_fails_only_its_own_call(pool: WorkerPool, tmp_path: Path) -> None:
    lost = pool.submit(die_once, tmp_path / "flag")
    others = [pool.submit(square, n) for n in range(8)]
    with pytest.raises(WorkerLostError, match=r"^its worker process ended \(signal SIGKILL\)$"):
        lost.result()
    assert [other.result() for other in others] == [n * n for n in range(8)]
    assert pool.submit(die_once, tmp_path / "flag").result() == "survived"


def test_progress_comes_through_in_order(pool: WorkerPool) -> None:
    pid = pool.submit(tell_progress, "a trial").result()
    assert pid != os.getpid()
    assert list(pool.progress()) == [("a trial", 0), ("a trial", 1), ("a trial", 2)]


def test_progress_is_nobodys_business_outside_a_worker() -> None:
    send_progress("key", 1)


def test_a_pool_that_is_shut_down_takes_no_more_calls() -> None:
    pool = WorkerPool(1)
    pool.shutdown()
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(square, 1)


def test_cancelling_ends_running_calls_and_drops_waiting_ones() -> None:
    pool = WorkerPool(1)
    running = pool.submit(time.sleep, 600)
    waiting = pool.submit(square, 2)
    while not running.running():
        time.sleep(0.01)
    pool.shutdown(cancel_futures=True)
    assert waiting.cancelled()
    assert isinstance(running.exception(), WorkerLostError)


@pytest.mark.skipif(sys.platform != "linux", reason="reads process states from /proc")
def test_workers_end_within_two_seconds_of_a_killed_parent() -> None:
    program = textwrap.dedent(
        """
        import os, time
        from unroll.study.running.pool import WorkerPool
        if __name__ == "__main__":
            pool = WorkerPool(2)
            print(*pool.map(int, [os.getpid()]), flush=True)
            pids = [pool.submit(os.getpid).result() for _ in range(8)]
            busy = [pool.submit(sum, range(10**12)) for _ in range(2)]
            while not all(call.running() for call in busy):
                time.sleep(0.01)
            print(*sorted({p.pid for p in pool._processes.values()}), flush=True)
            time.sleep(600)
        """
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    parent.stdout.readline()
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    assert workers
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 2
    while any(map(_is_alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [pid for pid in workers if _is_alive(pid)]


def _is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()
