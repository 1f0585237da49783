"""Fields of dataclasses as options."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from unroll.cli.options import make, options_of, texts_of


@dataclass(frozen=True, kw_only=True)
class Inner:
    lengths: tuple[int, ...] = (5, 10)
    """Lengths
    in digits."""
    rate: float | None = None
    """How fast."""


@dataclass(frozen=True, kw_only=True)
class Outer:
    run: Path = field(metadata={"positional": "RUN"})
    """Where."""
    inner: Inner = field(default_factory=Inner)
    """Not an option of its own."""
    form: Literal["md", "html"] = "md"
    """Which."""
    loud: bool = False
    """Whether."""


def test_options_are_the_fields_of_all_dataclasses_in_order() -> None:
    told = {option.name: (option.words, option.default) for option in options_of(Outer)}
    assert list(told) == ["run", "lengths", "rate", "form", "loud"]
    assert told["run"][0] == "RUN"
    assert told["lengths"] == ("--lengths INT ...", (5, 10))
    assert told["rate"] == ("--rate FLOAT", None)
    assert told["form"] == ("--form md|html", "md")
    assert told["loud"] == ("--loud", False)
    assert [option.name for option in options_of(Outer) if option.is_required] == ["run"]


def test_values_go_to_the_dataclass_that_they_belong_to() -> None:
    made = make(Outer, {"run": Path("x"), "lengths": (3,), "loud": True})
    assert made == Outer(run=Path("x"), inner=Inner(lengths=(3,)), loud=True)


def test_texts_are_the_docstrings_under_fields_in_one_line() -> None:
    texts = texts_of(Outer)
    assert texts["lengths"] == "Lengths in digits."
    assert texts["loud"] == "Whether."


@dataclass(frozen=True, kw_only=True)
class Heir(Inner):
    rate: float | None = 0.1
    """Faster."""


def test_an_heir_has_its_own_text_and_its_parents() -> None:
    assert texts_of(Heir) == {"lengths": "Lengths in digits.", "rate": "Faster."}
    assert [option.default for option in options_of(Heir)] == [(5, 10), 0.1]
