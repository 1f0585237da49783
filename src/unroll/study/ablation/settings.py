"""What the ablation is asked to do. Imports no torch, so that --help is quick."""

from dataclasses import dataclass

from unroll.errors import ConfigError
from unroll.field_types import check_types
from unroll.study.memory.settings import MOST_RATE, MemorySettings
from unroll.study.running.command_line import command_line
from unroll.training.recipes import LEARNED

LENGTHS = (5, 10, 20, 50, 100)
RATES = (3e-4, 1e-3, 3e-3)
"""They hold the rates of both recipes."""
BUDGET = 500_000
MOST_BUDGET = 10**12


@dataclass(frozen=True, kw_only=True)
class AblationSettings:
    """Lead training from recipe assignment to recipe learned, one change at a time."""

    cells: tuple[str, ...] = ("rnn", "lstm")
    """rnn, lstm, gru, or your own: path/to/file.py:MyCell or package.module:MyCell."""
    seeds: int = 3
    """Train with seeds 0 … N−1."""
    budget: int = BUDGET
    """Most sequence-steps of a trial: a step on B sequences of T digits costs B·T."""
    lengths: tuple[int, ...] = LENGTHS
    """Lengths T, in digits; one is tried where every shorter one was solved by some seed."""
    rates: tuple[float, ...] = RATES
    """Learning rates; validation chooses one for every row and length."""
    batch_size: int | None = None
    """Sequences in a batch, instead of the recipes'."""
    hidden_size: int | None = None
    """Hidden units, instead of the recipes'."""

    def __post_init__(self) -> None:
        check_types(self)
        self.as_memory()
        curriculum = LEARNED.curriculum
        if curriculum and self.lengths and min(self.lengths) < curriculum.start:
            raise ConfigError(
                f"lengths: the curriculum begins at T = {curriculum.start}, so a length must be "
                f"{curriculum.start} digits or more, got {min(self.lengths)}"
            )
        if not self.rates:
            raise ConfigError("rates must name at least one rate, such as 0.001")
        for rate in self.rates:
            if not 0 < rate <= MOST_RATE:
                bound = f"at most {MOST_RATE:g}" if rate > 0 else "a number above 0"
                raise ConfigError(f"rates: a rate must be {bound}, got {rate}")
            if self.rates.count(rate) > 1:
                raise ConfigError(f"rates: {rate} is given twice")
        dearest = max(self.lengths) * (self.batch_size or LEARNED.batch_size)
        if not dearest <= self.budget <= MOST_BUDGET:
            bound = (
                f"at least {dearest:,}, one step at T = {max(self.lengths):,}"
                if self.budget < dearest
                else f"at most {MOST_BUDGET:,}"
            )
            raise ConfigError(f"budget must be {bound}, got {self.budget:,}")

    def as_memory(self) -> MemorySettings:
        """Return the memory study of the same cells and lengths; it checks what it shares."""
        return MemorySettings(
            cells=self.cells,
            lengths=self.lengths,
            seeds=self.seeds,
            batch_size=self.batch_size,
            hidden_size=self.hidden_size,
        )

    def command(self, out: str) -> str:
        """Return the command line that asks for this, with only what is not the default."""
        return command_line("ablation", self, out)
