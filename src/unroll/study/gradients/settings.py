"""What the gradient study is asked to do. Imports no torch, so that --help is quick."""

from dataclasses import dataclass
from pathlib import Path

from unroll.errors import ConfigError
from unroll.field_types import check_types
from unroll.study.memory.settings import LONGEST, MemorySettings
from unroll.study.running.command_line import command_line
from unroll.training.recipes import Recipe, find_recipe

DEFAULT_CELLS = ("rnn", "lstm")
REGIMES = ("orthogonal:0.5", "orthogonal", "orthogonal:3")
"""Recurrent matrices that contract, keep and expand what they are applied to."""
DEFAULT_INITS = ("uniform", "xavier", "identity", *REGIMES, "forget-bias:1", "chrono")
"""Initialisations tried where none are named; a cell leaves out those that it has no gate for."""
MOST_SEQUENCES = 10_000


@dataclass(frozen=True, kw_only=True)
class GradientSettings:
    """Measure how much gradient arrives at each step of a sequence."""

    cells: tuple[str, ...] = ()
    """rnn, lstm, gru, peephole, min-gru, min-lstm, linear, or your own: path/to/file.py:MyCell.
    Default: rnn and lstm, or the checkpoint's cell."""
    length: int = 100
    """T of the palindromes looked at, in digits."""
    inits: tuple[str, ...] = ()
    """Initialisations of the untrained networks. Default: uniform, xavier, identity, orthogonal
    (with gains 0.5, 1 and 3), forget-bias:1 and chrono, as far as a cell has the gates."""
    trained_at: tuple[int, ...] = ()
    """Train networks at these lengths by the recipe, and look into them too."""
    checkpoint: Path | None = None
    """Look into this network too: weights/KEY.safetensors of a run directory."""
    seeds: int = 3
    """Look into networks with seeds 0 … N−1."""
    sequences: int = 32
    """Palindromes over which the norms are averaged."""
    recipe: str = "assignment"
    """How networks are trained, and how a digit enters: assignment or learned."""
    max_steps: int | None = None
    """Most optimisation steps per trial, instead of the recipe's."""
    hidden_size: int | None = None
    """Hidden units, instead of the recipe's."""

    def __post_init__(self) -> None:
        check_types(self)
        self._check_trained_at()
        self.training()  # checks cells, seeds and everything else that both have
        if not 3 <= self.length <= LONGEST:
            bound = f"{LONGEST:,} digits or less" if self.length > 3 else "3 digits or more"
            raise ConfigError(f"length must be {bound}, got {self.length}")
        if not 1 <= self.sequences <= MOST_SEQUENCES:
            raise ConfigError(f"sequences must be in 1 … {MOST_SEQUENCES:,}, got {self.sequences}")
        twice = [name for name in self.inits if self.inits.count(name) > 1]
        if twice:
            raise ConfigError(f"inits: {twice[0]} is given twice")

    def _check_trained_at(self) -> None:
        """Check the lengths in this command's own words, which the memory study does not know."""
        recipe = find_recipe(self.recipe)
        if len(recipe.rates) > 1:
            raise ConfigError(
                f"recipe {self.recipe} tries several rates, and gradients are looked at in one "
                "network a seed: choose --recipe assignment"
            )
        start = recipe.curriculum.start if recipe.curriculum else 2
        for length in self.trained_at:
            if not 2 <= length <= LONGEST:
                bound = f"{LONGEST:,} digits or less" if length > 2 else "2 digits or more"
                raise ConfigError(f"trained-at: a length must be {bound}, got {length}")
            if length < start:
                raise ConfigError(
                    f"trained-at: recipe {self.recipe} starts at T = {start}, got {length}: train "
                    f"at T = {start} or more, or choose --recipe assignment"
                )
            if self.trained_at.count(length) > 1:
                raise ConfigError(f"trained-at: {length} is given twice")

    def training(self, cells: tuple[str, ...] = ()) -> MemorySettings:
        """Return the memory study that trains the networks, at least at one length."""
        return MemorySettings(
            cells=cells or self.cells or DEFAULT_CELLS,
            lengths=self.trained_at or (min(max(self.length, 4), LONGEST),),
            seeds=self.seeds,
            recipe=self.recipe,
            max_steps=self.max_steps,
            hidden_size=self.hidden_size,
        )

    def resolve_recipe(self) -> Recipe:
        """Return the recipe with the values that were given instead of its own."""
        return self.training().resolve_recipe()

    def command(self, out: str) -> str:
        """Return the command line that asks for this, with only what is not the default."""
        return command_line("gradients", self, out)
