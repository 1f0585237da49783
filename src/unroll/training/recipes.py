"""Recipes: everything that training needs to know besides the cell, the task and the seed."""

from dataclasses import dataclass

from unroll.errors import ConfigError, unknown_name


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

    def __post_init__(self) -> None:
        for field in ("hidden_size", "batch_size", "max_steps", "clip_norm", "stop_loss_nats"):
            if not getattr(self, field) > 0:
                raise ConfigError(f"{field} must be above 0, got {getattr(self, field)}")
        if not self.rates or not all(0 < rate < float("inf") for rate in self.rates):
            given = ", ".join(map(str, self.rates)) or "none"
            raise ConfigError(f"rate must be a number above 0, got {given}")


ASSIGNMENT = Recipe(
    name="assignment",
    summary="the assignment's: scalar digit, RMSProp 1e-3, norm clipped at 10, ≤ 10,000 steps",
)

ASSIGNMENT_TUNED = Recipe(
    name="assignment-tuned",
    summary="the same, with the best of four rates for every cell and length",
    rates=(1e-3, 7e-4, 4e-4, 1e-4),
)

RECIPES = {recipe.name: recipe for recipe in (ASSIGNMENT, ASSIGNMENT_TUNED)}


def find_recipe(name: str) -> Recipe:
    """Return the recipe called `name`; ConfigError for a name nobody knows."""
    if name not in RECIPES:
        raise unknown_name("recipe", name, RECIPES)
    return RECIPES[name]
