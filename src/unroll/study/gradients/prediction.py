"""Does the gradient at the start say which network will learn? Probes beside trials."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from unroll.report.section import Block, Column, Prose, Table
from unroll.study.gradients.view import GradientView, Probe, arriving, power
from unroll.study.memory.view import SOLVED_ACCURACY, MemoryView, TrialView
from unroll.study.words import spread

CLEARLY = 10.0
"""A gradient counts as larger than another from this factor on."""


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What arrives at the first step before training, and what came of training."""

    cell: str
    """The cell as the report names it."""
    initialisation: str
    """How its parameters began."""
    encoding: str
    """How a digit entered."""
    length: int
    """T, of the sequences looked at and trained on."""
    way: str
    """How it was trained: `at full length`, `by the curriculum` or `readout only`."""
    gradients: tuple[float, ...]
    """‖∂L/∂h(1)‖ before training, one for each seed."""
    accuracies: tuple[float, ...]
    """After training, one for each seed."""
    solved: int
    """How many seeds solved it."""
    steps: tuple[int, ...]
    """Steps until training batches were answered, or all that were taken, one for each seed."""

    @property
    def gradient(self) -> float:
        """The median over seeds."""
        return statistics.median(self.gradients)

    @property
    def is_solved(self) -> bool:
        """Whether every seed solved it."""
        return self.solved == len(self.accuracies)

    @property
    def name(self) -> str:
        """The network in a few words."""
        return f"{self.cell.upper()} with `{self.initialisation}`"


def predict(
    gradients: Iterable[GradientView],
    memory: Sequence[MemoryView],
    labels: dict[str, str],
) -> list[Prediction]:
    """Return every untrained network looked at that was also trained at the same length."""
    found = []
    for view in gradients:
        for cell in view.cells:
            for name, probes in view.untrained(cell).items():
                trials = [t for m in memory for t in m.chosen if _is_of(t, probes[0])]
                for way in dict.fromkeys(_way(trial) for trial in trials):
                    mine = [t for t in trials if _way(t) == way and t.accuracy is not None]
                    if mine:
                        found.append(_predict(labels[cell], name, way, probes, mine))
    return found


def _predict(
    label: str, name: str, way: str, probes: Sequence[Probe], trials: Sequence[TrialView]
) -> Prediction:
    return Prediction(
        cell=label,
        initialisation=name,
        encoding=trials[0].settings.encoding,
        length=trials[0].settings.length,
        way=way,
        gradients=tuple(arriving(probes, "h")),
        accuracies=tuple(t.accuracy for t in trials if t.accuracy is not None),
        solved=sum(trial.is_solved for trial in trials),
        steps=tuple(_steps(trial) for trial in trials),
    )


def _steps(trial: TrialView) -> int:
    """Return the first step of the curve, at full length, at which the length was solved."""
    begun = trial.record.lessons[-1][0] if trial.record.lessons else 0
    for point in trial.training:
        if point.step >= begun and point.accuracy >= SOLVED_ACCURACY:
            return point.step
    return trial.record.steps


def _is_of(trial: TrialView, probe: Probe) -> bool:
    """Whether `trial` began as the network that was looked at, on sequences as long."""
    return all(
        getattr(trial.settings, name) == probe.settings[name]
        for name in ("cell", "initialisation", "encoding", "hidden_size", "length", "task")
    )


def _way(trial: TrialView) -> str:
    if trial.settings.trained == "readout":
        return "readout only"
    return "by the curriculum" if trial.settings.curriculum else "at full length"


def prediction_blocks(predictions: Sequence[Prediction]) -> list[Block]:
    """Return the table of gradients beside outcomes, and what follows from it."""
    if not predictions:
        return []
    ordered = sorted(predictions, key=lambda p: (p.length, p.encoding, -p.gradient, p.way))
    table = Table(
        columns=(
            Column(title="cell"),
            Column(title="initialisation"),
            Column(title="T", numeric=True),
            Column(title="‖∂L/∂h(1)‖ before training", numeric=True),
            Column(title="trained"),
            Column(title="accuracy", numeric=True),
            Column(title="solved"),
            Column(title="steps", numeric=True),
        ),
        rows=tuple(
            (
                p.cell,
                p.initialisation,
                p.length,
                power(p.gradients),
                p.way,
                spread(p.accuracies, "{:.3f}"),
                f"{p.solved} of {len(p.accuracies)}",
                spread(p.steps, "{:,.0f}"),
            )
            for p in ordered
        ),
        caption="The gradient that arrives at the first digit before training, beside what came "
        "of training at the same length: median over seeds (least–greatest).",
    )
    return [table, Prose(role="follows", text=_verdict(ordered))]


def _verdict(predictions: Sequence[Prediction]) -> str:
    """Say whether a larger gradient went with success, naming the clearest exception."""
    plain = [p for p in predictions if p.way == "at full length"]
    pairs = [
        (large, small)
        for large in plain
        for small in plain
        if (large.length, large.encoding) == (small.length, small.encoding)
        and not large.solved
        and small.is_solved
        and large.gradient > CLEARLY * small.gradient
    ]
    sentences = []
    if pairs:
        large, small = max(pairs, key=lambda pair: _ratio(*pair))
        sentences.append(
            "**The size of the gradient at the start does not by itself predict success.** "
            f"{large.name} receives {large.gradient:.1e} at the first of {large.length} digits "
            f"and ends at an accuracy of {spread(large.accuracies, '{:.3f}')} after "
            f"{spread(large.steps, '{:,.0f}')} steps at full length; {small.name} receives "
            f"{_size(small.gradient)} and is solved in {spread(small.steps, '{:,.0f}')} steps."
        )
    elif len(plain) > 1:
        sentences.append(
            "Among these networks none that received clearly more gradient failed where one that "
            "received less succeeded: here the gradient at the start and success go together."
        )
    sentences += [
        f"{p.name} solves it with its recurrence frozen as well: it is a memory before training "
        "begins, and needs no gradient through time."
        for p in predictions
        if p.way == "readout only" and p.is_solved
    ]
    for p in plain:
        helped = [q for q in predictions if q.way == "by the curriculum" and _same(p, q)]
        if not p.solved and any(q.is_solved for q in helped):
            sentences.append(
                f"{p.name} fails at full length and is solved by the curriculum from the same "
                "start: what was missing was not gradient but a way in."
            )
    return " ".join(sentences) or "Too few of these networks were trained to say."


def _same(p: Prediction, q: Prediction) -> bool:
    return (p.cell, p.initialisation, p.encoding, p.length) == (
        q.cell,
        q.initialisation,
        q.encoding,
        q.length,
    )


def _ratio(large: Prediction, small: Prediction) -> float:
    return large.gradient / small.gradient if small.gradient else float("inf")


def _size(gradient: float) -> str:
    return f"{gradient:.1e}" if gradient else "exactly 0 (underflow)"
