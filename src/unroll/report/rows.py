"""What the charts are drawn from: one frozen row per measurement."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TrialRow:
    """How one trained network did on the evaluation set."""

    cell: str
    """The name of the cell."""
    length: int
    """T, the length of the sequences in steps."""
    seed: int
    """The seed of the trial."""
    accuracy: float | None
    """Share of right answers; None where the trial ended without one."""
    loss_nats: float | None
    """Mean cross-entropy in nats; None where the trial ended without one."""
    held_out: bool
    """Whether no evaluation sequence can have been trained on."""
    status: str
    """How training ended: solved, not solved within N steps, diverged, failed."""


@dataclass(frozen=True, kw_only=True)
class CurveRow:
    """One point of one trial's training curve."""

    cell: str
    """The name of the cell."""
    length: int
    """T, the length of the sequences in steps."""
    seed: int
    """The seed of the trial."""
    step: int
    """How many updates had been made."""
    loss_nats: float | None
    """Mean cross-entropy in nats since the point before; None where it was not finite."""
    accuracy: float | None
    """Share of right answers since the point before; None where it was not finite."""


@dataclass(frozen=True, kw_only=True)
class HorizonRow:
    """How far one seed of one cell got."""

    cell: str
    """The name of the cell."""
    seed: int
    """The seed of the trials."""
    last_passed: int | None
    """The longest T, in steps, up to which every tested length was passed; None for none."""
    first_failed: int | None
    """The first tested T, in steps, that was not passed; None if none was failed."""
