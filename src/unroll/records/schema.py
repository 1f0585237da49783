"""What is recorded of a run: plain values, no tensors."""

import math
from dataclasses import dataclass, field
from typing import Any, Literal

SCHEMA_VERSION = 2
"""Changes whenever an older reader would misread the store."""

TrialStatus = Literal["stopped", "budget", "diverged", "failed"]
WeightsKind = Literal["best", "final"]
CurveKind = Literal["training", "validation"]


def finite_or_none(value: float) -> float | None:
    """Return `value`, or None for what JSON and SQLite cannot hold: infinity and NaN."""
    return value if math.isfinite(value) else None


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """One point of a training or validation curve."""

    step: int
    """Optimisation steps taken."""
    loss_nats: float | None
    """Cross-entropy; None where it was not a number."""
    accuracy: float
    """Share answered right."""


@dataclass(frozen=True, kw_only=True)
class EvaluationRecord:
    """The score of one trial's network on sequences of one length."""

    weights: WeightsKind
    """`best` validation or `final` parameters."""
    length: int
    """Length tested."""
    accuracy: float
    """Share answered right."""
    loss_nats: float | None
    """Cross-entropy; None where it was not a number."""
    count: int
    """Sequences tested."""
    held_out: bool
    """Whether none of them could occur in training."""
    seconds: float
    """Wall-clock time."""


@dataclass(frozen=True, kw_only=True)
class TrialRecord:
    """One cell, trained once."""

    key: str
    """Stable hash over the settings, the cell's source and the version of the numerics."""
    settings: dict[str, Any]
    """All that the trial was asked to do."""
    status: TrialStatus
    """`stopped` by the loss rule, step `budget` used up, `diverged`, or `failed`."""
    error: str | None = None
    """Why it failed, in one line."""
    engine: str | None = None
    """The engine that ran the scan."""
    parameters: int | None = None
    """Trained numbers, readout included."""
    steps: int = 0
    """Optimisation steps taken."""
    best_step: int = 0
    """Step of the best validation."""
    plateau_step: int | None = None
    """Step at which the rule "mean loss moved by less than 1e-6" would have stopped."""
    seconds: float = 0.0
    """Wall-clock seconds of training."""
    validation_seconds: float = 0.0
    """Wall-clock seconds of validation."""
    lessons: tuple[tuple[int, int], ...] = ()
    """Lengths trained at, (first step, T) in order; empty in stores of version 1."""
    weights_sha256: str | None = None
    """Of the trial's safetensors file."""
    environment: dict[str, str] = field(default_factory=dict)
    """Versions and machine."""


@dataclass(frozen=True, kw_only=True)
class MeasurementRecord:
    """One look inside a network, or at an equation: whatever is measured and is not a trial."""

    key: str
    """Stable hash over kind, settings and the version of the numerics."""
    kind: str
    """What was measured, `gradients` say."""
    settings: dict[str, Any]
    """All that was asked."""
    values: dict[str, Any] | None
    """What came out, as plain values; None where it failed."""
    error: str | None = None
    """Why it failed, in one line."""
    seconds: float = 0.0
    """Wall-clock time."""
    environment: dict[str, str] = field(default_factory=dict)
    """Versions and machine."""


@dataclass(frozen=True, kw_only=True)
class RequestRecord:
    """One command that measured something, and what it asked for."""

    kind: str
    """The command, `memory` say."""
    settings: dict[str, Any]
    """Its settings."""
    command: str
    """What to type to get the same."""
    trials: tuple[str, ...]
    """Keys of the trials, in the order asked for."""
    started: str
    """UTC time, ISO 8601."""
    measurements: tuple[str, ...] = ()
    """Keys of the measurements, in the order asked for."""
