"""How a trained model is to write."""

from dataclasses import dataclass
from pathlib import Path

from unroll.errors import ConfigError
from unroll.field_types import check_types
from unroll.study.text.settings.checks import (
    check_range,
    check_seed,
    check_stage,
    check_temperature,
    option,
)


@dataclass(frozen=True, kw_only=True)
class WriteSettings:
    """Write text with a trained model."""

    prompt: str | None = None
    """What the text begins with; default: a common opening of the book's sentences."""
    length: int = 300
    """Characters to write after the prompt."""
    temperature: float | None = None
    """T of softmax(x / T): below 1 is safer, above 1 wilder; default 1. The assignment's τ is
    1 / T: its τ = 2 is --temperature 0.5."""
    top_k: int | None = None
    """Draw among the k likeliest characters only."""
    top_p: float | None = None
    """Draw among the fewest characters that together have probability p."""
    greedy: bool = False
    """Take the likeliest character each time; nothing is drawn."""
    beams: int | None = None
    """Search for the likeliest text with so many beams."""
    until: str | None = None
    """With --beams: what ends a text, such as a full stop."""
    samples: int = 1
    """How many texts to draw; sample i depends on the seed and i alone."""
    seed: int = 0
    """Of the draws."""
    stage: str = "best"
    """Which weights write: best (on held-out text), last, or a step that was kept."""
    show_confidence: bool = False
    """Colour each character by the probability that the model gave it."""
    beside: Path | None = None
    """A book in which the prompt stands: its own continuation is printed beside the model's."""

    def __post_init__(self) -> None:
        check_types(self)
        check_seed(self.seed)
        if self.prompt == "":
            raise ConfigError("prompt is empty: give at least one character to begin with")
        check_range("length", self.length, 10**9)
        check_range("samples", self.samples, 10**6)
        check_range("beams", self.beams, 10**5)
        check_temperature(self.temperature)
        check_range("top_k", self.top_k, 2**16)
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise ConfigError(f"top-p must be above 0 and at most 1, got {self.top_p}")
        check_stage(self.stage)
        self._check_ways()
        self._check_until()

    @property
    def used_temperature(self) -> float:
        """T that is drawn at: 1 where none is given."""
        return 1.0 if self.temperature is None else self.temperature

    def _check_ways(self) -> None:
        """Refuse options of another way to choose characters than the one asked for."""
        way = "greedy" if self.greedy else "beams" if self.beams is not None else ""
        if self.greedy and self.beams is not None:
            raise ConfigError("give --greedy or --beams, not both: one beam is greedy")
        drawing = ("temperature", "top_k", "top_p")
        given = [option(name) for name in drawing if getattr(self, name) is not None]
        given += ["--samples"] if self.samples > 1 else []
        if way and given:
            raise ConfigError(f"--{way} draws nothing: leave out {given[0]}, or --{way}")
        if self.beams is not None and self.show_confidence:
            raise ConfigError("--show-confidence colours what is drawn: leave out --beams")
        if self.show_confidence and self.beside is not None:
            raise ConfigError("give --show-confidence or --beside, not both")

    def _check_until(self) -> None:
        if self.until is None:
            return
        if self.beams is None:
            raise ConfigError("--until ends a beam: give --beams too")
        if not 1 <= len(self.until) <= self.length:
            bound = "is empty" if not self.until else f"is longer than --length {self.length}"
            raise ConfigError(f"until {bound}: give what a text is to end with, such as '.'")
