"""What the memory study is asked to do. Imports no torch, so that --help is quick."""

import math
import os
import shlex
from dataclasses import dataclass, replace

from unroll.errors import ConfigError, unknown_name
from unroll.training.recipes import Recipe, find_recipe

DEFAULT_LENGTHS = (5, 10, 15, 20, 25, 30)
ENGINES = ("auto", "plain", "torch", "closed-form")
DEVICES = ("cpu", "cuda")


@dataclass(frozen=True, kw_only=True)
class MemorySettings:
    """Train cells on palindromes of several lengths, and measure how far they remember."""

    cells: tuple[str, ...] = ("rnn", "lstm")
    """rnn, lstm, gru, or your own: path/to/file.py:MyCell or package.module:MyCell."""
    lengths: tuple[int, ...] = DEFAULT_LENGTHS
    """Training lengths T, in digits."""
    seeds: int = 3
    """Train with seeds 0 … N−1."""
    recipe: str = "assignment"
    """How to train: assignment, or assignment-tuned (four rates, chosen on validation)."""
    task: str = "palindrome"
    """palindrome (predict the last digit) or palindrome-half (the whole second half)."""
    test_lengths: tuple[int, ...] = ()
    """Evaluate each trained network at these lengths too."""
    rate: float | None = None
    """Learning rate, instead of the recipe's."""
    max_steps: int | None = None
    """Most optimisation steps per trial, instead of the recipe's."""
    batch_size: int | None = None
    """Sequences in a batch, instead of the recipe's."""
    hidden_size: int | None = None
    """Hidden units, instead of the recipe's."""
    init: str | None = None
    """Initialisation of built-in cells: uniform, xavier, orthogonal, identity:GAIN,
    forget-bias:VALUE or chrono."""
    engine: str = "auto"
    """How the scan is run: auto, plain, torch or closed-form."""
    device: str = "cpu"
    """cpu or cuda."""

    def __post_init__(self) -> None:
        if not self.cells:
            raise ConfigError("cells must name at least one cell, such as rnn")
        _check_lengths("lengths", self.lengths, at_least=1)
        _check_lengths("test-lengths", self.test_lengths, at_least=0)
        for name in ("cells", "lengths", "test_lengths"):
            values = getattr(self, name)
            twice = [value for value in values if values.count(value) > 1]
            if twice:
                raise ConfigError(f"{name.replace('_', '-')}: {twice[0]} is given twice")
        for name in ("seeds", "max_steps", "batch_size", "hidden_size"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigError(f"{name.replace('_', '-')} must be 1 or more, got {value}")
        if self.rate is not None and not (math.isfinite(self.rate) and self.rate > 0):
            raise ConfigError(f"rate must be a number above 0, got {self.rate}")
        for kind, name, known in (
            ("engine", self.engine, ENGINES),
            ("device", self.device, DEVICES),
        ):
            if name not in known:
                raise unknown_name(kind, name, known)
        find_recipe(self.recipe)

    def resolve_recipe(self) -> Recipe:
        """Return the recipe with the values that were given instead of its own."""
        recipe = find_recipe(self.recipe)
        return replace(
            recipe,
            rates=recipe.rates if self.rate is None else (self.rate,),
            max_steps=self.max_steps or recipe.max_steps,
            batch_size=self.batch_size or recipe.batch_size,
            hidden_size=self.hidden_size or recipe.hidden_size,
            initialisation=self.init or recipe.initialisation,
        )

    def command(self, out: str) -> str:
        """Return the command line that asks for this, with only what is not the default."""
        words = ["unroll", "memory", "--cells", *self.cells, "--lengths", *map(str, self.lengths)]
        words += ["--seeds", str(self.seeds), "--recipe", self.recipe]
        default = MemorySettings()
        for name in ("task", "test_lengths", "rate", "max_steps", "batch_size", "hidden_size"):
            words += _option(name, getattr(self, name), getattr(default, name))
        for name in ("init", "engine", "device"):
            words += _option(name, getattr(self, name), getattr(default, name))
        return shlex.join([*words, "--out", out])


def default_workers() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check_lengths(name: str, lengths: tuple[int, ...], *, at_least: int) -> None:
    if len(lengths) < at_least:
        raise ConfigError(f"{name} must name at least one length, such as 5")
    for length in lengths:
        if length < 2:
            raise ConfigError(f"{name}: a length must be 2 digits or more, got {length}")


def _option(name: str, value: object, default: object) -> list[str]:
    if value == default:
        return []
    values = value if isinstance(value, tuple) else (value,)
    return [f"--{name.replace('_', '-')}", *map(str, values)]
