"""How sequences are to be compared with graphs."""

from dataclasses import dataclass, field

from unroll.errors import ConfigError, unknown_name
from unroll.field_types import check_types
from unroll.study.running.command_line import command_line

EXPERIMENTS = ("distance", "before", "palindrome", "images", "signal", "expressions")
"""The experiments, in the order of the report."""
MOST_SEEDS = 1_000
MOST_STEPS = 10**7


@dataclass(frozen=True, kw_only=True)
class CompareSettings:
    """Give the same data to a network that reads a sequence and to one that reads a graph."""

    experiment: str = field(default="distance", metadata={"positional": "EXPERIMENT"})
    """distance (between two nodes of a random graph), before (which of two comes first on a
    path), palindrome (as a path), images (as grids), signal (moving over a graph in time) or
    expressions (as trees)."""
    seeds: int = 3
    """Train with seeds 0 … N−1."""
    steps: int | None = None
    """Training steps of each network, instead of the experiment's own."""

    def __post_init__(self) -> None:
        check_types(self)
        if self.experiment not in EXPERIMENTS:
            raise unknown_name("experiment", self.experiment, EXPERIMENTS)
        if not 1 <= self.seeds <= MOST_SEEDS:
            raise ConfigError(f"seeds must be 1 to {MOST_SEEDS:,}, got {self.seeds}")
        if self.steps is not None and not 1 <= self.steps <= MOST_STEPS:
            raise ConfigError(f"steps must be 1 to {MOST_STEPS:,}, got {self.steps}")

    def command(self, out: str) -> str:
        """Return the command line that asks for this, with only what is not the default."""
        return command_line("graph compare", self, out, always=["experiment"])
