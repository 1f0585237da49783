"""What the comparison of optimisers is asked to do. Imports no torch, so that --help is quick."""

from dataclasses import dataclass

from unroll.errors import ConfigError, unknown_name
from unroll.field_types import check_types
from unroll.study.memory.settings import LONGEST, MOST_RATE, MemorySettings
from unroll.study.running.command_line import command_line
from unroll.training.recipes import find_recipe

GRIDS: dict[str, tuple[float, ...]] = {
    "sgd": (0.03, 0.1, 0.3, 1.0, 3.0),
    "momentum": (0.003, 0.01, 0.03, 0.1, 0.3),
    "rmsprop": (1e-4, 3e-4, 0.001, 0.003, 0.01),
    "adam": (3e-4, 0.001, 0.003, 0.01, 0.03, 0.1),
}
"""Rates tried for each optimiser, two a decade: for a vanilla RNN at T = 5 the lowest is too slow
and the highest too large. SGD's are ten times momentum's, so that they can be held together."""
DEFAULT_STEPS = 600


@dataclass(frozen=True, kw_only=True)
class OptimiserSettings:
    """Train one cell by several optimisers, each at several rates, from the same weights."""

    cell: str = "rnn"
    """rnn, lstm, gru, peephole, min-gru, min-lstm, linear, or your own: path/to/file.py:MyCell or
    package.module:MyCell. bidirectional: before one reads from both ends."""
    length: int = 5
    """T of the palindromes, in digits."""
    seeds: int = 3
    """Train with seeds 0 … N−1."""
    optimisers: tuple[str, ...] = tuple(GRIDS)
    """sgd, momentum, rmsprop, adam, or some of them."""
    rates: tuple[float, ...] = ()
    """Learning rates for all of them; default: for each optimiser a grid of its own."""
    recipe: str = "assignment"
    """What they share: how a digit enters, units, batches, clipping, initialisation. The recipe's
    own optimiser, rates, stopping rule and growing lengths are left out."""
    max_steps: int = DEFAULT_STEPS
    """Optimisation steps of each trial; none stops before."""
    batch_size: int | None = None
    """Sequences in a batch, instead of the recipe's."""
    hidden_size: int | None = None
    """Hidden units, instead of the recipe's."""

    def __post_init__(self) -> None:
        check_types(self)
        if not 2 <= self.length <= LONGEST:
            bound = f"{LONGEST:,} digits or less" if self.length > 2 else "2 digits or more"
            raise ConfigError(f"length must be {bound}, got {self.length}")
        if not self.optimisers:
            raise ConfigError("optimisers must name at least one, such as adam")
        for name in self.optimisers:
            if name not in GRIDS:
                raise unknown_name("optimiser", name, GRIDS)
        for rate in self.rates:
            if not 0 < rate <= MOST_RATE:
                bound = f"at most {MOST_RATE:g}" if rate > 0 else "a number above 0"
                raise ConfigError(f"rates: a rate must be {bound}, got {rate}")
        for field in ("optimisers", "rates"):
            values = getattr(self, field)
            twice = [value for value in values if values.count(value) > 1]
            if twice:
                raise ConfigError(f"{field}: {twice[0]} is given twice")
        if len(find_recipe(self.recipe).rates) > 1:
            raise ConfigError(
                f"recipe {self.recipe} differs from assignment in its rates alone, and here every "
                "optimiser has its own: choose --recipe assignment"
            )
        self.as_memory()

    def as_memory(self) -> MemorySettings:
        """Return the memory study of the same cell and length; it checks what it shares."""
        return MemorySettings(
            cells=(self.cell,),
            lengths=(self.length,),
            seeds=self.seeds,
            recipe=self.recipe,
            max_steps=self.max_steps,
            batch_size=self.batch_size,
            hidden_size=self.hidden_size,
            curriculum_start=0,
        )

    def grid(self, optimiser: str) -> tuple[float, ...]:
        """Return the rates that an optimiser is tried at, the lowest first."""
        return tuple(sorted(self.rates)) or GRIDS[optimiser]

    def command(self, out: str) -> str:
        """Return the command line that asks for this, with only what is not the default."""
        return command_line("optimisers", self, out)
