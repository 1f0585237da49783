"""Views with made-up numbers, for tests of how gradients and further training are told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.study.made_up import trial_record
from unroll.records import EvaluationRecord
from unroll.study.gradients.view import GradientView, Probe
from unroll.study.memory.view import MemoryView, TrialView
from unroll.study.running.trial import TrialSettings

CURRICULUM = {"start": 4, "factor": 1.3, "accuracy": 0.998, "window": 10}
T = 6


def probe(
    cell: str,
    initialisation: str = "uniform",
    seed: int = 0,
    *,
    norms: Sequence[float] = (0.1, 0.2, 0.3, 0.4, 0.5),
    difference: float | None = 1e-15,
    steps_difference: float = 1e-16,
    largest_gradient: float = 0.5,
    radius: float = 0.5,
    decay: float = 0.5,
    accuracy: float | None = None,
    **settings: Any,
) -> Probe:
    """Return a look at one network of T = 6: gradients arrive at five steps."""
    steps = len(norms)
    by_time = {"h": list(norms)} | ({"c": [2 * n for n in norms]} if cell == "lstm" else {})
    asked = {
        "cell": cell,
        "initialisation": initialisation,
        "seed": seed,
        "condition": "untrained",
        "encoding": "scalar",
        "hidden_size": 8,
        "length": T,
        "task": "palindrome",
        "trial": None,
    }
    return Probe(
        settings=asked | settings,
        values={
            "loss_nats": 2.3,
            "max_abs_difference": difference,
            "steps_difference": steps_difference,
            "largest_gradient": largest_gradient,
            "by_time": by_time,
            "per_step": {"cell.weight_h": [0.0, *norms[1:]]},
            "decay_per_step": dict.fromkeys(by_time, decay),
            "jacobian": {
                "log10_norms": [-1.0 * k for k in range(steps)][::-1],
                "decay_measured": decay,
                "spectral_radius": radius,
                "mean_slope": 0.8,
            }
            if cell == "rnn"
            else None,
        },
        accuracy=accuracy,
    )


def gradient_view(probes: Sequence[Probe], **protocol: Any) -> GradientView:
    shared = {
        "recipe": "assignment",
        "task": "palindrome",
        "length": T,
        "sequences": 2,
        "encoding": "scalar",
        "hidden_size": 8,
    }
    return GradientView(
        protocol=shared | protocol,
        probes=tuple(probes),
        failures=(),
        missing=0,
        commands=("unroll gradients",),
    )


def trial(
    cell: str,
    tested: Mapping[int, float],
    *,
    length: int = T,
    seed: int = 0,
    lessons: tuple[tuple[int, int], ...] = (),
    **settings: Any,
) -> TrialView:
    """Return a trial that reached these accuracies at these lengths."""
    record = trial_record(cell, length, seed)
    chosen = replace(TrialSettings(**record.settings), **settings)
    return TrialView(
        settings=chosen,
        record=replace(record, key=chosen.key, settings=chosen.as_dict(), lessons=lessons),
        best={
            n: EvaluationRecord(
                weights="best",
                length=n,
                accuracy=accuracy,
                loss_nats=1.0,
                count=10_000,
                held_out=n > 8,
                seconds=0.1,
            )
            for n, accuracy in tested.items()
        },
        final={},
        training=(),
        validation=(),
    )


def memory_view(trials: Sequence[TrialView], **protocol: Any) -> MemoryView:
    shared: dict[str, Any] = {
        "recipe": "assignment",
        "curriculum": None,
        "by_cell": {},
        "trained": "all",
    }
    command = f"unroll memory {protocol}"
    return MemoryView(
        trials=tuple(trials), protocol=shared | protocol, missing=0, commands=(command,)
    )


def learned_view(
    tested: Sequence[Mapping[int, float]],
    *,
    cell: str = "rnn",
    length: int = 10,
    lessons: tuple[tuple[int, int], ...] = ((1, 4), (50, 10)),
    **settings: Any,
) -> MemoryView:
    """Return networks trained by recipe `learned`, one a seed."""
    chosen = {"encoding": "one-hot", "initialisation": "identity:1", "curriculum": CURRICULUM}
    trials = [
        trial(cell, found, length=length, seed=seed, lessons=lessons, **(chosen | settings))
        for seed, found in enumerate(tested)
    ]
    return memory_view(
        trials,
        recipe="learned",
        curriculum=trials[0].settings.curriculum,
        trained=trials[0].settings.trained,
    )
