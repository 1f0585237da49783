"""How a trained model is to be looked into: score, copying, context."""

from dataclasses import dataclass

from unroll.errors import ConfigError
from unroll.field_types import check_types
from unroll.study.text.settings.checks import (
    check_range,
    check_seed,
    check_stage,
    check_temperature,
)


@dataclass(frozen=True, kw_only=True)
class ScoreSettings:
    """Read a text with a trained model, and say how many bits each character costs it."""

    places: int = 10
    """How many of the most surprising places to list."""
    stage: str = "best"
    """Which weights read: best (on held-out text), last, or a step that was kept."""

    def __post_init__(self) -> None:
        check_types(self)
        if self.places < 0:
            raise ConfigError(f"places must be 0 or more, got {self.places}")
        check_stage(self.stage)


@dataclass(frozen=True, kw_only=True)
class CopiesSettings:
    """Measure how much of what a model writes stands in the book word for word."""

    characters: int = 20_000
    """Characters written at each stage of training."""
    temperature: float = 1.0
    """T at which they are drawn."""
    seed: int = 0
    """Of the draws."""

    def __post_init__(self) -> None:
        check_types(self)
        check_seed(self.seed)
        if self.characters < 100:
            raise ConfigError(
                "characters must be 100 or more, the longest span that is counted, got "
                f"{self.characters}"
            )
        check_temperature(self.temperature)


@dataclass(frozen=True, kw_only=True)
class ContextSettings:
    """Measure how far back a model looks."""

    positions: int = 1000
    """Places of held-out text at which it is measured."""
    furthest: int = 512
    """The longest distance, in characters; distances double up to it."""
    warm: int = 256
    """Characters of foreign text that the state is warmed on."""
    gradients: int = 100
    """Places at which gradients are measured too."""
    seed: int = 0
    """Of the places and of the foreign text."""
    stage: str = "best"
    """Which weights are looked into: best (on held-out text), last, or a step that was kept."""

    def __post_init__(self) -> None:
        check_types(self)
        check_seed(self.seed)
        if self.positions < 2:
            raise ConfigError(f"positions must be 2 or more, got {self.positions}")
        for name in ("furthest", "warm", "gradients"):
            check_range(name, getattr(self, name), 10**6)
        check_stage(self.stage)

    @property
    def distances(self) -> tuple[int, ...]:
        """1, 2, 4 … up to the furthest."""
        return tuple(2**n for n in range(self.furthest.bit_length()))
