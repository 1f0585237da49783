"""Question 1.5: what each gate does over a palindrome, before and after training."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from unroll.models import SequenceClassifier
from unroll.probes import check_parameters, gate_activity, time_constants
from unroll.records.schema import finite_or_none
from unroll.seeding import make_generator
from unroll.study.gates.settings import GateSettings
from unroll.study.memory.plan import plan_memory
from unroll.study.running.checkpoint import unpack_weights
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.network import build_model
from unroll.study.running.plan import Plan
from unroll.study.running.trial import TrialSettings
from unroll.study.running.trial_job import TrialJob
from unroll.study.words import count
from unroll.tasks import make_task

LOOKED_AT = 500
"""Palindromes over which gates are averaged, or all where there are fewer."""
PARAMETER_DRAWS = 20
"""Random sizes (n, d, K) at which the parameter formula is held against the model."""
KEEP_GATE = {"lstm": "f", "gru": "z"}
"""The gate that says which share of its state a unit keeps."""
MEMORY = {"lstm": "c", "gru": "h"}
"""The part of the state that the keep gate keeps."""
MAPPED = {"lstm": ("i", "f", "o", "g", "c"), "gru": ("r", "z", "n", "h")}
"""What is drawn of each cell, in this order."""
SILENCED = ("written", "kept")
"""What is taken away from a step, to see whether the other alone carries the digit."""
CLOSED, OPEN = 0.1, 0.9
"""Below the first a gate counts as closed, above the second as open."""


def plan_gates(settings: GateSettings) -> Plan:
    """Return the trials of the same memory study, and a look into each of their networks.

    Raises: ConfigError in one line.
    """
    memory = plan_memory(settings.as_memory())
    looks = tuple(_look_into(trial, settings.digits) for trial in memory.trials)
    recipe = settings.as_memory().resolve_recipe()
    return Plan(
        kind="gates",
        settings=settings,
        protocol={**memory.protocol, "length": settings.length, "digits": settings.digits},
        trials=memory.trials,
        measurements=(*looks, _parameters_job()),
        intention=(
            f"gates: {', '.join(settings.cells)} at T = {settings.length}; "
            f"{count(settings.seeds, 'seed')}; recipe {settings.recipe}, at most "
            f"{count(recipe.max_steps, 'step')}; each network before and after training",
        ),
    )


def measure_gates(job: MeasurementJob) -> dict[str, Any]:
    """Look into one network, as it began and with the parameters of its best validation."""
    settings = TrialSettings(**job.settings["trial"])
    if job.source is None or job.weights is None:
        raise ValueError(f"{job.label}: a cell and the weights of its trial are needed")
    task = make_task(settings.task, settings.length, settings.encoding)
    generator = make_generator(0, f"gates {settings.task} {settings.length}")
    sequences = task.distinct(job.settings["count"], "evaluation", generator)
    given = job.settings["digits"]
    example = torch.tensor([[int(digit) for digit in given]]) if given else sequences[-1:]
    model = build_model(settings, job.source)
    inputs = task.encode(sequences).inputs
    before = _look(model, settings.cell, sequences, inputs)
    model.load_state_dict(unpack_weights(job.weights, "best"))
    seen = task.encode(example).inputs
    activity = gate_activity(model, seen)
    with torch.no_grad():
        answer = int(model(seen)[0, -1].argmax())
    return {
        "count": len(sequences),
        "held_out": task.held_out,
        "before": before,
        "after": _look(model, settings.cell, sequences, inputs),
        "palindrome": example[0].tolist(),
        "answer": answer,
        "maps": {name: _rounded(activity[name][0].T) for name in MAPPED[settings.cell]},
    }


def measure_parameters(job: MeasurementJob) -> dict[str, Any]:
    """Hold the parameter formula against models of random sizes."""
    return {"rows": [asdict(row) for row in check_parameters(**job.settings)]}


def _look_into(trial: TrialJob, digits: str | None) -> MeasurementJob:
    s = trial.settings
    # All that the six tensors hold of each step, once by step and once stacked.
    need_bytes = 2 * 6 * 4 * LOOKED_AT * s.length * s.hidden_size
    return MeasurementJob(
        kind="gates",
        measure=measure_gates,
        settings={"trial": s.as_dict(), "digits": digits, "count": LOOKED_AT},
        label=f"gates of {trial.label}",
        need_bytes=need_bytes,
        source=trial.source,
        needs=trial.key,
    )


def _parameters_job() -> MeasurementJob:
    return MeasurementJob(
        kind="parameters",
        measure=measure_parameters,
        settings={"count": PARAMETER_DRAWS, "seed": 0},
        label="parameters of rnn, lstm and gru",
    )


@torch.no_grad()
def _look(
    model: SequenceClassifier, cell: str, sequences: Tensor, inputs: Tensor
) -> dict[str, Any]:
    """Return what the gates do over these palindromes, and where the first digit is found.

    The keep gate counts from step 2 on: at step 1 there is nothing to keep.
    Shapes: sequences (N, T) digits, inputs (N, T − 1, D).
    """
    activity = gate_activity(model, inputs)
    keep = activity[KEEP_GATE[cell]][:, 1:]
    memory, written = activity[MEMORY[cell]], _written(activity)
    first = sequences[:, 0]
    steps = range(inputs.shape[1])
    return {
        "accuracy": _right(model(inputs)[:, -1].argmax(-1), sequences),
        "gates": {name: _describe(values) for name, values in activity.items()},
        "keep": _rounded(keep.mean((0, 1)), 6),
        "time_constants": [
            finite_or_none(float(f"{tau:.4g}")) for tau in time_constants(keep.double()).tolist()
        ],
        "kept": _rounded(keep.prod(1).mean(0), 4),
        "silenced": [
            {"silent": silent, "from": start, "accuracy": _right(answered, sequences)}
            for silent in SILENCED
            for start in sorted({2, max(2, sequences.shape[1] // 2)})
            for answered in [answers_silenced(model, inputs, silent, start)]
        ],
        "digit_share": _rounded(explained_share(memory[:, -1], first), 4),
        "by_step": {
            "memory_first": [_mean_share(memory[:, t], first) for t in steps],
            "written_first": [_mean_share(written[:, t], first) for t in steps],
            "written_read": [_mean_share(written[:, t], sequences[:, t]) for t in steps],
        },
    }


def answers_silenced(model: SequenceClassifier, inputs: Tensor, silent: str, start: int) -> Tensor:
    """Return what the network answers when, from step `start` on, nothing is written, or kept.

    The gates themselves are as they would be. Shapes: inputs (N, T − 1, D) -> (N,).
    """
    cell: Any = model.cell
    state = cell.initial_state(len(inputs))
    for step, x in enumerate(inputs.unbind(1), start=1):
        gates = cell.gates_at(x, state)
        if step < start:
            _, state = cell(x, state)
        elif silent == "written":
            state = _shown(gates, state, _held(gates, state))
        else:
            state = _shown(gates, state, _written(gates._asdict()))
    scores: Tensor = state.h @ model.weight_p.T + model.bias_p
    return scores.argmax(-1)


def _held(gates: Any, state: Any) -> Tensor:
    """Return what is left of the memory: f ⊙ c of an LSTM, z ⊙ h of a GRU."""
    held: Tensor = gates.f * state.c if hasattr(gates, "f") else gates.z * state.h
    return held


def _shown(gates: Any, state: Any, memory: Tensor) -> Any:
    """Return the state whose memory is `memory`, seen through the output gate if there is one."""
    if hasattr(gates, "o"):
        return state._replace(h=gates.o * torch.tanh(memory), c=memory)
    return state._replace(h=memory)


def _right(answers: Tensor, sequences: Tensor) -> float:
    """Return the share of answers that are the last digit."""
    return (answers == sequences[:, -1]).double().mean().item()


def _written(activity: dict[str, Tensor]) -> Tensor:
    """Return what each step adds to the memory: i ⊙ g of an LSTM, (1 − z) ⊙ n of a GRU."""
    if "g" in activity:
        return activity["i"] * activity["g"]
    return (1 - activity["z"]) * activity["n"]


def _mean_share(values: Tensor, classes: Tensor) -> float:
    """Return the share of variance that the classes explain, mean over units."""
    return round(explained_share(values, classes).mean().item(), 4)


def explained_share(values: Tensor, classes: Tensor) -> Tensor:
    """Return the share of each unit's variance that lies between classes, not within them.

    With N values in K classes, values that know nothing of their class have (K − 1)/(N − 1) on
    average. It is 0 where a unit does not vary.

    Shapes: values (N, H), classes (N,) integers -> (H,).

    >>> values = torch.tensor([[0.0, 1.0], [0.0, 2.0], [1.0, 1.0], [1.0, 2.0]])
    >>> explained_share(values, torch.tensor([3, 3, 7, 7])).tolist()
    [1.0, 0.0]
    """
    centred = values.double() - values.double().mean(0)
    members = functional.one_hot(classes).double()
    # A class that nothing belongs to has a sum of 0, whatever it is divided by.
    counts = members.sum(0).clamp(min=1).unsqueeze(1)
    between = ((members.T @ centred).square() / counts).sum(0)
    total = centred.square().sum(0)
    return torch.where(total > 0, between / total, 0.0)


def _describe(values: Tensor) -> dict[str, Any]:
    """Return what one gate does over all palindromes (N, T − 1, H)."""
    return {
        "mean": _rounded(values.mean((0, 2)), 4),
        "size": _rounded(values.abs().mean((0, 2)), 4),
        "most": round(values.abs().max().item(), 4),
        "negative": round((values < 0).double().mean().item(), 4),
        "closed": round((values < CLOSED).double().mean().item(), 4),
        "open": round((values > OPEN).double().mean().item(), 4),
    }


def _rounded(values: Tensor, digits: int = 3) -> Any:
    """Return a tensor as nested lists of numbers as short as they are to be read."""
    return _round_all(values.tolist(), digits)


def _round_all(values: Sequence[Any] | float, digits: int) -> Any:
    if isinstance(values, float | int):
        return round(values, digits)
    return [_round_all(value, digits) for value in values]
