"""What a step of a cell costs, in time and memory, against the length of the sequence: the job."""

import contextlib
import json
import os
import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from typing import IO, Any

import torch

from unroll.cells.source import CellSource
from unroll.engines import AUTO, ENGINES, find_engine
from unroll.errors import ConfigError
from unroll.study.bench.cost_process import MODES, CostTask
from unroll.study.bench.widths import count_parameters
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.pool import send_progress

KIND = "bench-cost"
LENGTHS = (10, 30, 100, 300, 1_000, 3_000, 10_000)
"""T, the lengths that are measured."""
REFERENCE = "lstm"
"""The cell that the others' times are told as multiples of."""
BATCH_SIZE = 4
"""B: few, so that a step's own cost shows; a plain loop takes as long for one as for a few."""
LIMIT_SECONDS = 900.0
"""After so long a measurement is ended; what is measured by then stands."""
_LIKE = 64
"""Sequences that take about as long as a few, where a step's own cost weighs most."""
_TIMES = 7
"""Steps at each length: one for its memory and five for its time with gradients, and as many
without, which take a fifth of the time."""
_LEAST_USES = {True: 800_000, False: 200_000}
"""A step on a few sequences takes as long as if so many parameters were used in it, by the plain
loop or by an engine: 100–300 µs forward and backward by the loop, whatever the cell."""
_BESIDE_LENGTHS = tuple(length for length in LENGTHS if length <= 1_000)
"""T for a cell's plain loop beside its engine: enough to compare it with another's."""
_PARALLEL, _PLAIN = "parallel", "plain"
_START = "from unroll.study.bench.cost_process import main; main()"


def cost_jobs(
    source: CellSource,
    hidden_size: int,
    *,
    lengths: Sequence[int] = LENGTHS,
    batch_size: int = BATCH_SIZE,
    input_size: int = 10,
    device: str = "cpu",
    initialisation: str = "own",
    engines: Sequence[str] = (),
    after: str | None = None,
) -> tuple[MeasurementJob, ...]:
    """Return the measurement of a cell by `engines`, or by the one that `auto` chooses for it.

    A cell that is scanned in parallel is then measured by the plain loop too. `after` is the key
    of the measurement to wait for: timings disturb each other, so that jobs stand one after
    another.

    Raises: ConfigError for lengths or a batch size below 1, or lengths that do not ascend.
    """
    wanted = sorted(set(lengths))
    if not wanted or wanted != list(lengths) or wanted[0] < 1:
        raise ConfigError(
            f"cost: lengths must be 1 or more and ascend, got {', '.join(map(str, lengths))}"
        )
    if batch_size < 1:
        raise ConfigError(f"cost: batch size must be 1 or more, got {batch_size}")
    jobs: list[MeasurementJob] = []
    for engine in engines or _engines(source, input_size, hidden_size):
        by = "" if engine == "auto" else f", {engine} loop"
        job = MeasurementJob(
            kind=KIND,
            measure=measure_cost,
            settings={
                "cell": source.spec,
                "cell_class": source.class_name,
                "cell_sha256": source.sha256,
                "hidden_size": hidden_size,
                "input_size": input_size,
                "batch_size": batch_size,
                "lengths": list(lengths),
                "initialisation": initialisation,
                "engine": engine,
                "device": device,
            },
            label=f"time and memory of {source.spec} up to T = {lengths[-1]:,}{by}",
            work=_work(source, hidden_size, input_size, lengths, engine),
            source=source,
            after=jobs[-1].key if jobs else after,
            steps=len(MODES) * len(lengths),
        )
        jobs.append(job)
    return tuple(jobs)


def measure_cost(job: MeasurementJob) -> dict[str, Any]:
    """Measure in a fresh process, one thread, and return every line that came of it.

    `lines`: for each mode and length `seconds` (a list, one a repetition: of the processor on a
    CPU), `wall_seconds`, `peak_bytes` and `engine`; or `problem`, in place of a length and all
    longer ones. `load`: how many processes wanted a core in the minute before, on average, out of
    `cores`; None where the system does not say. Nothing is raised where a cell breaks: the other
    cells' jobs wait for this one, and its `problem` says all.
    """
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    lines = []
    for line in _run(_task(job)):
        lines.append(line)
        send_progress(job.key, len(lines))
    return {"lines": lines, "load": load, "cores": os.cpu_count()}


