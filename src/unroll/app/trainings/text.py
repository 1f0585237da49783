"""Train a small character model on the book that Python carries, or go on with it."""

from pathlib import Path

from unroll.app.catalogue.found import RUN_FILE
from unroll.app.trainings.wanted import MINUTES, text_folder
from unroll.app.trainings.worker import Told
from unroll.training.characters.fit import Point, Unwatched, resume, train
from unroll.training.characters.history import History
from unroll.training.characters.presets import TEXT_PRESETS
from unroll.training.characters.run import Run

PRESET = "quick"


def train_text(out: Path, told: Told, minutes: float = MINUTES) -> str:
    """Train below `out`; return what came of it in one line.

    Raises: UnrollError, in one line, where this Python carries no book, or the run cannot be read
    or written.
    """
    folder, watcher = text_folder(out), _Watcher(told)
    if (folder / RUN_FILE).exists():
        result = resume(folder, watcher)
    else:
        told(0.0, "reading a book")
        result = train(
            folder,
            book=None,
            recipe=TEXT_PRESETS[PRESET],
            minutes=minutes,
            watcher=watcher,
            on_measuring=lambda: told(0.0, "measuring how fast this machine is"),
        )
    bits = result["validation"]["bits_per_char"]
    return f"{result['steps']:,} steps, {bits:.2f} bits per character on text it has not read"


class _Watcher(Unwatched):
    """Tells of each step."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._steps = 1

    def started(self, run: Run) -> None:
        """Take in how many steps there are."""
        self._steps = run.steps

    def resumed(self, history: History) -> None:
        """Tell where it goes on."""
        self._tell(history.step)

    def stepped(self, step: int, point: Point) -> None:  # noqa: ARG002 - the watcher's interface
        """Tell of it."""
        self._tell(step)

    def _tell(self, step: int) -> None:
        self._told(step / self._steps, f"step {step:,} of {self._steps:,}")
