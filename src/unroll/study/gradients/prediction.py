"""Does the gradient at the start say which network will learn? Probes beside trials."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from unroll.study.gradients.outcomes import Prediction
from unroll.study.gradients.view import GradientView, Probe, cell_identity
from unroll.study.memory.view import SOLVED_ACCURACY, MemoryView, TrialView


def predict(
    gradients: Iterable[GradientView],
    memory: Sequence[MemoryView],
    labels: Mapping[str, str],
) -> list[Prediction]:
    """Return every untrained network looked at that was also trained at the same length.

    Gradients and outcomes are those of the same seeds. A network that several views look at is
    told once.
    """
    found: dict[tuple[object, ...], Prediction] = {}
    for view in gradients:
        for cell in view.cells:
            for name, probes in view.untrained(cell).items():
                start = _start(probes[0].settings)
                for way, trials in _trained(probes, memory).items():
                    found.setdefault(
                        (*start, way), _predict(labels[cell], name, way, probes, trials)
                    )
    return list(found.values())


def _trained(
    probes: Sequence[Probe], memory: Sequence[MemoryView]
) -> dict[str, Sequence[TrialView]]:
    """Return what came of these networks, by the way in which they were trained.

    Trials of two views differ in more than the seed and are never pooled: the view with the larger
    budget is taken, then the one with more of these seeds.
    """
    seeds, start = {probe.seed for probe in probes}, _start(probes[0].settings)
    found: dict[str, Sequence[TrialView]] = {}
    for view in memory:
        mine = [
            trial
            for trial in view.chosen
            if trial.accuracy is not None
            and trial.settings.seed in seeds
            and _start(trial.settings.as_dict()) == start
        ]
        if mine:
            way = _way(mine[0])
            found[way] = max(found.get(way, mine), mine, key=_weight)
    return found


def _weight(trials: Sequence[TrialView]) -> tuple[int, int]:
    return (trials[0].settings.max_steps, len(trials))


def _start(settings: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what a network is before training, but for its seed, and what it reads."""
    names = ("initialisation", "encoding", "hidden_size", "length", "task")
    return (*cell_identity(settings), *(settings[name] for name in names))


def _predict(
    label: str, name: str, way: str, probes: Sequence[Probe], trials: Sequence[TrialView]
) -> Prediction:
    received = {probe.seed: probe.received for probe in probes}
    return Prediction(
        cell=label,
        initialisation=name,
        encoding=trials[0].settings.encoding,
        length=trials[0].settings.length,
        way=way,
        gradients=tuple(received[trial.settings.seed] for trial in trials),
        accuracies=tuple(t.accuracy for t in trials if t.accuracy is not None),
        solved=sum(trial.is_solved for trial in trials),
        steps=tuple(_steps(trial) for trial in trials),
        part=probes[0].message,
    )


def _steps(trial: TrialView) -> int:
    """Return the first step of the curve, at full length, at which the length was solved."""
    begun = trial.record.lessons[-1][0] if trial.record.lessons else 0
    for point in trial.training:
        if point.step >= begun and point.accuracy >= SOLVED_ACCURACY:
            return point.step
    return trial.record.steps


def _way(trial: TrialView) -> str:
    if trial.settings.trained == "readout":
        return "readout only"
    return "by the curriculum" if trial.settings.curriculum else "at full length"
