"""What the store knows of walks down a ravine."""

from dataclasses import dataclass

from unroll.records import MeasurementRecord


@dataclass(frozen=True, kw_only=True)
class Walk:
    """How one optimiser went down one ravine."""

    optimiser: str
    """Its name."""
    angle_degrees: float
    """By how much the ravine is turned."""
    curvature: float
    """How much steeper it is across than along."""
    steps: int
    """Most steps of a descent."""
    rates: tuple[float, ...]
    """The rates tried, the lowest first."""
    rate: float
    """The best of them."""
    steps_to_goal: int | None
    """Steps at that rate until the loss stays below 1e-3 of the first; None if it never does."""
    diverged: bool
    """Whether even that descent diverged."""
    points: tuple[tuple[float, float], ...]
    """Where it stood after 0, 1, 2 … steps, as far as the goal."""
    losses: tuple[float, ...]
    """The height there."""
    equal_rate: float
    """A rate at which all optimisers were walked."""
    equal_steps_to_goal: int | None
    """Steps to the goal at that rate."""


def read_walks(measurement: MeasurementRecord) -> list[Walk]:
    """Return the walks of one measurement; none of one that failed."""
    s = measurement.settings
    return [
        Walk(
            optimiser=walk["optimiser"],
            angle_degrees=s["angle_degrees"],
            curvature=s["curvature"],
            steps=s["steps"],
            rates=tuple(s["rates"]),
            rate=walk["rate"],
            steps_to_goal=walk["steps_to_goal"],
            diverged=walk["diverged"],
            points=tuple((x, y) for x, y in walk["points"]),
            losses=tuple(walk["losses"]),
            equal_rate=s["equal_rate"],
            equal_steps_to_goal=walk["equal_steps_to_goal"],
        )
        for walk in (measurement.values or {"walks": []})["walks"]
    ]
