"""What the look at gates is asked to do. Imports no torch, so that --help is quick."""

from dataclasses import dataclass

from unroll.errors import ConfigError
from unroll.field_types import check_types
from unroll.study.memory.settings import MemorySettings
from unroll.study.running.command_line import command_line
from unroll.training.recipes import find_recipe

GATED_CELLS = ("lstm", "gru")
"""The built-in cells that have gates."""
SHORTEST, LONGEST = 3, 100
"""Palindromes in digits: below there is nothing to carry a digit past, above nothing to see."""


@dataclass(frozen=True, kw_only=True)
class GateSettings:
    """Train gated cells at one length, and look at what each gate does over a palindrome."""

    cells: tuple[str, ...] = ("lstm",)
    """lstm, gru, or both."""
    length: int = 10
    """T, digits of the palindromes that are trained on and drawn."""
    seeds: int = 1
    """Train with seeds 0 … N−1."""
    recipe: str = "assignment"
    """How to train: assignment, or learned (one-hot digits, T grows as it is learned)."""
    max_steps: int | None = None
    """Most optimisation steps per trial, instead of the recipe's."""
    batch_size: int | None = None
    """Sequences in a batch, instead of the recipe's."""
    hidden_size: int | None = None
    """Hidden units, instead of the recipe's."""
    digits: str | None = None
    """A palindrome of T digits to draw, 3141551413 say, instead of a held-out one."""

    def __post_init__(self) -> None:
        check_types(self)
        known = " or ".join(GATED_CELLS)
        if not self.cells:
            raise ConfigError(f"cells must name at least one cell: {known}")
        for cell in self.cells:
            if cell not in GATED_CELLS:
                raise ConfigError(
                    f"cells: '{cell}' has no gates that are known here: choose {known}"
                )
        if not SHORTEST <= self.length <= LONGEST:
            raise ConfigError(
                f"length must be {SHORTEST} to {LONGEST} digits for gates to be drawn, "
                f"got {self.length}"
            )
        if len(find_recipe(self.recipe).rates) > 1:
            raise ConfigError(
                f"recipe {self.recipe} tries several rates, and gates are drawn of one network: "
                "choose --recipe assignment"
            )
        if self.digits is not None:
            _check_digits(self.digits, self.length)
        self.as_memory()

    def as_memory(self) -> MemorySettings:
        """Return the memory study that trains the same networks; it checks what it shares."""
        return MemorySettings(
            cells=self.cells,
            lengths=(self.length,),
            seeds=self.seeds,
            recipe=self.recipe,
            max_steps=self.max_steps,
            batch_size=self.batch_size,
            hidden_size=self.hidden_size,
        )

    def command(self, out: str) -> str:
        """Return the command line that asks for this, with only what is not the default."""
        return command_line("gates", self, out)


def _check_digits(digits: str, length: int) -> None:
    if not (digits.isascii() and digits.isdigit()):
        raise ConfigError(f"digits must be digits 0–9 and nothing else, got '{digits}'")
    if digits != digits[::-1]:
        raise ConfigError(
            f"digits must be a palindrome, the same from both ends, got '{digits}'; "
            f"'{digits + digits[-2::-1]}' is one"
        )
    if len(digits) != length:
        raise ConfigError(
            f"digits must be as many as the palindromes trained on have, T = {length}, "
            f"got {len(digits)}: choose --length {len(digits)}, or another palindrome"
        )
