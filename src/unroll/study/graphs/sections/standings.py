"""Who is ahead in each case of an experiment, and whether that is more than the seeds' spread."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from unroll.report.graph_rows import ContestRow
from unroll.study.graphs.compare.experiment import Case, Experiment

NEAR = 0.03
"""An accuracy counts as chance if its median is no further from it."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What all contestants came to in one case."""

    case: Case
    """The case."""
    values: dict[str, list[float]]
    """The finite values of all seeds, by contestant, the best median first."""
    less_is_better: bool
    """Whether the values are errors."""
    is_alone: bool = False
    """Whether there is but one that takes part."""
    within: int | None = None
    """The steps of the trainings, where one of them was cut off unfinished."""

    @property
    def ranked(self) -> list[str]:
        """The contestants, the best first."""
        return list(self.values)

    @property
    def leader(self) -> str | None:
        """Who is ahead of all others with every seed; None where nobody is."""
        if len(self.values) < 2:
            return None
        first, *others = self.ranked
        if all(self.is_ahead(first, other) for other in others):
            return first
        return None

    @property
    def front(self) -> list[str]:
        """The best by median, and all who cannot be told apart from it."""
        first, *others = self.ranked
        return [first, *(name for name in others if not self.is_ahead(first, name))]

    def is_ahead(self, one: str, other: str) -> bool:
        """Return whether every seed of `one` is better than every seed of `other`."""
        mine, theirs = self.values[one], self.values[other]
        return max(mine) < min(theirs) if self.less_is_better else min(mine) > max(theirs)

    def median(self, name: str) -> float:
        """Return the median over seeds."""
        return statistics.median(self.values[name])

    def is_at_chance(self, name: str) -> bool:
        """Return whether an accuracy cannot be told from guessing."""
        return self.case.chance is not None and self.median(name) <= self.case.chance + NEAR

    def shown(self, name: str) -> str:
        """Return the median as it is read."""
        if self.less_is_better:
            return f"{self.median(name):.3g}"
        # Rounded as tables round it, which take the median of percentages.
        return f"{statistics.median(100 * value for value in self.values[name]):.1f}%"


def standings(
    experiment: Experiment, rows: Sequence[ContestRow], cut_off: Mapping[str, int] | None = None
) -> list[Standing]:
    """Return the standing in every case that is measured, in the order of the experiment.

    `cut_off`: the steps of the variants with a training that was cut off unfinished.
    """
    is_error = experiment.metric == "error"
    found = []
    for case in experiment.cases:
        values: dict[str, list[float]] = {}
        for row in rows:
            if row.case == case.name and row.value is not None:
                values.setdefault(row.contestant, []).append(row.value)
        ranked = sorted(values, key=lambda name: statistics.median(values[name]))
        ranked = ranked if is_error else ranked[::-1]
        if values:
            found.append(
                Standing(
                    case=case,
                    values={name: values[name] for name in ranked},
                    less_is_better=is_error,
                    is_alone=sum(case.variant in v for v in experiment.contestants.values()) == 1,
                    within=(cut_off or {}).get(case.variant),
                )
            )
    return found


def usual_winner(found: Sequence[Standing]) -> str | None:
    """Return who leads in every case as trained; None where nobody does."""
    leaders = {standing.leader for standing in found if standing.case.role == "trained"}
    return leaders.pop() if len(leaders) == 1 else None
