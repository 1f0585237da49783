"""Training a character model on a book, so that it can be killed and go on bit-identically.

Imports no torch, so that --help is quick; `fit` and `run` do the work.
"""

from unroll.training.characters.presets import TEXT_PRESETS, best_recipe
from unroll.training.characters.settings import TextRecipe, read_recipe
from unroll.training.characters.stages import stage_steps

__all__ = ["TEXT_PRESETS", "TextRecipe", "best_recipe", "read_recipe", "stage_steps"]
