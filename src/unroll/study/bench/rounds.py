"""What the rounds of the bench decide from what is recorded: rate, seeds, lengths to be tested."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from unroll.records import EvaluationRecord, TrialRecord
from unroll.records.schema import CurvePoint
from unroll.study.bench.protocol import BEYOND, SOLVED_ACCURACY
from unroll.study.bench.settings import FEWER_SEEDS, SLOW_SECONDS

LEAST_RATES = 3
"""A grid of fewer rates has nothing but edges."""


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """A tuning trial: what one rate came to."""

    rate: float
    """The learning rate."""
    record: TrialRecord
    """What came of it."""
    validation: Sequence[CurvePoint]
    """Its validation curve."""

    @property
    def reached(self) -> int:
        """The length of its last lesson; 0 where it had none."""
        return reached(self.record)

    @property
    def rank(self) -> tuple[bool, int, int, float]:
        """What rates are compared by; larger is better.

        The longest lesson, then the fewest sequence-steps to it, then the best validation
        accuracy; what failed or diverged is behind all others.
        """
        ended_well = self.record.status in ("stopped", "budget")
        best = max((point.accuracy for point in self.validation), default=0.0)
        return ended_well, self.reached, -sequence_steps_to_last_lesson(self.record), best


@dataclass(frozen=True, kw_only=True)
class RateChoice:
    """The rate with which a cell is trained on a task."""

    rate: float
    """The best of the grid."""
    at_edge: bool
    """Whether it is the smallest or the largest of three or more, so that the best may lie
    outside; of two, every rate is at an edge, which says nothing."""
    seconds: float
    """Wall-clock seconds of the training that was tried with it."""


def choose_rate(tuned: Sequence[Tuned]) -> RateChoice | None:
    """Return the best rate; None where every trial failed."""
    found = [trial for trial in tuned if trial.record.status != "failed"]
    if not found:
        return None
    best = max(found, key=lambda trial: trial.rank)
    rates = [trial.rate for trial in tuned]
    return RateChoice(
        rate=best.rate,
        at_edge=len(rates) >= LEAST_RATES and best.rate in (min(rates), max(rates)),
        seconds=best.record.seconds,
    )


def count_seeds(asked: int, choice: RateChoice) -> int:
    """Return how many seeds are trained: fewer where one training takes long."""
    return min(asked, FEWER_SEEDS) if choice.seconds > SLOW_SECONDS else asked


def reached(record: TrialRecord) -> int:
    """Return the length of the last lesson; 0 for a trial that failed before its first."""
    return record.lessons[-1][1] if record.lessons else 0


def sequence_steps_to_last_lesson(record: TrialRecord) -> int:
    """Return what the lessons before the last cost at most: batches revisited are shorter."""
    batch_size: int = record.settings["batch_size"]
    return batch_size * sum(
        (following - step) * length
        for (step, length), (following, _) in zip(record.lessons, record.lessons[1:], strict=False)
    )


def lengths_to_test(
    steps: Sequence[int], trained_to: int, scores: Mapping[int, EvaluationRecord]
) -> tuple[int, ...]:
    """Return the lengths of a ladder at which a network is to be tested, as far as is known.

    At first up to `BEYOND` times the length trained at; while all of these are passed, further.
    """
    if not steps:
        return ()
    bound = max(trained_to * BEYOND, steps[0])
    while bound < steps[-1] and _passes_all(steps, bound, scores):
        bound *= BEYOND
    return tuple(length for length in steps if length <= bound)


def _passes_all(steps: Sequence[int], bound: int, scores: Mapping[int, EvaluationRecord]) -> bool:
    return all(
        length in scores and scores[length].accuracy >= SOLVED_ACCURACY
        for length in steps
        if length <= bound
    )
