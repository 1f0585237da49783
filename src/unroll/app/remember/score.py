"""How often a network is right, at one length or at many."""

from dataclasses import asdict, dataclass
from threading import Event
from typing import Any

import torch

from unroll.app.refusal import closed
from unroll.app.remember.asked import LONGEST
from unroll.app.remember.wilson import wilson_interval
from unroll.models import SequenceClassifier
from unroll.seeding import make_generator
from unroll.study.memory.view import SOLVED_ACCURACY
from unroll.tasks import Task
from unroll.tasks.palindrome import DIGITS
from unroll.training.evaluate import evaluate

LADDER = (2, 3, 5, 10, 15, 20, 30, 50, 100, 200, 300, 500, 1000)
"""Lengths of a sweep; the length trained at is put in its place among them."""
_CHUNK_DIGITS = 20_000
"""Digits evaluated between two looks at whether anyone still wants to know."""


@dataclass(frozen=True, kw_only=True)
class Score:
    """How many of the palindromes of one length were answered right."""

    length: int
    """T."""
    accuracy: float
    """`right` / `of`."""
    right: int
    """Palindromes whose last digit was the likeliest in the network's answer."""
    of: int
    """Palindromes tried, all different."""
    low: float
    """Lower end of the 95% Wilson interval; the accuracy where all palindromes were tried."""
    high: float
    """Upper end."""
    is_all: bool
    """Whether these are all the palindromes of this length, so that nothing was left to chance."""
    passed: bool
    """Whether this length counts as solved, by the study's criterion."""
    held_out: bool
    """Whether none of them can have been met in training: this length was no lesson of it, or its
    palindromes are so many that some were kept apart."""

    def as_dict(self) -> dict[str, Any]:
        """Return the score as plain values."""
        return asdict(self)


def score_length(
    model: SequenceClassifier, task: Task, *, count: int, seed: int, is_lesson: bool, stop: Event
) -> Score:
    """Return how often the model is right on `count` palindromes of the task's length.

    `is_lesson` says whether training drew palindromes of this length.
    They are drawn from the evaluation split, by the study's own functions.
    Raises: RefusedError once `stop` is set.
    """
    generator = make_generator(seed, f"playground accuracy {task.length}")
    sequences = task.distinct(count, "evaluation", generator)
    right = 0
    for part in torch.split(sequences, max(1, _CHUNK_DIGITS // task.length)):
        check_wanted(stop)
        right += round(evaluate(model, task, part).accuracy * len(part))
    of = len(sequences)
    is_all = of == DIGITS ** ((task.length + 1) // 2)
    low, high = (right / of, right / of) if is_all else wilson_interval(right, of)
    return Score(
        length=task.length,
        accuracy=right / of,
        right=right,
        of=of,
        low=low,
        high=high,
        is_all=is_all,
        passed=right / of >= SOLVED_ACCURACY,
        held_out=task.held_out or not is_lesson,
    )


def ladder(trained_length: int) -> tuple[int, ...]:
    """Return the lengths of a sweep.

    >>> ladder(12)[:6]
    (2, 3, 5, 10, 12, 15)
    """
    own = {trained_length} if trained_length <= LONGEST else set()
    return tuple(sorted(own.union(LADDER)))


def check_wanted(stop: Event) -> None:
    """Raise RefusedError once nobody waits for the answer."""
    if stop.is_set():
        raise closed()
