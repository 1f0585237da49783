"""What an experiment of part 3 is: the same data, given to networks that read it differently."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Measure: TypeAlias = Callable[[str, str, int, int, Callable[[int], object]], dict[str, Any]]
"""Trains and tests: variant, contestant, seed, steps and who is told of them -> plain values."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A condition that the trained networks are tested under."""

    name: str
    """What the figure calls it."""
    variant: str = "main"
    """The training whose networks are tested here."""
    role: Literal["trained", "further", "losing"] = "trained"
    """As trained; beyond what was trained on; or where the usual winner must lose."""
    chance: float | None = None
    """What guessing gives, where the value is an accuracy."""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """Why a case comes out as it does: told where it does come out so."""

    text: str
    """The reason, marked up."""
    ahead: str
    """Who is ahead for that reason; in a losing case, who is not behind."""
    behind: str
    """Of whom."""
    is_by_construction: bool = False
    """Whether it holds however long anyone trains; others are not told of unfinished trainings."""


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A question, those who try to answer it, and where each is tested."""

    name: str
    """What it is asked for by, `distance` say."""
    question: Literal["3.4a", "3.4b"]
    """The question of the assignment that it helps to answer."""
    title: str
    """A few words for a heading."""
    task: str
    """One paragraph, marked up: what is asked, and how each contestant is given it."""
    metric: Literal["accuracy", "error"]
    """What the values of the cases are."""
    unit: str
    """What the figure's axis says of them, such as `share of graphs answered right`."""
    contestants: Mapping[str, tuple[str, ...]]
    """Names as the legend has them, each with the variants that it takes part in."""
    cases: tuple[Case, ...]
    """In the order of the figure."""
    steps: int
    """Steps of training of each network, unless something else is asked for."""
    measure: Measure
    """Trains one contestant in one variant with one seed, and tests it in the variant's cases."""
    remarks: Mapping[str, Remark] = field(default_factory=dict)
    """By case: why it comes out as expected."""
