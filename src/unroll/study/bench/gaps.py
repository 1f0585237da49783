"""Lengths that a network misses though it passes longer ones: no horizon, and no failure either."""

from collections.abc import Sequence
from dataclasses import dataclass

from unroll.study.bench.protocol import SOLVED_ACCURACY
from unroll.study.memory.view import TrialView

_MOST_NAMED = 3
"""Missed lengths that are named one by one."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """What one network misses below a length that it passes."""

    seed: int
    """Its seed."""
    missed: tuple[tuple[int, float], ...]
    """The lengths, and the share of right answers at each, in ascending order."""
    first_passed: int
    """The first length passed after the first that is missed."""
    last_passed: int
    """The longest length passed."""

    @property
    def told(self) -> str:
        """The gap in a few words.

        >>> Gap(seed=0, missed=((5, 0.9804),), first_passed=7, last_passed=70).told
        '0.980 at T = 5, at least 0.99 from 7 to 70'
        >>> Gap(seed=0, missed=((5, 0.9896), (15, 0.5)), first_passed=7, last_passed=7_000).told
        '0.989 at T = 5 and 0.500 at T = 15, at least 0.99 at the others up to 7,000'
        """
        named = [f"{_down(accuracy)} at T = {length:,}" for length, accuracy in self.missed]
        if len(named) > _MOST_NAMED:
            least = min(accuracy for _, accuracy in self.missed)
            named = [f"{_down(least)} or more at {len(named)} lengths"]
        missed = " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
        passed = f"at least {SOLVED_ACCURACY}"
        if self.missed[-1][0] > self.first_passed:
            return f"{missed}, {passed} at the others up to {self.last_passed:,}"
        if self.first_passed == self.last_passed:
            return f"{missed}, {passed} at {self.last_passed:,}"
        return f"{missed}, {passed} from {self.first_passed:,} to {self.last_passed:,}"


def find_gap(trial: TrialView, end: int | None = None) -> Gap | None:
    """Return what a network misses below a length, at most `end`, that it passes, or None."""
    scores = {
        length: score.accuracy
        for length, score in sorted(trial.best.items())
        if end is None or length <= end
    }
    passed = [length for length, accuracy in scores.items() if accuracy >= SOLVED_ACCURACY]
    if not passed:
        return None
    missed = tuple(
        (length, accuracy)
        for length, accuracy in scores.items()
        if length < passed[-1] and accuracy < SOLVED_ACCURACY
    )
    if not missed:
        return None
    return Gap(
        seed=trial.settings.seed,
        missed=missed,
        first_passed=next(length for length in passed if length > missed[0][0]),
        last_passed=passed[-1],
    )


def gap_remarks(trials: Sequence[TrialView]) -> list[str]:
    """Return the gaps of some networks, one sentence each."""
    gaps = [gap for trial in trials if (gap := find_gap(trial)) is not None]
    return [f"seed {gap.seed}: {gap.told}" for gap in gaps]


def accuracies(trial: TrialView) -> str:
    """Return the share of right answers at every length tested; * where none was held out."""
    return ", ".join(
        f"{length}{'' if score.held_out else '*'}: {_down(score.accuracy)}"
        for length, score in sorted(trial.best.items())
    )


def _down(accuracy: float) -> str:
    """Return an accuracy rounded down, so that none below the criterion looks as if it passed."""
    return f"{int(accuracy * 1_000 + 1e-6) / 1_000:.3f}"
