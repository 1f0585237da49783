"""What the charts of the three horizons are drawn from: one frozen row per measurement."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Unit: TypeAlias = Literal["steps", "characters", "hops"]
"""What a distance counts."""
Kind: TypeAlias = Literal["learned", "retained", "frozen"]
"""Trained at the distance; trained nearer; or never trained but in its readout."""
Condition: TypeAlias = Literal[
    "before training", "trained", "trained, not solved", "trained nearer", "recurrence frozen"
]
"""What was done with a network before it was looked at."""

UNITS: dict[Unit, str] = {
    "steps": "Through time",
    "characters": "Through text",
    "hops": "Across graphs",
}
"""What is crossed, by the unit of distance, in the order of the report."""


@dataclass(frozen=True, kw_only=True)
class TravelRow:
    """How much of one distance reaches a network, or is used by it."""

    unit: Unit
    """What the distance counts."""
    measure: Literal["influence", "use"]
    """Whether gradient is measured, or what is lost."""
    line: str
    """The name of the cell, training or network in the legend."""
    network: str
    """Which network, in words."""
    condition: Condition
    """What was done with it."""
    seed: int
    """The seed."""
    distance: int
    """d, where 1 is the nearest there is."""
    value: float | None
    """Influence over the nearest distance's, or the share that is lost; None if not finite."""


@dataclass(frozen=True, kw_only=True)
class TravelHorizonRow:
    """How far one seed of one kind of network came."""

    unit: Unit
    """What the distance counts."""
    line: str
    """The name of the cell, training or network in the legend."""
    network: str
    """Which network, in words; no two of a unit have the same."""
    kind: Kind
    """Whether its horizon is learned, retained, or there by construction."""
    trained_to: int | None
    """The furthest distance that it was trained at; None where each was trained at its own."""
    seed: int
    """The seed."""
    last_passed: int | None
    """The largest distance at which it and every shorter tested one passed; None if none did."""
    first_failed: int | None
    """The smallest distance that failed; None where the longest tested one passed."""
