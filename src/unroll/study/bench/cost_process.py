"""Measure what a cell costs at each length, in a process of its own: one line of JSON a result.

A process of its own, because memory that another job left behind would be used again unseen, and
because a system that is short of memory ends the process, and with it nothing else.
"""

import contextlib
import ctypes
import json
import pickle
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from unroll.cells.source import CellSource
from unroll.errors import in_one_line
from unroll.models import SequenceClassifier
from unroll.probes.cost import PeakMemory, time_repeatedly
from unroll.seeding import make_generator
from unroll.study.bench.exponent import foresee
from unroll.study.running.memory_need import available_bytes, training_bytes
from unroll.study.running.network import build_network
from unroll.tasks import make_task

MODES = ("evaluation", "training")
"""A step without gradients, and one with: forward, loss and backward."""
LONGEST_STEP_SECONDS = 60.0
"""A length at which a step would take longer is left out."""
_SEEN_BYTES = 2**20
"""From so many bytes on, a measured peak tells what a longer sequence takes."""
_CLASSES = 10
StepOf: TypeAlias = Callable[[SequenceClassifier, Tensor, Tensor], Callable[[], object]]
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True)
class CostTask:
    """What is measured."""

    source: CellSource
    """Where the cell comes from."""
    hidden_size: int
    """H."""
    input_size: int
    """D, numbers at a step."""
    batch_size: int
    """B, sequences side by side."""
    lengths: tuple[int, ...]
    """T, in ascending order."""
    initialisation: str
    """How the parameters begin."""
    engine: str
    """The engine that runs the scan, or `auto`."""
    device: str
    """Where it is computed."""


def measure_lengths(task: CostTask) -> Iterator[dict[str, Any]]:
    """Yield what a step costs at each length, without gradients and then with.

    A line has `mode`, `length` and either `seconds` and `wall_seconds` (a list each, one a
    repetition), `peak_bytes` and `engine`, or `problem`. Once a length fails, or is foreseen to
    take too much time or memory, the longer ones are left out.
    """
    model = _build(task).to(task.device)
    engine = model.engine_for(task.batch_size)
    memory = PeakMemory(task.device)
    for mode in MODES:
        step_of = _evaluate if mode == "evaluation" else _train
        _warm_up(step_of, model, task)
        found: list[dict[str, Any]] = []
        for length in task.lengths:
            problem = _foresee(task, length, found)
            if not problem:
                line, problem = _measure(task, step_of, model, memory, length)
                found += [line] if line else []
            if problem:
                yield {"mode": mode, "length": length, "problem": problem}
                break
            yield {"mode": mode, "length": length, "engine": engine, **found[-1]}


def _warm_up(step_of: StepOf, model: SequenceClassifier, task: CostTask) -> None:
    """Take a short step, so that libraries have allocated what they keep.

    One that breaks will break again where it is measured, and is told of there.
    """
    with contextlib.suppress(Exception, SystemExit):
        step_of(model, *_sequences(task, task.lengths[0]))()


def _measure(
    task: CostTask,
    step_of: StepOf,
    model: SequenceClassifier,
    memory: PeakMemory,
    length: int,
) -> tuple[dict[str, Any], str]:
    """Return what one length costs, or nothing and why not."""
    try:
        step = step_of(model, *_sequences(task, length))
        peak = memory.measure(step)
        timings = time_repeatedly(step, device=task.device)
    except (Exception, SystemExit) as error:
        return {}, in_one_line(error)
    return {
        "length": length,
        "seconds": [timing.seconds for timing in timings],
        "wall_seconds": [timing.wall_seconds for timing in timings],
        "peak_bytes": peak,
    }, ""


def _foresee(task: CostTask, length: int, found: list[dict[str, Any]]) -> str:
    """Say why a length is left out before anything of it is allocated; empty where it is not."""
    free = available_bytes() if task.device == "cpu" else None
    need, seconds = _need(task, length, found)
    if free is not None and need > free:
        return f"it would need about {need / 2**20:,.0f} MiB, and {free / 2**20:,.0f} are free"
    if seconds > LONGEST_STEP_SECONDS:
        return (
            f"a step would take about {seconds:,.0f} s, and {LONGEST_STEP_SECONDS:.0f} s is the "
            "most that is waited for"
        )
    return ""


def _need(task: CostTask, length: int, found: list[dict[str, Any]]) -> tuple[float, float]:
    """Return about how many bytes and seconds a length takes, at the pace of the two before."""
    if not found:
        sizes = {"B": task.batch_size, "T": length, "D": task.input_size, "H": task.hidden_size}
        return float(training_bytes(task.source.spec, task.engine, **sizes)), 0.0
    peaks = {line["length"]: max(_SEEN_BYTES, line["peak_bytes"]) for line in found}
    seconds = {line["length"]: min(line["wall_seconds"]) for line in found}
    return foresee(peaks, length), foresee(seconds, length)


def _build(task: CostTask) -> SequenceClassifier:
    """Return the network that is measured, on one thread of a CPU."""
    return build_network(
        task.source,
        task=make_task("palindrome", 10, "one-hot"),
        initialisation=task.initialisation,
        hidden_size=task.hidden_size,
        seed=0,
        engine=task.engine,
    )


def _sequences(task: CostTask, length: int) -> tuple[Tensor, Tensor]:
    """Return one-hot symbols (B, T, D), and what is asked for after the last, (B,)."""
    generator = make_generator(0, f"cost {length}")
    symbols = torch.randint(task.input_size, (task.batch_size, length), generator=generator)
    targets = torch.randint(_CLASSES, (task.batch_size,), generator=generator)
    inputs = torch.eye(task.input_size)[symbols]
    return inputs.to(task.device), targets.to(task.device)


def _train(model: SequenceClassifier, inputs: Tensor, targets: Tensor) -> Callable[[], object]:
    """Return a step of training but for the update, which is the same at every length."""

    def step() -> None:
        for parameter in model.parameters():
            parameter.grad = None
        loss = functional.cross_entropy(model(inputs).squeeze(1), targets)
        loss.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped

    return step


def _evaluate(model: SequenceClassifier, inputs: Tensor, targets: Tensor) -> Callable[[], object]:
    """Return a step without gradients."""

    @torch.no_grad()
    def step() -> float:
        return float(functional.cross_entropy(model(inputs).squeeze(1), targets))

    return step


def main() -> None:
    """Read a pickled `CostTask`, and the parent's module search path, and write the lines."""
    if sys.platform == "linux":
        # Ends with the worker that asks, however that one ended.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    path: list[str] = pickle.load(sys.stdin.buffer)
    sys.path += [place for place in path if place not in sys.path]
    task: CostTask = pickle.load(sys.stdin.buffer)
    # What a user's cell prints must not come among the lines.
    out, sys.stdout = sys.stdout, sys.stderr
    torch.set_num_threads(1)
    for line in measure_lengths(task):
        print(json.dumps(line), file=out, flush=True)
