"""The gradient at the start of networks beside what came of training them, told."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from unroll.report.section import Block, Column, Prose, Table
from unroll.study.gradients.view import power
from unroll.study.words import join, spread

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
    """‖∂L/∂s(1)‖ before training, one for each seed, of the state's part s."""
    accuracies: tuple[float, ...]
    """After training, one for each seed."""
    solved: int
    """How many seeds solved it."""
    steps: tuple[int, ...]
    """Steps until training batches were answered, or all that were taken, one for each seed."""
    part: str = "h"
    """The part of the state at which the gradients arrive."""

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


def prediction_blocks(predictions: Sequence[Prediction], beside_accuracy: str = "") -> list[Block]:
    """Return the table of gradients beside outcomes, and what follows from it and from 1.6."""
    if not predictions:
        return []
    ordered = sorted(predictions, key=lambda p: (p.length, p.encoding, -p.gradient, p.way))
    parts = dict.fromkeys(f"‖∂L/∂{p.part}(1)‖" for p in ordered)
    table = Table(
        columns=(
            Column(title="cell"),
            Column(title="initialisation"),
            Column(title="T", numeric=True),
            Column(title=f"{join(parts)} before training", numeric=True),
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
    told = [_verdict(ordered), *([beside_accuracy] if beside_accuracy else [])]
    return [table, Prose(role="follows", text="\n\n".join(told))]


def _verdict(predictions: Sequence[Prediction]) -> str:
    """Say whether a larger gradient went with success, naming the clearest exception."""
    plain = [p for p in predictions if p.way == "at full length"]
    sentences = []
    if against := _pairs(plain, more_is_solved=False):
        large, small = max(against, key=lambda pair: _ratio(*pair))
        sentences.append(
            "**The size of the gradient at the start does not by itself predict success.** "
            f"{large.name} receives {large.gradient:.2g} at the first of {large.length} digits "
            f"and ends at an accuracy of {spread(large.accuracies, '{:.3f}')} after "
            f"{spread(large.steps, '{:,.0f}')} steps at full length; {small.name} receives "
            f"{_size(small.gradient)} and is solved in {spread(small.steps, '{:,.0f}')} steps."
        )
    elif _pairs(plain, more_is_solved=True):
        sentences.append(
            "Among these networks none that received clearly more gradient failed where one that "
            "received less succeeded: here the gradient at the start and success go together."
        )
    elif len(plain) > 1:
        sentences.append(_undecided(plain))
    sentences += [
        f"{p.name} solves it with its recurrence frozen as well: it is a memory before training "
        "begins, and needs no gradient through time."
        for p in predictions
        if p.way == "readout only" and p.is_solved
    ]
    for p in plain:
        sentences += [
            f"{p.name} is not solved at full length within {spread(p.steps, '{:,.0f}')} steps and "
            f"is solved by the curriculum in {spread(q.steps, '{:,.0f}')}: one start and one "
            "gradient there, two outcomes."
            for q in predictions
            if q.way == "by the curriculum" and _same(p, q) and q.is_solved and not p.solved
        ]
    return " ".join(sentences) or "Too few of these networks were trained to say."


def _pairs(
    plain: Sequence[Prediction], *, more_is_solved: bool
) -> list[tuple[Prediction, Prediction]]:
    """Return the pairs of which one received clearly more, and one is solved, the other never."""
    return [
        (large, small)
        for large in plain
        for small in plain
        if (large.length, large.encoding) == (small.length, small.encoding)
        and large.gradient > CLEARLY * small.gradient
        and (large if more_is_solved else small).is_solved
        and not (small if more_is_solved else large).solved
    ]


def _undecided(plain: Sequence[Prediction]) -> str:
    """Say why these networks do not tell whether the gradient decides."""
    if all(p.is_solved for p in plain):
        why = "all of them are solved at full length"
    elif not any(p.solved for p in plain):
        why = "none of them is solved at full length"
    else:
        why = (
            "no two of the same length, one solved and the other not, receive gradients that "
            f"differ by more than a factor of {CLEARLY:.0f}"
        )
    return f"These networks do not tell whether the gradient at the start decides: {why}."


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
    return f"{gradient:.2g}" if gradient else "exactly 0 (underflow)"
