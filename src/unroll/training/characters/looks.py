"""When a training looks at the tuning split, and at how much of it."""

from dataclasses import dataclass

from unroll.text import Extent
from unroll.training.characters.settings import TextRecipe

_SHARE = 0.3
"""Most characters looked at for one trained on: reading costs a quarter of training, so that the
looks cost about 7% of the time."""
_FEWEST_CHARACTERS = 2**14
"""What a look should read at least, where the split has it: fewer tell too little to choose by."""
_FEWEST_LOOKS = 4
"""Looks of a run for which so many of so many characters cost too much; each reads fewer, …"""
_LEAST_CHARACTERS = 2**11
"""… but no less than this, and then there are fewer looks: the last one alone, if need be."""


@dataclass(frozen=True, kw_only=True)
class Looks:
    """The plan of a run's looks; it depends on the recipe, the steps and the split alone."""

    steps: frozenset[int]
    """After which steps, evenly spaced; the last step is one."""
    extent: Extent
    """What is read: the tuning split, or its beginning in a short run."""


def plan_looks(recipe: TextRecipe, steps: int, tuning: Extent) -> Looks:
    """Return when and at what a run of so many steps looks."""
    budget = int(_SHARE * steps * recipe.batch_size * recipe.window)
    wanted = max(_FEWEST_CHARACTERS, budget // recipe.evaluations)
    wanted = max(_LEAST_CHARACTERS, min(wanted, budget // _FEWEST_LOOKS))
    read = min(tuning.characters, wanted)
    count = min(recipe.evaluations, max(1, budget // read), steps)
    return Looks(
        steps=frozenset(steps * n // count for n in range(1, count + 1)),
        extent=Extent(tuning.start, tuning.start + read),
    )
