"""One trial as a value: a cell, a task, a length, a seed and how to train."""

import json
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from typing import Any, Literal

NUMERICS_VERSION = 1
"""Raised whenever a change makes the same settings give other numbers."""

_NOT_NUMERIC = ("cell",)
"""How a user spells a cell does not change what is computed; its source does."""
_ADDED = ("curriculum", "trained", "sequence_steps", "validated_at")
"""Settings that older trials lack: at their default they leave the key as it was."""

_ADDED_TO_CURRICULUM = {"revisited": 0.0}
"""The same of the settings of a curriculum, with their defaults."""


@dataclass(frozen=True, kw_only=True)
class TrialSettings:
    """Everything that decides the numbers of one trial, as plain values."""

    cell: str
    """The cell as the user named it."""
    cell_class: str
    """The name of its class."""
    cell_sha256: str
    """Of the file that defines it."""
    task: str
    """What it is trained on."""
    length: int
    """T, length of the training sequences."""
    seed: int
    """Decides the weights and the batches."""
    encoding: str
    """How an input enters: `scalar` or `one-hot` digits; `one-hot` or `real`, by the task."""
    initialisation: str
    """How the parameters begin; `own` where the cell's constructor decides."""
    hidden_size: int
    """H, units."""
    batch_size: int
    """B, sequences in a batch."""
    optimiser: str
    """Its name."""
    rate: float
    """Learning rate."""
    clip_norm: float
    """Largest norm of the gradient."""
    max_steps: int
    """Largest number of optimisation steps."""
    stop_loss_nats: float
    """Mean loss at which training stops."""
    engine: str
    """How the scan is run: `auto`, or an engine's name."""
    device: str
    """`cpu` or `cuda`."""
    curriculum: dict[str, Any] | None = None
    """How lengths grow on the way to T; None trains at T from the first step."""
    trained: str = "all"
    """`all` parameters, or only the `readout`: the cell stays as it began."""
    sequence_steps: int | None = None
    """Budget of sequence-steps, B·T for each optimisation step; None leaves `max_steps` alone."""
    validated_at: Literal["end", "lesson"] = "end"
    """Whether validation, which the best parameters are chosen by, is at T or at the length of the
    present lesson: for a T that the budget may not lead to."""

    @property
    def key(self) -> str:
        """A hash that is the same for the same computation, in every run and process."""
        values = {k: v for k, v in asdict(self).items() if k not in _NOT_NUMERIC}
        for field in fields(self):
            if field.name in _ADDED and values[field.name] == field.default:
                del values[field.name]
        if self.curriculum:
            values["curriculum"] = {
                name: value
                for name, value in self.curriculum.items()
                if name not in _ADDED_TO_CURRICULUM or value != _ADDED_TO_CURRICULUM[name]
            }
        text = json.dumps({**values, "numerics": NUMERICS_VERSION}, sort_keys=True)
        return sha256(text.encode()).hexdigest()[:32]

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as a dictionary of plain values."""
        return asdict(self)
