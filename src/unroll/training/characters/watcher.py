"""Who watches a training: what is told, and when."""

from pathlib import Path
from typing import Any, NamedTuple, Protocol

from unroll.models.character_model import CharacterModel
from unroll.training.characters.evaluation import Figures
from unroll.training.characters.history import History
from unroll.training.characters.run import Run


class Point(NamedTuple):
    """How training goes: means over the steps since the last point."""

    loss_nats: float
    """Mean cross-entropy a character."""
    accuracy: float
    """Share of the characters that were the most probable."""
    characters_per_second: float
    """Characters trained on, by wall clock."""


class TextWatcher(Protocol):
    """What a training tells; it waits for each answer, and does not count the time."""

    def started(self, run: Run) -> None:
        """Hear that training begins, or goes on: all that is decided before step 1 is in `run`."""
        ...

    def resumed(self, history: History) -> None:
        """Hear what came of a run so far that goes on; it is not to be changed."""
        ...

    def stepped(self, step: int, point: Point) -> None:
        """Hear that so many steps were taken; about 400 times in a run."""
        ...

    def evaluated(self, step: int, training: Point, tuning: Figures) -> None:
        """Hear of a look at the tuning split; `training` is the mean since the look before."""
        ...

    def on_stage(self, step: int, model: CharacterModel) -> None:
        """Hear that weights were kept for good; `model` may be sampled from, and not be changed.

        A run that goes on may tell of a stage again, with the same weights.
        """
        ...

    def saved(self, path: Path) -> None:
        """Hear that a checkpoint is whole on disk."""
        ...

    def noted(self, text: str) -> None:
        """Hear what a user should know, in one line."""
        ...

    def finished(self, result: dict[str, Any]) -> None:
        """Hear that all is done; `result` is what `result.json` holds."""
        ...


class Unwatched:
    """Watches nothing: a base for those who want to hear of a few things only."""

    def started(self, run: Run) -> None:
        """Do nothing."""

    def resumed(self, history: History) -> None:
        """Do nothing."""

    def stepped(self, step: int, point: Point) -> None:
        """Do nothing."""

    def evaluated(self, step: int, training: Point, tuning: Figures) -> None:
        """Do nothing."""

    def on_stage(self, step: int, model: CharacterModel) -> None:
        """Do nothing."""

    def saved(self, path: Path) -> None:
        """Do nothing."""

    def noted(self, text: str) -> None:
        """Do nothing."""

    def finished(self, result: dict[str, Any]) -> None:
        """Do nothing."""
