"""How a character model is to be trained."""

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from unroll.errors import ConfigError, unknown_name
from unroll.field_types import check_types
from unroll.study.memory.settings import MOST_RATE, default_workers
from unroll.study.running.command_line import command_line, given_words
from unroll.study.text.settings.checks import check_range, check_seed
from unroll.training.characters.presets import TEXT_PRESETS, best_recipe
from unroll.training.characters.settings import TextRecipe

BEST = "best"
DEFAULT_MINUTES = {"assignment": 10.0, "quick": 2.0, BEST: 20.0}
"""How long each preset trains when nothing is said."""
LONGEST_MINUTES = 60.0 * 24 * 30
MOST = {
    "steps": 10**9,
    "hidden_size": 10**4,
    "layers": 100,
    "batch_size": 10**5,
    "window": 10**5,
    "threshold": 10**9,
    "threads": 1024,
    "characters": 10**12,
}
_GUESSED_CHARACTERS = 500_000
"""A book's length, to check settings with before the book is read."""
_CHANGES = {
    "cell": "cell",
    "hidden_size": "hidden_size",
    "layers": "layers",
    "dropout": "dropout",
    "rate": "rate",
    "batch_size": "batch_size",
    "window": "window",
    "feeding": "feeding",
    "optimiser": "optimiser",
    "schedule": "schedule",
    "clip": "clip_norm",
    "precision": "precision",
}
"""Options that stand for one value of the recipe, by its name there."""


@dataclass(frozen=True, kw_only=True)
class TrainSettings:
    """Train a character model on a book."""

    book: Path | None = field(default=None, metadata={"positional": "BOOK"})
    """UTF-8 text file, folder of .txt files, or the name of a fetched book (unroll text fetch);
    default: the documentation that comes with Python."""
    preset: str = "quick"
    """assignment (2 × 128 units, T = 30, RMSProp, as the assignment asks), quick (a small network
    that learns fast) or best (chosen from the book's length and the time)."""
    seed: int = 0
    """Weights, order of the text and dropout are drawn from it."""
    steps: int | None = None
    """Optimisation steps."""
    minutes: float | None = None
    """Training time instead of steps; measured once, before the first step, and kept as a number
    of steps. Default: 10 for assignment, 2 for quick, 20 for best."""
    cell: str | None = None
    """rnn, lstm, gru, peephole, min-gru, min-lstm, linear, or your own: path/to/file.py:MyCell or
    package.module:MyCell."""
    hidden_size: int | None = None
    """Hidden units of each layer, instead of the preset's."""
    layers: int | None = None
    """Layers, one above the other."""
    embedding: int | None = None
    """Numbers by which a character enters; 0 enters it one-hot."""
    dropout: float | None = None
    """Share of each layer's outputs that is dropped in training."""
    rate: float | None = None
    """Learning rate, the highest of its schedule."""
    batch_size: int | None = None
    """Windows or streams in a batch."""
    window: int | None = None
    """T: characters through which gradients flow back."""
    feeding: str | None = None
    """windows (at random, from a zero state) or stream (in order, the state carried on)."""
    optimiser: str | None = None
    """rmsprop or adamw."""
    schedule: str | None = None
    """How the rate falls: constant, step or cosine."""
    clip: float | None = None
    """Largest norm of the gradient."""
    threshold: int = 1
    """Characters that stand less often in the book become one unknown symbol."""
    characters: int | None = None
    """Take only so many characters, from the book's beginning."""
    patience: int | None = None
    """Evaluations without a better held-out loss after which training stops; 0: never."""
    precision: str | None = None
    """auto, float32 or bfloat16; auto takes bfloat16 where this processor is fast at it."""
    threads: int | None = None
    """Threads of this process. Default: all cores for best, else one."""

    def __post_init__(self) -> None:
        check_types(self)
        if self.preset not in DEFAULT_MINUTES:
            raise unknown_name("preset", self.preset, DEFAULT_MINUTES)
        check_seed(self.seed)
        if self.steps is not None and self.minutes is not None:
            raise ConfigError("give --steps or --minutes, not both")
        for name, most in MOST.items():
            check_range(name, getattr(self, name), most)
        if self.minutes is not None and not 0 < self.minutes <= LONGEST_MINUTES:
            raise ConfigError(
                f"minutes must be above 0 and at most {LONGEST_MINUTES:,.0f}, got {self.minutes}"
            )
        for name in ("embedding", "patience"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ConfigError(f"{name} must be 0 or more, got {value}")
        if self.rate is not None and not 0 < self.rate <= MOST_RATE:
            bound = f"at most {MOST_RATE:g}" if self.rate > 0 else "a number above 0"
            raise ConfigError(f"rate must be {bound}, got {self.rate}")
        if self.clip is not None and not (self.clip > 0 and math.isfinite(self.clip)):
            raise ConfigError(f"clip must be a number above 0, got {self.clip}")
        if self.dropout is not None and not 0 <= self.dropout < 1:
            raise ConfigError(f"dropout must be 0 or more and below 1, got {self.dropout}")
        # What is left of wrong values is the recipe's to refuse, before any file is read.
        self.resolve_recipe(_GUESSED_CHARACTERS)

    @property
    def budget_minutes(self) -> float | None:
        """How long to train; None where steps are given."""
        if self.steps is not None:
            return None
        return DEFAULT_MINUTES[self.preset] if self.minutes is None else self.minutes

    @property
    def used_threads(self) -> int:
        """How many threads compute."""
        if self.threads is not None:
            return self.threads
        return default_workers() if self.preset == BEST else 1

    def resolve_recipe(self, characters: int) -> TextRecipe:
        """Return the preset's recipe for a book of that length, with the values that were given."""
        if self.preset == BEST:
            minutes = self.budget_minutes or DEFAULT_MINUTES[BEST]
            recipe = best_recipe(characters, minutes, self.used_threads)
        else:
            recipe = TEXT_PRESETS[self.preset]
        changes: dict[str, Any] = {
            there: getattr(self, here)
            for here, there in _CHANGES.items()
            if getattr(self, here) is not None
        }
        if self.embedding is not None:
            changes["embedding_size"] = self.embedding or None
        if self.patience is not None:
            changes["patience"] = self.patience or None
        return replace(recipe, **changes)

    def given(self) -> list[str]:
        """Return the words that are not the default's, the book first."""
        return given_words(self)

    def command(self, out: str) -> str:
        """Return the command line that asks for this, with only what is not the default."""
        return command_line("text train", self, out)
