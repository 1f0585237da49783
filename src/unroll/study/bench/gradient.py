"""How much of the loss's gradient arrives at each step of a cell: the job."""

from collections.abc import Sequence
from typing import Any

import torch

from unroll.cells import is_causal
from unroll.cells.source import BUILT_IN, CellSource
from unroll.errors import CellError, in_one_line
from unroll.probes import backpropagate, decay_per_step
from unroll.study.bench.widths import build
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.memory_need import probe_bytes
from unroll.study.running.probed import load_probed
from unroll.study.running.trial_job import TrialJob

KIND = "bench-gradient"
TASK = "palindrome"
"""What is read: one digit is asked for, after the last step."""
LENGTH = 100
"""T of the palindromes that are read, trained or not."""
_TRIED_INPUTS, _TRIED_UNITS = 10, 8
"""D and H at which a step is tried before anything is written."""
SEQUENCES = 32
"""Palindromes that the norm is averaged over."""


def why_no_gradient(source: CellSource) -> str:
    """Say why a cell has no gradient over time; empty where it has one."""
    if is_causal(source.load()):
        return _why_not_double(source)
    return (
        f"{source.spec} reads from both ends: every step is the first of one half and near the "
        "loss in the other, so that no one norm tells how far back the gradient goes"
    )


def _why_not_double(source: CellSource) -> str:
    """Say why a cell of the user cannot be looked at in float64; empty where it can.

    What it breaks with at any dtype is found, and told of, where it is trained.
    """
    if source.spec in BUILT_IN:
        return ""
    problems = {dtype: _step_problem(source, dtype) for dtype in (torch.float32, torch.float64)}
    if problems[torch.float32] or not problems[torch.float64]:
        return ""
    return (
        f"it is measured in float64, and there a step fails: {problems[torch.float64]}; "
        f"`unroll check {source.spec}` says more"
    )


def _step_problem(source: CellSource, dtype: torch.dtype) -> str:
    """Return what two steps of a small cell in a dtype fail with; empty where they do not."""
    try:
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            cell: Any = build(source, _TRIED_INPUTS, _TRIED_UNITS).to(dtype)
            state = cell.initial_state(1)
            for _ in range(2):
                _, state = cell(torch.zeros(1, _TRIED_INPUTS, dtype=dtype), state)
    except (Exception, SystemExit) as error:
        return in_one_line(error)
    return ""


def gradient_jobs(
    source: CellSource,
    hidden_size: int,
    seeds: Sequence[int],
    *,
    initialisation: str = "own",
    length: int = LENGTH,
    sequences: int = SEQUENCES,
    encoding: str = "one-hot",
    trials: Sequence[TrialJob] = (),
) -> tuple[MeasurementJob, ...]:
    """Return a look at each untrained network, and at each of `trials` when it is trained.

    `trials` are trainings of this cell on palindromes of this encoding. None for a cell that reads
    from both ends.
    """
    if why_no_gradient(source):
        return ()
    shared = {
        "cell": source.spec,
        "cell_class": source.class_name,
        "cell_sha256": source.sha256,
        "task": TASK,
        "length": length,
        "sequences": sequences,
        "encoding": encoding,
        "hidden_size": hidden_size,
    }
    looks: list[tuple[dict[str, Any], str, str | None]] = [
        ({"initialisation": initialisation, "seed": seed, "trained_at": None}, "untrained", None)
        for seed in seeds
    ]
    for trial in trials:
        s = trial.settings
        trained = {"initialisation": s.initialisation, "seed": s.seed, "trained_at": s.length}
        looks.append(({**trained, "trial": trial.key}, "trained", trial.key))
    D = 1 if encoding == "scalar" else 10
    return tuple(
        MeasurementJob(
            kind=KIND,
            measure=measure_gradient,
            settings={**shared, **own},
            label=f"gradient of {source.spec} at T = {length}, {condition}, seed {own['seed']}",
            # One step's graph at a time: what is kept are the states, in float64.
            need_bytes=probe_bytes(B=sequences, T=length, D=D, H=hidden_size),
            source=source,
            needs=needs,
        )
        for own, condition, needs in looks
    )


def measure_gradient(job: MeasurementJob) -> dict[str, Any]:
    """Return `by_time`, `factor` and `share` by part of the state, and `loss_nats`, in float64.

    `by_time`: the mean over sequences of ‖∂ℓ/∂s(t)‖, t = 1 … T − 1. `factor`: by which it changes
    with each step back. `share`: of what leaves at the last step, how much arrives at the first;
    None where nothing leaves.

    Raises: CellError when the gradient is not finite.
    """
    model, batch = load_probed(job)
    passed = backpropagate(model, batch)
    messages = {part: norms.mean(1) for part, norms in passed.messages.items()}
    if not all(torch.isfinite(norms).all() for norms in messages.values()):
        raise CellError("its gradient is not finite")
    return {
        "by_time": {part: norms.tolist() for part, norms in messages.items()},
        "factor": {part: decay_per_step(norms.log()) for part, norms in messages.items()},
        "share": {
            part: float(norms[0] / norms[-1]) if norms[-1] else None
            for part, norms in messages.items()
        },
        "loss_nats": passed.loss_nats,
    }
