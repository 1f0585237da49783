"""How many steps fit in a time: a short trial on a throw-away copy, before step 1.

What comes of it is written down with the run, so that every schedule depends on the step alone,
and a run that goes on later never asks the clock again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from unroll.text import Corpus, Extent, Splits
from unroll.training.characters.evaluation import side_by_side
from unroll.training.characters.looks import plan_looks
from unroll.training.characters.precision import Precision
from unroll.training.characters.settings import TextRecipe
from unroll.training.characters.trainer import Trainer

_WARM_UP = 3
"""Steps before the first that is timed: memory and kernels are set up in them."""
_SHARE = 0.02
"""Most of the time there is that the trial may take …"""
_FEWEST, _MOST = 5, 60
"""… within so many steps."""
_READ_CHARACTERS = 2**13
"""Characters read to time a look."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What was timed, by the clock."""

    step_seconds: float
    """A training step: the median."""
    read_seconds: float
    """A look at the tuning split, for each character read."""

    def steps_in(self, minutes: float, recipe: TextRecipe, tuning: Extent) -> int:
        """Return how many steps take so long, with the looks that belong to them."""
        seconds = 60 * minutes
        steps = max(1, int(seconds / self.step_seconds))
        # Fewer steps have fewer looks: a few rounds settle it.
        for _ in range(4):
            looks = plan_looks(recipe, steps, tuning)
            reading = self.read_seconds * looks.extent.characters * len(looks.steps)
            steps = max(1, int((seconds - reading) / self.step_seconds))
        return steps

    def as_dict(self) -> dict[str, float]:
        """Return plain values."""
        return {"step_seconds": self.step_seconds, "read_seconds": self.read_seconds}


def calibrate(
    recipe: TextRecipe,
    corpus: Corpus,
    splits: Splits,
    minutes: float,
    precision: Precision,
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> Calibration:
    """Time a few steps and a short look, on a model that is thrown away."""
    trial = Trainer(
        recipe,
        ids=corpus.ids,
        extent=splits.training,
        vocabulary_size=corpus.vocabulary.size,
        seed=0,
        precision=precision,
    )
    for _ in range(_WARM_UP):
        trial.step(recipe.rate)
    timed: list[float] = []
    while len(timed) < _FEWEST or (len(timed) < _MOST and sum(timed) < _SHARE * 60 * minutes):
        begun = clock()
        trial.step(recipe.rate)
        timed.append(clock() - begun)
    tuning = splits.tuning
    part = Extent(tuning.start, min(tuning.stop, tuning.start + _READ_CHARACTERS))
    begun = clock()
    read = side_by_side(trial.model, corpus.ids, part).predictions
    return Calibration(step_seconds=median(timed), read_seconds=(clock() - begun) / max(1, read))
