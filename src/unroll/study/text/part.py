"""What part 2 of a study is asked to do. Imports no torch, so that --help is quick."""

import shlex
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from unroll.errors import ConfigError
from unroll.study.text.settings import ContextSettings, CopiesSettings, TrainSettings

Look: TypeAlias = Literal["writing", "copies", "context"]
LOOKS: tuple[Look, ...] = get_args(Look)
"""What a trained network can be looked into for."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """One way to train a character model, with several seeds, and what to look at afterwards."""

    name: str
    """What figures and tables call it."""
    settings: TrainSettings
    """How; the book and the seed are filled in, and steps must be given."""
    seeds: int = 3
    """Train with seeds 0 … N−1."""
    looks: tuple[Look, ...] = LOOKS
    """What its networks are looked into for, when they are trained."""

    def __post_init__(self) -> None:
        if self.settings.steps is None:
            raise ConfigError(
                f"training {self.name}: steps must be given, for a run to be the same"
            )
        if self.seeds < 1:
            raise ConfigError(f"training {self.name}: seeds must be 1 or more, got {self.seeds}")


@dataclass(frozen=True, kw_only=True)
class WritingSettings:
    """How much each network writes, to be shown and to be measured."""

    lengths: tuple[int, ...] = (20, 30, 100)
    """Characters of the samples at each stage: shorter and longer than what gradients cross."""
    measured: int = 2_000
    """Characters written at each stage, to count the words that occur in the book."""
    temperatures: tuple[float, ...] = (0.5, 1.0, 2.0)
    """T of softmax(x / T), besides greedy."""
    samples: int = 5
    """Texts at each temperature."""
    length: int = 300
    """Characters of each of them, of completions and of beams."""
    prompts: int = 4
    """Beginnings of held-out sentences that are completed."""
    beams: tuple[int, ...] = (1, 3, 5, 10)
    """Widths of the beam search."""


@dataclass(frozen=True, kw_only=True)
class TextPart:
    """Train character models on a book, let them write, and look into them."""

    trainings: tuple[Training, ...]
    """What is trained."""
    book: Path | None = None
    """A UTF-8 text, a folder of .txt files, or a fetched book; default: Python's own prose."""
    writing: WritingSettings = field(default_factory=WritingSettings)
    """How much is written."""
    copies: CopiesSettings = field(default_factory=CopiesSettings)
    """How copying is measured."""
    context: ContextSettings = field(default_factory=ContextSettings)
    """How far back is looked."""
    preset: str = "quick"
    """The preset that it belongs to."""

    def __post_init__(self) -> None:
        names = [training.name for training in self.trainings]
        if not names:
            raise ConfigError("text: give at least one training")
        if twice := [name for name in names if names.count(name) > 1]:
            raise ConfigError(f"text: two trainings are called {twice[0]}")

    def of_book(self, book: Path) -> "TextPart":
        """Return the same part for another book."""
        return replace(self, book=book)

    def command(self, out: str) -> str:
        """Return the command line that asks for this."""
        words = ["unroll", "study", "--preset", self.preset]
        words += [] if self.book is None else ["--book", str(self.book)]
        return shlex.join([*words, "--out", out])
