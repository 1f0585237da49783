"""What the chart of an ablation is drawn from: one frozen row per measurement."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Place: TypeAlias = Literal["assignment", "alone", "without", "learned"]
"""Where a way of training stands: no change, one, all but one, or all of them."""


@dataclass(frozen=True, kw_only=True)
class AblationRow:
    """How far one seed of one cell came when it was trained in one way."""

    cell: str
    """The name of the cell."""
    place: Place
    """How many changes were made."""
    change: str
    """The change that was made alone, or alone left out; empty for none and for all."""
    seed: int
    """The seed of the trials."""
    last_passed: int | None
    """The longest T, in steps, up to which every tested length was passed; None for none."""
    first_failed: int | None
    """The first tested T, in steps, that was not passed; None if none was failed."""
