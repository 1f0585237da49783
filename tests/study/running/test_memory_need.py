import ctypes
import gc
import os
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from torch.nn import functional

from unroll.cells.source import find_cell
from unroll.cli import main
from unroll.errors import ConfigError
from unroll.seeding import make_generator
from unroll.study.gradients.plan import plan_gradients
from unroll.study.gradients.settings import GradientSettings
from unroll.study.memory.plan import plan_memory
from unroll.study.memory.settings import MemorySettings
from unroll.study.running.memory_need import (
    OTHER_WIDTH,
    Needy,
    available_bytes,
    check_memory,
    probe_bytes,
    training_bytes,
)
from unroll.study.running.network import build_network
from unroll.tasks import make_task

GIB = 2**30
ABSURD = ["--seeds", "2", "--hidden-size", "8", "--workers", "2", "--quiet"]


@dataclass(frozen=True, kw_only=True)
class Job:
    what: str
    need_bytes: int


def set_free(monkeypatch: pytest.MonkeyPatch, free: int | None) -> None:
    monkeypatch.setattr("unroll.study.running.memory_need.available_bytes", lambda: free)


def test_what_fits_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [Job(what=name, need_bytes=4 * GIB) for name in "abc"]
    set_free(monkeypatch, 8 * GIB)
    check_memory(jobs, workers=2)
    check_memory([], workers=2)
    set_free(monkeypatch, None)
    check_memory(jobs, workers=3)


def test_only_what_runs_at_once_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    set_free(monkeypatch, 8 * GIB - 1)
    jobs = [Job(what="a", need_bytes=GIB), *[Job(what="b", need_bytes=4 * GIB)] * 2]
    check_memory(jobs, workers=1)
    with pytest.raises(ConfigError) as raised:
        check_memory(jobs, workers=2)
    assert str(raised.value) == (
        "memory: b needs about 4 GiB, 2 such at once 8 GiB, and 8 GiB are free: choose a shorter "
        "length, fewer sequences at once or fewer workers"
    )


def test_one_job_that_is_too_large_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    set_free(monkeypatch, 512)
    with pytest.raises(ConfigError) as raised:
        check_memory([Job(what="it", need_bytes=3 * GIB // 2)], workers=4)
    assert str(raised.value) == (
        "memory: it needs about 1.5 GiB, and 512 bytes are free: choose a shorter length, "
        "fewer sequences at once or fewer workers"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["memory", "--cells", "rnn", "--lengths", "50000000"],
            # A batch of 128 is trained on: 128 · 5e7 · (24 + 4 · (2 + 2 · 8)) bytes.
            "memory: rnn at T = 50000000 needs about 572 GiB, 2 such at once 1.12 TiB, and "
            "2 GiB are free: choose a shorter length, fewer sequences at once or fewer workers",
        ),
        (
            ["memory", "--cells", "rnn", "--lengths", "9", "--test-lengths", "50000000"],
            # 250 palindromes are tested: 5e7 · (250 · 24 + 24 + 4 · (2 + 2 · 8)) bytes.
            "memory: rnn at T = 50000000 needs about 284 GiB, 2 such at once 568 GiB, and "
            "2 GiB are free: choose a shorter length, fewer sequences at once or fewer workers",
        ),
        (
            ["gradients", "--cells", "rnn", "--inits", "uniform", "--length", "50000000"],
            # 32 palindromes: 32 · 5e7 · 8 · (4 + 24 · 8) bytes.
            "memory: gradients of rnn at T = 50000000, untrained, seed 0 needs about 2.28 TiB, "
            "2 such at once 4.56 TiB, and 2 GiB are free: choose a shorter length, fewer "
            "sequences at once or fewer workers",
        ),
    ],
)
def test_an_absurd_length_is_refused_before_anything_is_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    message: str,
) -> None:
    set_free(monkeypatch, 2 * GIB)
    out = tmp_path / "out"
    with pytest.raises(SystemExit) as ended:
        main([*words, *ABSURD, "--out", str(out)])
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"unroll: {message}\n"
    assert not out.exists()


def test_this_machine_says_what_is_free_and_tiny_studies_fit() -> None:
    memory = MemorySettings(cells=("rnn", "lstm", "gru"), lengths=(9,), hidden_size=8)
    gradients = GradientSettings(length=9, hidden_size=8)
    jobs: list[Needy] = [*plan_memory(memory).trials, *plan_gradients(gradients).measurements]
    free = available_bytes()
    assert free is None or free > 2**20
    assert all(0 < job.need_bytes < 2**28 for job in jobs)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "min-lstm", "own.py:Own"])
def test_the_need_grows_with_every_size(cell: str) -> None:
    sizes = {"B": 3, "T": 50, "D": 2, "H": 5}
    for name in sizes:
        larger = sizes | {name: 2 * sizes[name]}
        assert training_bytes(cell, **sizes) < training_bytes(cell, **larger)
        assert probe_bytes(**sizes) < probe_bytes(**larger)
    assert training_bytes(cell, **sizes) <= 3 * 50 * (24 + 4 * (2 * 2 + OTHER_WIDTH * 5))


RESET_PEAK = Path("/proc/self/clear_refs")


def read_status(name: str) -> int:
    """Return one of this process's sizes in bytes: VmRSS is held now, VmHWM was held at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(name)).split()[1])


def train_once(cell: str, engine: str, *, B: int, T: int, H: int) -> None:
    task = make_task("palindrome", T, "one-hot")
    model = build_network(
        find_cell(cell), task=task, initialisation="uniform", hidden_size=H, seed=0, engine=engine
    )
    batch = task.encode(task.sample(B, "training", make_generator(0, "batches")))
    loss = functional.cross_entropy(model(batch.inputs)[:, -1], batch.targets[:, 0])
    loss.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped


@pytest.mark.skipif(not os.access(RESET_PEAK, os.W_OK), reason="the system tells no peak")
@pytest.mark.parametrize(
    ("cell", "engine"),
    [
        *product(("rnn", "lstm", "gru"), ("auto", "plain", "torch")),
        *product(("peephole", "min-gru", "min-lstm", "linear", "bidirectional:gru"), ("auto",)),
    ],
)
def test_the_estimate_of_a_training_step_is_of_the_right_size(cell: str, engine: str) -> None:
    train_once(cell, engine, B=4, T=20, H=64)
    gc.collect()
    # What was freed and not given back would be taken again without being seen.
    ctypes.CDLL(None).malloc_trim(0)
    RESET_PEAK.write_text("5")
    before = read_status("VmRSS")
    train_once(cell, engine, B=128, T=400, H=64)
    taken = read_status("VmHWM") - before
    # Autograd and the allocator keep what they like: too little is worse than too much.
    estimate = training_bytes(cell, engine, B=128, T=400, D=10, H=64)
    assert 0.7 * taken < estimate < 10 * taken


@pytest.mark.parametrize(("cell", "gates"), [("rnn", 1), ("lstm", 4), ("gru", 3)])
def test_a_cell_too_wide_to_build_is_refused_before_it_is_built(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    cell: str,
    gates: int,
) -> None:
    settings = MemorySettings(cells=(cell,), lengths=(5,), hidden_size=10_000)
    (job, *_) = plan_memory(settings).trials
    # Parameters, gradients, the optimiser's state and the best so far, in float32.
    assert job.need_bytes > 4 * 4 * gates * 10_000**2
    set_free(monkeypatch, GIB)
    words = ["memory", "--cells", cell, "--hidden-size", "10000", "--out", str(tmp_path / "out")]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert f"{cell} at T = 30 needs about " in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
