"""What `unroll check` is asked. Imports no torch, so that --help is quick."""

from dataclasses import dataclass

from unroll.errors import ConfigError
from unroll.field_types import check_types

MOST = {"input_size": 64, "hidden_size": 64, "seed": 10**9}
"""Beyond these sizes nothing else comes out, and the slopes take long."""


@dataclass(frozen=True, kw_only=True)
class CheckSettings:
    """Try every rule on a cell, and compare it with a built-in one."""

    as_: str | None = None
    """Compare with this built-in cell by copied weights: rnn, lstm, gru, peephole, min-gru,
    min-lstm or linear."""
    input_size: int = 5
    """Inputs a step, D."""
    hidden_size: int = 8
    """Hidden units, H."""
    seed: int = 0
    """Of the parameters and the inputs."""

    def __post_init__(self) -> None:
        check_types(self)
        for name, most in MOST.items():
            value = getattr(self, name)
            least = 0 if name == "seed" else 1
            if not least <= value <= most:
                bound = f"{least} or more" if value < least else f"at most {most:,}"
                raise ConfigError(f"{name.replace('_', '-')} must be {bound}, got {value}")
