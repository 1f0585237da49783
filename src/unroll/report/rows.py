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


@dataclass(frozen=True, kw_only=True)
class ReachRow:
    """How one trained network did on sequences of one length, trained on or not."""

    series: str
    """The line that it belongs to, such as `learned: trained up to T = 30`."""
    cell: str
    """The name of the cell."""
    trained_at: str
    """The lengths that it was trained on, in words."""
    length: int
    """T, the length of the tested sequences in steps."""
    seed: int
    """The seed of the trial."""
    accuracy: float | None
    """Share of right answers; None where the trial ended without one."""
    count: int
    """How many sequences were tested."""
    held_out: bool
    """Whether no tested sequence can have been trained on."""


@dataclass(frozen=True, kw_only=True)
class MessageRow:
    """How much gradient arrives at one step."""

    cell: str
    """The name of the cell."""
    condition: str
    """The network it was measured in, such as `untrained, uniform`; one panel each."""
    part: str
    """The part of the state: `h` or `c`."""
    seed: int
    """The seed of the network."""
    step: int
    """t, the step at which the gradient arrives, from 1."""
    norm: float
    """‖∂L/∂h(t)‖ or ‖∂L/∂c(t)‖; 0 where it underflowed."""


@dataclass(frozen=True, kw_only=True)
class RegimeRow:
    """What one step contributes to the gradient of the recurrent weights."""

    regime: str
    """What the recurrent weights do, such as `contracting`; one panel each."""
    seed: int
    """The seed of the network."""
    step: int
    """k, the step, from 1."""
    term_norm: float | None
    """Norm of step k's term of ∂L/∂W_hh; None for step 1, which has nothing before it."""
    jacobian_norm: float
    """‖∂h(T)/∂h(k)‖, measured."""
    predicted: float
    """ρ^(T−k), what the spectral radius ρ of W_hh alone predicts for it."""


@dataclass(frozen=True, kw_only=True)
class GateMap:
    """What one gate, or the cell state, holds while one palindrome is read."""

    cell: str
    """The name of the cell."""
    gate: str
    """The gate's letter, or `c` for the cell state."""
    seed: int
    """The seed of the network."""
    digits: tuple[int, ...]
    """The palindrome, one digit per step."""
    values: tuple[tuple[float, ...], ...]
    """One row per unit, from top to bottom as drawn, with one value per step."""


@dataclass(frozen=True, kw_only=True)
class TimeConstantRow:
    """How long one unit keeps what it holds."""

    cell: str
    """The name of the cell."""
    condition: str
    """The network it was measured in, such as `untrained`."""
    seed: int
    """The seed of the network."""
    unit: int
    """The unit, from 0."""
    keep: float
    """The share that it keeps from one step to the next."""
    steps: float | None
    """τ = −1/ln(keep), its time constant in steps; None where it never forgets."""


@dataclass(frozen=True, kw_only=True)
class RateRow:
    """How one trial of one optimiser ended at one learning rate."""

    optimiser: str
    """The name of the optimiser."""
    rate: float
    """The learning rate."""
    seed: int
    """The seed of the trial."""
    final_loss_nats: float | None
    """Training loss at the end, in nats; None where it was not finite."""
    steps_to_solve: int | None
    """Updates until the task was solved; None where it never was."""
    status: str
    """How training ended: solved, not solved within N steps, diverged, failed."""


@dataclass(frozen=True, kw_only=True)
class DescentRow:
    """One point of the training curve of one optimiser."""

    optimiser: str
    """The name of the optimiser."""
    rate: float
    """The learning rate."""
    seed: int
    """The seed of the trial."""
    step: int
    """How many updates had been made."""
    loss_nats: float | None
    """Training loss in nats since the point before; None where it was not finite."""


@dataclass(frozen=True, kw_only=True)
class PathRow:
    """Where one optimiser stands on a surface of two parameters."""

    surface: str
    """The name of the surface."""
    optimiser: str
    """The name of the optimiser."""
    rate: float
    """The learning rate."""
    step: int
    """How many updates had been made, from 0."""
    x: float
    """The first parameter."""
    y: float
    """The second parameter."""
    loss: float
    """The height of the surface there."""


@dataclass(frozen=True, kw_only=True)
class RavineSurface:
    """The surface ½(u² + κ v²), where u, v are x, y turned by an angle."""

    name: str
    """The name of the surface, as its paths give it."""
    curvature: float
    """κ, how much steeper it is across than along."""
    angle_degrees: float
    """The angle a from the x axis to the floor of the ravine: u = x cos a + y sin a."""
