"""What the page Look inside asks, checked."""

from dataclasses import dataclass

from unroll.errors import ConfigError
from unroll.field_types import check_types

LONGEST_TEXT = 5_000
"""Characters of a text of one's own."""
_MOST_LAYERS = 1_000
_MOST_UNITS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class UnitsAsked:
    """Which network to measure. Raises: ConfigError for values of another kind."""

    run: str
    """Its id."""
    stage: str = "best"
    """`best`, `last` or a step that is kept."""

    def __post_init__(self) -> None:
        check_types(self)


@dataclass(frozen=True, kw_only=True)
class ActivityAsked:
    """Which units to follow along which text.

    Raises: ConfigError for values of another kind, a text that is empty or too long, and for
    numbers that no network has.
    """

    run: str
    """Its id."""
    stage: str = "best"
    """`best`, `last` or a step that is kept."""
    text: str | None = None
    """A text of one's own; None takes a passage of the held-out text."""
    layer: int = 1
    """The first is 1."""
    part: str = "h"
    """Gate or part of the state."""
    unit: int = 1
    """The first is 1."""

    def __post_init__(self) -> None:
        check_types(self)
        if self.text is not None and not 1 <= len(self.text) <= LONGEST_TEXT:
            raise ConfigError(
                f"text must have 1 to {LONGEST_TEXT:,} characters, got {len(self.text):,}"
            )
        for name, most in (("layer", _MOST_LAYERS), ("unit", _MOST_UNITS)):
            # The number itself is not repeated: it may have thousands of digits.
            if not 1 <= getattr(self, name) <= most:
                raise ConfigError(f"{name} must be a whole number from 1 to {most:,}")
