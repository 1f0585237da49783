"""What several commands on text refuse."""

import math
from typing import Literal

from unroll.errors import ConfigError


def option(name: str) -> str:
    """Return a field's option as one types it.

    >>> option("top_k")
    '--top-k'
    """
    return f"--{name.replace('_', '-')}"


def check_seed(seed: int) -> None:
    """Raise ConfigError for a seed below 0 or beyond 63 bits."""
    if not 0 <= seed < 2**63:
        raise ConfigError(f"seed must be 0 … 2^63 − 1, got {seed}")


def check_temperature(temperature: float | None) -> None:
    """Raise ConfigError unless a temperature is positive and finite, or not given."""
    if temperature is not None and not (math.isfinite(temperature) and temperature > 0):
        greedy = ": --greedy takes the likeliest each time" if temperature == 0 else ""
        raise ConfigError(f"temperature must be positive and finite, got {temperature}{greedy}")


def check_stage(stage: str) -> None:
    """Raise ConfigError unless a stage is best, last or a step."""
    if stage not in ("best", "last") and not stage.isdecimal():
        raise ConfigError(f"stage must be best, last or a step such as 1000, got '{stage}'")


def read_stage(stage: str) -> int | Literal["best", "last"]:
    """Return best, last, or the step's number."""
    if stage.isdecimal():
        return int(stage)
    return "last" if stage == "last" else "best"


def check_range(name: str, value: int | None, most: int) -> None:
    """Raise ConfigError unless a value that is given is 1 … most."""
    if value is not None and not 1 <= value <= most:
        bound = "1 or more" if value < 1 else f"at most {most:,}"
        raise ConfigError(f"{name.replace('_', '-')} must be {bound}, got {value}")
