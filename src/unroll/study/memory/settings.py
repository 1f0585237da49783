"""What the memory study is asked to do. Imports no torch, so that --help is quick."""

import os
from dataclasses import dataclass, replace
from typing import Any

from unroll.errors import ConfigError, unknown_name
from unroll.field_types import check_types
from unroll.study.running.command_line import command_line
from unroll.training.curriculum import Curriculum
from unroll.training.recipes import Recipe, find_recipe

DEFAULT_LENGTHS = (5, 10, 15, 20, 25, 30)
ENGINES = ("auto", "plain", "torch", "closed-form", "parallel")
DEVICES = ("cpu", "cuda")
TRAINED = ("all", "readout")
LONGEST = 10**9
"""Longest palindrome in digits; memory ends long before."""
MOST = {
    "test_count": 10**6,
    "seeds": 10_000,
    "max_steps": 10**8,
    "batch_size": 10**5,
    "hidden_size": 10**4,
}
MOST_RATE = 1e30
"""Larger rates cannot be held in float32."""


@dataclass(frozen=True, kw_only=True)
class MemorySettings:
    """Train cells on palindromes of several lengths, and measure how far they remember."""

    cells: tuple[str, ...] = ("rnn", "lstm")
    """rnn, lstm, gru, peephole, min-gru, min-lstm, linear, or your own: path/to/file.py:MyCell or
    package.module:MyCell. bidirectional: before one reads from both ends."""
    lengths: tuple[int, ...] = DEFAULT_LENGTHS
    """Training lengths T, in digits."""
    seeds: int = 3
    """Train with seeds 0 … N−1."""
    recipe: str = "assignment"
    """How to train: assignment, assignment-tuned (four rates, chosen on validation), learned
    (one-hot digits, T grows as it is learned), learned-scalar (the same, scalar digits), or latch
    (memory by initialisation)."""
    task: str = "palindrome"
    """palindrome (predict the last digit) or palindrome-half (the whole second half)."""
    test_lengths: tuple[int, ...] = ()
    """Evaluate each trained network at these lengths too."""
    test_count: int | None = None
    """Palindromes to judge each network on, at every length. Default: 10,000, of more than 50
    digits fewer, 250 at least."""
    rate: float | None = None
    """Learning rate, instead of the recipe's."""
    max_steps: int | None = None
    """Most optimisation steps per trial, instead of the recipe's."""
    batch_size: int | None = None
    """Sequences in a batch, instead of the recipe's."""
    hidden_size: int | None = None
    """Hidden units, instead of the recipe's."""
    init: str | None = None
    """Initialisation of built-in cells: uniform, xavier, orthogonal:GAIN, identity:GAIN,
    forget-bias:VALUE, chrono, latch or thresholds:SLOPE."""
    curriculum_start: int | None = None
    """Begin at this T and lengthen as it is learned, instead of the recipe's way; 0 trains at
    the full length from the first step."""
    train: str = "all"
    """all parameters, or only the readout: what a cell remembers without learning."""
    engine: str = "auto"
    """How the scan is run: auto, plain, torch, closed-form or parallel."""
    device: str = "cpu"
    """cpu or cuda."""

    def __post_init__(self) -> None:
        check_types(self)
        if not self.cells:
            raise ConfigError("cells must name at least one cell, such as rnn")
        _check_lengths("lengths", self.lengths, at_least=1)
        _check_lengths("test-lengths", self.test_lengths, at_least=0)
        for name in ("cells", "lengths", "test_lengths"):
            values = getattr(self, name)
            twice = [value for value in values if values.count(value) > 1]
            if twice:
                raise ConfigError(f"{name.replace('_', '-')}: {twice[0]} is given twice")
        for name, most in MOST.items():
            value = getattr(self, name)
            if value is not None and not 1 <= value <= most:
                bound = "1 or more" if value < 1 else f"at most {most:,}"
                raise ConfigError(f"{name.replace('_', '-')} must be {bound}, got {value}")
        if self.rate is not None and not 0 < self.rate <= MOST_RATE:
            bound = f"at most {MOST_RATE:g}" if self.rate > 0 else "a number above 0"
            raise ConfigError(f"rate must be {bound}, got {self.rate}")
        for kind, name, known in (
            ("parameters to train", self.train, TRAINED),
            ("engine", self.engine, ENGINES),
            ("device", self.device, DEVICES),
        ):
            if name not in known:
                raise unknown_name(kind, name, known)
        if self.rate is not None and len(find_recipe(self.recipe).rates) > 1:
            raise ConfigError(
                f"recipe {self.recipe} tries rates of its own: leave --rate out, or choose "
                "--recipe assignment"
            )
        if self.curriculum_start is not None and self.curriculum_start < 0:
            raise ConfigError(
                "curriculum-start must be a length of 2 digits or more, or 0 for no curriculum, "
                f"got {self.curriculum_start}"
            )
        if curriculum := self.resolve_recipe().curriculum:
            curriculum.check_end(min(self.lengths))

    def resolve_recipe(self) -> Recipe:
        """Return the recipe with the values that were given instead of its own."""
        recipe = find_recipe(self.recipe)
        given = {
            "max_steps": self.max_steps,
            "batch_size": self.batch_size,
            "hidden_size": self.hidden_size,
        }
        chosen = {
            "initialisation": self.init,
            "rates": None if self.rate is None else (self.rate,),
        }
        return replace(
            recipe,
            **_given(given | chosen),
            curriculum=self._resolve_curriculum(recipe),
            by_cell={
                cell: replace(choice, **_given(chosen)) for cell, choice in recipe.by_cell.items()
            },
        )

    def _resolve_curriculum(self, recipe: Recipe) -> Curriculum | None:
        if self.curriculum_start is None:
            return recipe.curriculum
        if self.curriculum_start == 0:
            return None
        return replace(recipe.curriculum or Curriculum(), start=self.curriculum_start)

    def command(self, out: str) -> str:
        """Return the command line that asks for this, with only what is not the default."""
        always = ("cells", "lengths", "seeds", "recipe")
        return command_line("memory", self, out, always=always)


def default_workers() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _check_lengths(name: str, lengths: tuple[int, ...], *, at_least: int) -> None:
    if len(lengths) < at_least:
        raise ConfigError(f"{name} must name at least one length, such as 5")
    for length in lengths:
        if length > LONGEST:
            raise ConfigError(f"{name}: a length must be {LONGEST:,} digits or less, got {length}")
        if length < 2:
            raise ConfigError(f"{name}: a length must be 2 digits or more, got {length}")
