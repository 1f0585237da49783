"""Training: fit a model on batches."""

from unroll.training.curriculum import Curriculum
from unroll.training.recipes import RECIPES, CellChoice, Recipe, find_recipe

__all__ = ["RECIPES", "CellChoice", "Curriculum", "Recipe", "find_recipe"]
