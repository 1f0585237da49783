"""What the charts of the bench's costs and of its bits per character are drawn from."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CostRow:
    """What a step of one cell costs at one length."""

    line: str
    """The line that it belongs to: the cell, and the engine where there are two."""
    cell: str
    """The name of the cell."""
    engine: str
    """The engine that ran."""
    step: str
    """What is done: `training`, or `evaluation` without gradients; one panel each."""
    length: int
    """T, the length of the sequences in steps."""
    least_seconds: float
    """The least of the repetitions."""
    median_seconds: float
    """The median of the repetitions."""
    greatest_seconds: float
    """The greatest of the repetitions."""
    repetitions: int
    """How many there are."""
    peak_mib: float
    """The most memory held at once."""


@dataclass(frozen=True, kw_only=True)
class BitsRow:
    """What one trained cell needs for a character of held-out text."""

    cell: str
    """The name of the cell."""
    seed: int
    """The seed of the training."""
    bits: float
    """Bits a character."""


@dataclass(frozen=True, kw_only=True)
class BenchHorizonRow:
    """How far one network came on one task."""

    task: str
    """The task, which is the panel."""
    cell: str
    """The cell's name in the legend."""
    seed: int
    """The seed."""
    trained_to: int
    """The longest T that it was trained at."""
    learned: int | None
    """The longest T passed among those trained at; None if none was."""
    learned_is_open: bool
    """Whether training came to the longest T that there was, and all of it was passed."""
    retained: int | None
    """The longest T passed at all, with every shorter tested one; None if none was."""
    retained_is_open: bool
    """Whether the longest T tested was passed."""
    accuracies: str = ""
    """The share of right answers at every length tested, as it is to be read."""
