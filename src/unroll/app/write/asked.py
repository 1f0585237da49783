"""What the page Write asks for, with the limits that keep one request's work small."""

from dataclasses import dataclass

from unroll.errors import ConfigError
from unroll.field_types import check_types

MOST_PROMPT = 20_000
MOST_LENGTH = 2_000
MOST_BEAM_LENGTH = 200
MOST_BEAMS = 10
MOST_ALTERNATIVES = 10
TEMPERATURES = (0.01, 100.0)
_SHOWN = 40
"""Characters of a wrong value that are repeated."""


@dataclass(frozen=True, kw_only=True)
class ReadyRequest:
    """Which model is about to be asked. Raises: ConfigError for a value of another kind."""

    run: str
    """The run's id."""
    stage: str = "best"
    """`best`, `last`, or a step whose weights are kept."""

    def __post_init__(self) -> None:
        check_types(self)


@dataclass(frozen=True, kw_only=True)
class WriteRequest(ReadyRequest):
    """A prompt to continue. Raises: ConfigError, in one line, for a value out of range."""

    prompt: str
    """What the text begins with; empty: a common opening of the book's sentences."""
    length: int
    """Characters to write, 1 … 2,000."""
    temperature: float = 1.0
    """T of softmax(x / T), 0.01 … 100."""
    top_k: int | None = None
    """Draw among the k likeliest; None: among all."""
    top_p: float | None = None
    """Draw among the fewest that together reach p, in (0, 1]; None: among all."""
    greedy: bool = False
    """Take the likeliest each time; then temperature and filters are left out."""
    seed: int = 0
    """Of the draws."""
    alternatives: int = 0
    """How many of the likeliest characters are told at each place, 0 … 10."""

    def __post_init__(self) -> None:
        check_types(self)
        check_prompt(self.prompt)
        check_number("length", self.length, 1, MOST_LENGTH)
        check_number("temperature", self.temperature, *TEMPERATURES)
        check_number("top-k", self.top_k, 1, 2**16)
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise ConfigError(f"top-p must be above 0 and at most 1, got {_shown(self.top_p)}")
        check_number("seed", self.seed, 0, 2**63 - 1)
        check_number("alternatives", self.alternatives, 0, MOST_ALTERNATIVES)
        if self.greedy and (self.temperature, self.top_k, self.top_p) != (1.0, None, None):
            raise ConfigError("greedy draws nothing: leave out temperature, top_k and top_p")


@dataclass(frozen=True, kw_only=True)
class BeamsRequest(ReadyRequest):
    """A prompt to find the likeliest texts for. Raises: ConfigError for a value out of range."""

    prompt: str
    """What the texts begin with; empty: as in `WriteRequest`."""
    length: int
    """Characters to write, 1 … 200."""
    beams: int
    """Texts that are followed, 1 … 10."""
    until: str | None = None
    """What ends a text, such as a full stop; None: all have the same length."""

    def __post_init__(self) -> None:
        check_types(self)
        check_prompt(self.prompt)
        check_number("length", self.length, 1, MOST_BEAM_LENGTH)
        check_number("beams", self.beams, 1, MOST_BEAMS)
        if self.until is not None and not 1 <= len(self.until) <= self.length:
            raise ConfigError(
                f"'Ends with' must be 1 to {self.length:,} characters, no more than are to be "
                f"written, got {len(self.until):,}"
            )


@dataclass(frozen=True, kw_only=True)
class CopiesRequest:
    """A text to be looked up in a run's book. Raises: ConfigError for one that is too long."""

    run: str
    """The run's id."""
    text: str
    """1 … 20,000 characters."""

    def __post_init__(self) -> None:
        check_types(self)
        if not 1 <= len(self.text) <= MOST_PROMPT:
            raise ConfigError(
                f"the text must have 1 to {MOST_PROMPT:,} characters, got {len(self.text):,}"
            )


def check_prompt(prompt: str) -> None:
    """Raise ConfigError for a prompt that is too long."""
    if len(prompt) > MOST_PROMPT:
        raise ConfigError(
            f"the prompt may have at most {MOST_PROMPT:,} characters, got {len(prompt):,}: "
            "shorten it, the end is what the model goes on from"
        )


def check_number(name: str, value: float | None, least: float, most: float) -> None:
    """Raise ConfigError for a number out of range; None is in every range."""
    if value is not None and not least <= value <= most:
        raise ConfigError(f"{name} must be {least:,} to {most:,}, got {_shown(value)}")


def _shown(value: float) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
