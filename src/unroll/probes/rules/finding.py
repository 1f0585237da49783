"""What came of one rule: kept, broken, or not to be told."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["kept", "broken", "untold"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one rule found on one cell."""

    rule: str
    """Its name, as docs/own-cell.md lists it."""
    outcome: Outcome
    """`untold` where the rule could not be tried."""
    told: str
    """One sentence: the fact that was measured."""
    hint: str | None = None
    """Where to look and what to change; None where nothing is broken."""


class BreachError(Exception):
    """A rule is broken: the measured fact, and a hint."""

    def __init__(self, told: str, hint: str) -> None:
        super().__init__(told)
        self.told = told
        self.hint = hint


class UntoldError(Exception):
    """A rule cannot be tried on this cell, and why."""
