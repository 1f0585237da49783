"""A small book, a small recipe and a watcher that remembers, for tests of training."""

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from unroll.models.character_model import CharacterModel
from unroll.text import Book, make_book
from unroll.training.characters.evaluation import Figures
from unroll.training.characters.fit import Point, train
from unroll.training.characters.history import History
from unroll.training.characters.run import Run
from unroll.training.characters.settings import TextRecipe

TINY = TextRecipe(
    name="tiny",
    summary="for tests",
    hidden_size=8,
    embedding_size=5,
    feeding="stream",
    batch_size=4,
    window=8,
    optimiser="adamw",
    rate=0.02,
    weight_decay=0.05,
    clip_norm=1.0,
    evaluations=6,
    precision="float32",
)
"""A recipe that is trained in a moment."""
DROPPING = replace(TINY, dropout=0.2, input_dropout=0.1, recurrent_dropout=0.3)
"""The same, with everything that draws random numbers."""
WINDOWS = replace(
    TINY, feeding="windows", optimiser="rmsprop", schedule="step", decay_every=10, cell="gru"
)
"""The assignment's way."""

_WORDS = "the wolf said to little red cap that she should go into the wood and pick flowers".split()


def tiny_book(characters: int = 4000, seed: int = 0, name: str = "tiny") -> Book:
    """Return a book of words in random order."""
    draw = Random(seed)
    words: list[str] = []
    while sum(len(word) + 1 for word in words) < characters:
        words.append(draw.choice(_WORDS))
    text = " ".join(words)[:characters]
    return make_book(name, f"{name}, made up", lambda: iter([text]))


class Recorder:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def of(self, kind: str) -> list[tuple[Any, ...]]:
        return [told[1:] for told in self.told if told[0] == kind]

    def started(self, run: Run) -> None:
        self.told.append(("started", run.steps))

    def resumed(self, history: History) -> None:
        self.told.append(("resumed", history.step))

    def stepped(self, step: int, point: Point) -> None:
        self.told.append(("stepped", step, point))

    def evaluated(self, step: int, training: Point, tuning: Figures) -> None:
        self.told.append(("evaluated", step, training, tuning))

    def on_stage(self, step: int, model: CharacterModel) -> None:
        copy = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        self.told.append(("stage", step, copy))

    def saved(self, path: Path) -> None:
        self.told.append(("saved", path.name))

    def noted(self, text: str) -> None:
        self.told.append(("noted", text))

    def finished(self, result: dict[str, Any]) -> None:
        self.told.append(("finished", result))


def train_tiny(
    out: Path, recipe: TextRecipe = TINY, *, steps: int | None = 40, **changes: Any
) -> dict[str, Any]:
    """Train the small recipe on the small book."""
    given = {"book": tiny_book(), "watcher": Recorder(), "steps": steps, **changes}
    return train(out, recipe=recipe, **given)


def lasting(result: dict[str, Any]) -> dict[str, Any]:
    """Return what of a result does not depend on the clock, nor on what was said meanwhile."""
    timed = ("cpu_seconds", "wall_seconds", "evaluation_cpu_seconds", "characters_per_second")
    return {key: value for key, value in result.items() if key not in (*timed, "notes")}
