"""Recipes: everything that training needs to know besides the cell, the task and the seed.

Imports no torch, so that --help is quick.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from unroll.errors import ConfigError, unknown_name
from unroll.training.curriculum import Curriculum

_CHOSEN_AS = {"peephole": "lstm", "min-gru": "gru", "min-lstm": "lstm", "linear": "lstm"}
"""Cells that are trained as another is, unless a recipe knows better."""


@dataclass(frozen=True, kw_only=True)
class CellChoice:
    """What a recipe chooses for one cell instead of its general values."""

    initialisation: str
    """How its parameters begin."""
    optimiser: str
    """`sgd`, `momentum`, `rmsprop` or `adam`."""
    rates: tuple[float, ...]
    """Learning rates."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A named way to train a cell on a task."""

    name: str
    """The name it is chosen by."""
    summary: str
    """One line for the help and the report."""
    encoding: str = "scalar"
    """How a digit enters: `scalar` or `one-hot`."""
    initialisation: str = "uniform"
    """How the parameters of a built-in cell begin."""
    hidden_size: int = 128
    """H, units of the cell."""
    batch_size: int = 128
    """B, sequences in a batch."""
    optimiser: str = "rmsprop"
    """`sgd`, `momentum`, `rmsprop` or `adam`."""
    rates: tuple[float, ...] = (1e-3,)
    """Learning rates; where there are several, each is tried and validation chooses."""
    clip_norm: float = 10.0
    """Largest norm that the gradient of all parameters together may have."""
    max_steps: int = 10_000
    """Training ends after so many steps."""
    stop_loss_nats: float = 1e-3
    """Training ends when the mean loss of the last 100 batches falls below this."""
    curriculum: Curriculum | None = None
    """How lengths grow on the way to T; None trains at T from the first step."""
    by_cell: Mapping[str, CellChoice] = field(default_factory=dict)
    """Values of its own for some cells, by the name of the cell."""

    def __post_init__(self) -> None:
        for name in ("hidden_size", "batch_size", "max_steps", "clip_norm", "stop_loss_nats"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name} must be above 0, got {getattr(self, name)}")
        for rates in (self.rates, *(choice.rates for choice in self.by_cell.values())):
            if not rates or not all(0 < rate < float("inf") for rate in rates):
                given = ", ".join(map(str, rates)) or "none"
                raise ConfigError(f"rate must be a number above 0, got {given}")

    def for_cell(self, cell: str) -> "Recipe":
        """Return the recipe with the values that it has for this cell."""
        name = cell.removeprefix("bidirectional:")
        choice = self.by_cell.get(_CHOSEN_AS.get(name, name))
        if choice is None:
            return replace(self, by_cell={})
        return replace(
            self,
            initialisation=choice.initialisation,
            optimiser=choice.optimiser,
            rates=choice.rates,
            by_cell={},
        )


ASSIGNMENT = Recipe(
    name="assignment",
    summary="the assignment's: scalar digit, RMSProp 1e-3, norm clipped at 10, ≤ 10,000 steps",
)

ASSIGNMENT_TUNED = Recipe(
    name="assignment-tuned",
    summary="the same, with the best of four rates for every cell and length",
    rates=(1e-3, 7e-4, 4e-4, 1e-4),
)

LEARNED = Recipe(
    name="learned",
    summary="the same cells further: one-hot digit, norm clipped at 1, T grows from 4 as it is "
    "learned",
    encoding="one-hot",
    clip_norm=1.0,
    stop_loss_nats=3e-3,
    curriculum=Curriculum(),
    by_cell={
        "rnn": CellChoice(initialisation="identity:1", optimiser="rmsprop", rates=(3e-4,)),
        "lstm": CellChoice(initialisation="forget-bias:5", optimiser="adam", rates=(3e-3,)),
        "gru": CellChoice(initialisation="forget-bias:3", optimiser="adam", rates=(3e-3,)),
    },
)

LEARNED_SCALAR = replace(
    LEARNED,
    name="learned-scalar",
    summary="learned, with the assignment's scalar digit: units begin as thresholds that it is "
    "compared with",
    encoding="scalar",
    by_cell={
        "rnn": CellChoice(initialisation="thresholds:3", optimiser="rmsprop", rates=(3e-4,)),
        "lstm": CellChoice(initialisation="thresholds:3", optimiser="adam", rates=(3e-3,)),
        "gru": CellChoice(initialisation="thresholds:3", optimiser="adam", rates=(3e-3,)),
    },
)

LATCH = Recipe(
    name="latch",
    summary="memory by initialisation, not learned: RNN 2.5·I; LSTM recurrent g 5·I, forget bias "
    "4, output bias 3",
    encoding="one-hot",
    initialisation="latch",
    clip_norm=1.0,
    stop_loss_nats=3e-3,
    rates=(3e-4,),
    by_cell={"lstm": CellChoice(initialisation="latch", optimiser="adam", rates=(1e-3,))},
)

RECIPES = {
    recipe.name: recipe for recipe in (ASSIGNMENT, ASSIGNMENT_TUNED, LEARNED, LEARNED_SCALAR, LATCH)
}

BY_INITIALISATION = frozenset({LATCH.initialisation})
"""Initialisations with which a network remembers from the first: that is not called learned."""


def find_recipe(name: str) -> Recipe:
    """Return the recipe called `name`; ConfigError for a name nobody knows."""
    if name not in RECIPES:
        raise unknown_name("recipe", name, RECIPES)
    return RECIPES[name]
