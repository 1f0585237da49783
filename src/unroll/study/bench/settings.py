"""What the bench is asked to do. Imports no torch, so that --help is quick."""

from dataclasses import dataclass, field
from pathlib import Path

from unroll.errors import ConfigError, unknown_name
from unroll.field_types import check_types
from unroll.study.running.command_line import command_line

TASKS = (
    "palindrome",
    "palindrome-half",
    "delayed-copying",
    "adding",
    "associative-recall",
    "parity",
)
"""The tasks, in the order of a card."""
BESIDES = ("gradient", "bits", "cost")
"""What a card holds besides: gradient over time, bits per character, time and memory against T."""
MATCHES = ("parameters", "state")
BATCH_SIZE = 32
"""B of every training."""
TUNING_SEED = 1_000
"""The seed with which the rate is chosen; it is above every seed that is reported."""
FEWER_SEEDS = 3
"""Seeds of a training that takes longer than `SLOW_SECONDS`."""
SLOW_SECONDS = 30.0
"""Of the tuning trial at the chosen rate."""
LONGEST = 100_000
"""Largest T that may be asked for."""
MOST = {"seeds": TUNING_SEED, "hidden_size": 4_096, "budget": 10**11, "longest": LONGEST}


@dataclass(frozen=True, kw_only=True)
class BenchSettings:
    """Put cells through the same tasks, each with widths alike and a rate of its own."""

    cells: tuple[str, ...] = field(metadata={"positional": "CELL"})
    """Cells to compare, the one to match first: rnn, lstm, gru, peephole, min-gru, min-lstm,
    linear, bidirectional:CELL, or your own: path/to/file.py:MyCell or package.module:MyCell."""
    match: str = "parameters"
    """What is alike in all of them: the number of parameters, or of numbers in the carried
    state."""
    tasks: tuple[str, ...] = (*TASKS, *BESIDES)
    """What a card holds."""
    seeds: int = 5
    """Train with seeds 0 … N−1; with 3 at most where one training takes over 30 seconds."""
    hidden_size: int = 64
    """Hidden units of the first cell; the others are matched to it."""
    rates: tuple[float, ...] = (1e-2, 3e-3, 1e-3, 3e-4)
    """Learning rates; for each cell and task the one that comes to the longest T is chosen, with
    a seed that is not reported. The book has a grid of its own: 0.1, 0.03, 0.01, 0.003."""
    budget: int = 2_000_000
    """Sequence-steps of one training: a batch of B sequences of length T costs B·T of them."""
    longest: int = 500
    """Longest T that training may grow to."""
    book: Path | None = None
    """UTF-8 text, folder of .txt files or fetched book for bits per character. Default: the
    documentation that comes with Python."""

    def __post_init__(self) -> None:
        check_types(self)
        if not self.cells:
            raise ConfigError(
                "CELL is missing: name at least one, such as lstm, or your own as FILE.py:CLASS"
            )
        for name in ("cells", "tasks", "rates"):
            values = getattr(self, name)
            if not values:
                raise ConfigError(f"{name} must name at least one")
            if twice := [value for value in values if values.count(value) > 1]:
                raise ConfigError(f"{name}: {twice[0]} is given twice")
        if self.match not in MATCHES:
            raise unknown_name("match", self.match, MATCHES)
        for name in self.tasks:
            if name not in (*TASKS, *BESIDES):
                raise unknown_name("task", name, (*TASKS, *BESIDES))
        for name, most in MOST.items():
            value = getattr(self, name)
            if not 1 <= value <= most:
                bound = "1 or more" if value < 1 else f"at most {most:,}"
                raise ConfigError(f"{name.replace('_', '-')} must be {bound}, got {value}")
        for rate in self.rates:
            if not 0 < rate <= 1:
                raise ConfigError(f"rates: a rate must be above 0 and at most 1, got {rate}")
        if self.book is not None and "bits" not in self.tasks:
            raise ConfigError("book: bits is not among --tasks: add it, or leave --book out")

    @property
    def are_tasks_named(self) -> bool:
        """Whether the tasks were chosen: then a cell that cannot take one of them is refused."""
        return self.tasks != (*TASKS, *BESIDES)

    @property
    def trained(self) -> tuple[str, ...]:
        """The tasks that networks are trained on, in the order of a card."""
        return tuple(name for name in TASKS if name in self.tasks)

    def command(self, out: str) -> str:
        """Return the command line that asks for this, with only what is not the default."""
        return command_line("bench", self, out, always=("cells",))