def plain_loop_job(
    source: CellSource, hidden_size: int, *, initialisation: str, after: str | None
) -> MeasurementJob:
    """Return the measurement of a cell by the plain loop, at the shorter of the lengths."""
    (job,) = cost_jobs(
        source,
        hidden_size,
        lengths=_BESIDE_LENGTHS,
        initialisation=initialisation,
        engines=(_PLAIN,),
        after=after,
    )
    return job


def runs_plain(source: CellSource, hidden_size: int, input_size: int = 10) -> bool:
    """Return whether the plain loop is the engine that a cell is run by on a CPU."""
    with torch.random.fork_rng(devices=[]):
        cell = source.load()(input_size, hidden_size)
    return find_engine(cell, BATCH_SIZE, AUTO) is ENGINES[_PLAIN]


def _engines(source: CellSource, input_size: int, hidden_size: int) -> tuple[str, ...]:
    """Return the engines to measure a cell by."""
    parallel = ENGINES.get(_PARALLEL)
    if parallel is None:
        return ("auto",)
    with torch.random.fork_rng(devices=[]):
        cell = source.load()(input_size, hidden_size)
    return ("auto", "plain") if parallel.supports(cell) else ("auto",)


def _work(
    source: CellSource, hidden_size: int, input_size: int, lengths: Sequence[int], engine: str
) -> float:
    """Return about what all repetitions come to, in uses of a parameter.

    A step on a few sequences takes about as long as one on `_LIKE` of them.
    """
    parameters = count_parameters(source, input_size, hidden_size)
    is_plain = engine == _PLAIN or runs_plain(source, hidden_size, input_size)
    return float(max(parameters * _LIKE, _LEAST_USES[is_plain]) * _TIMES * sum(lengths))


def _task(job: MeasurementJob) -> CostTask:
    s = job.settings
    if job.source is None:
        raise ValueError(f"{job.label}: a measurement of cost needs a cell")
    return CostTask(
        source=job.source,
        hidden_size=s["hidden_size"],
        input_size=s["input_size"],
        batch_size=s["batch_size"],
        lengths=tuple(s["lengths"]),
        initialisation=s["initialisation"],
        engine=s["engine"],
        device=s["device"],
    )


def _run(task: CostTask) -> Iterator[dict[str, Any]]:
    """Yield the lines of a process that measures; the last says how it ended, if not well."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            # -P: no file of the directory that this happens to run in stands in for a module.
            [sys.executable, "-P", "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        timer = threading.Timer(LIMIT_SECONDS, process.kill)
        timer.start()
        try:
            _send(process.stdin, task)
            yield from _read(process.stdout)
            code = process.wait()
        finally:
            is_late = not timer.is_alive()
            timer.cancel()
            process.kill()
            process.wait()
        if code:
            yield {"problem": _reason(code, errors, is_late=is_late)}


def _send(stdin: IO[bytes] | None, task: CostTask) -> None:
    """Send the task; a process that ended before it read it says so by its code."""
    if stdin is None:
        raise ValueError("the process was started without a pipe to it")
    with contextlib.suppress(BrokenPipeError), stdin:
        pickle.dump(sys.path, stdin)
        pickle.dump(task, stdin)


def _read(stdout: IO[bytes] | None) -> Iterator[dict[str, Any]]:
    """Yield each line; a last one that was cut off is none."""
    if stdout is None:
        raise ValueError("the process was started without a pipe from it")
    with stdout:
        for line in stdout:
            if line.endswith(b"\n"):
                yield json.loads(line)


def _reason(code: int, errors: IO[bytes], *, is_late: bool) -> str:
    """Say in one line how the process ended."""
    if is_late:
        return f"ended after {LIMIT_SECONDS / 60:.0f} minutes"
    if code < 0:
        return f"its process was ended by signal {-code}, as it is where memory is short"
    errors.seek(0)
    said = errors.read().decode(errors="replace").strip().splitlines()
    return f"its process ended with code {code}{f': {said[-1]}' if said else ''}"
