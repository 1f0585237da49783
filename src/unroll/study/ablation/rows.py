"""The rows of an ablation: the changes between two recipes, singly and all but one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from unroll.study.running.trial import TrialSettings
from unroll.training.curriculum import Curriculum
from unroll.training.recipes import ASSIGNMENT, LEARNED, Recipe

Place: TypeAlias = Literal["assignment", "alone", "without", "learned"]
"""Where a row stands: no change, one, all but one, or all of them."""

FIELDS = ("encoding", "initialisation", "optimiser", "clip_norm", "curriculum")
"""Fields of a recipe that are changed; width and batch are the same in both."""
NAMES = {
    "encoding": "encoding",
    "initialisation": "initialisation",
    "optimiser": "optimiser",
    "clip_norm": "clipping",
    "curriculum": "curriculum",
}
"""What a change is called."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One way to train one cell, between recipe `assignment` and recipe `learned`."""

    cell: str
    """The cell as the user named it."""
    changes: tuple[str, ...]
    """Fields that are as in `learned`; the others are as in `assignment`."""
    known: tuple[str, ...]
    """All fields in which the two recipes differ for this cell."""

    @property
    def place(self) -> Place:
        """Where the row stands."""
        if not self.changes:
            return "assignment"
        if self.changes == self.known:
            return "learned"
        return "alone" if len(self.changes) == 1 else "without"

    @property
    def change(self) -> str | None:
        """The field that is alone changed, or alone not; None for the two recipes themselves."""
        if self.place == "alone":
            return self.changes[0]
        left = [name for name in self.known if name not in self.changes]
        return left[0] if self.place == "without" else None

    @property
    def name(self) -> str:
        """The row in a few words."""
        change = NAMES[self.change] if self.change else ""
        return {
            "assignment": "assignment",
            "alone": f"assignment + {change}",
            "without": f"learned − {change}",
            "learned": "learned",
        }[self.place]

    @property
    def recipe(self) -> Recipe:
        """How its trials are trained."""
        base, goal = ASSIGNMENT.for_cell(self.cell), LEARNED.for_cell(self.cell)
        changed = {name: getattr(goal, name) for name in self.changes}
        return replace(base, **changed, stop_loss_nats=goal.stop_loss_nats)


def rows_of(cell: str, *, has_own: bool) -> tuple[Row, ...]:
    """Return every row of one cell: assignment, each change alone, all but each, learned.

    `has_own` says that the cell's constructor decides how it begins: that is then no change.
    """
    known = _known(cell, has_own=has_own)
    chosen = [(), *((name,) for name in known)]
    chosen += [tuple(n for n in known if n != left) for left in known]
    return tuple(
        Row(cell=cell, changes=changes, known=known) for changes in dict.fromkeys([*chosen, known])
    )


def row_of(settings: TrialSettings) -> Row:
    """Return the row that a trial belongs to."""
    known = _known(settings.cell, has_own=settings.initialisation == "own")
    goal = LEARNED.for_cell(settings.cell)
    chosen = {name: getattr(settings, name) for name in FIELDS}
    if settings.curriculum is not None:
        chosen["curriculum"] = Curriculum(**settings.curriculum)
    changes = tuple(name for name in known if chosen[name] == getattr(goal, name))
    return Row(cell=settings.cell, changes=changes, known=known)


def described(change: str, cell: str) -> str:
    """Return what a change is, from what to what.

    >>> described("clip_norm", "rnn"), described("encoding", "rnn")
    ('norm clipped at 1 instead of 10', 'digit one-hot instead of scalar')
    """
    base, goal = ASSIGNMENT.for_cell(cell), LEARNED.for_cell(cell)
    before, after = getattr(base, change), getattr(goal, change)
    return {
        "encoding": f"digit {after} instead of {before}",
        "initialisation": f"parameters begin as {after} instead of {before}",
        "optimiser": f"{after} instead of {before}",
        "clip_norm": f"norm clipped at {goal.clip_norm:g} instead of {base.clip_norm:g}",
        "curriculum": f"T grows from {goal.curriculum.start if goal.curriculum else 0} as it is "
        "learned",
    }[change]


def _known(cell: str, *, has_own: bool) -> tuple[str, ...]:
    base, goal = ASSIGNMENT.for_cell(cell), LEARNED.for_cell(cell)
    fields: Sequence[str] = [n for n in FIELDS if getattr(base, n) != getattr(goal, n)]
    return tuple(n for n in fields if not (has_own and n == "initialisation"))
