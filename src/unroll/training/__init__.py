"""Training: fit a model on batches."""

from unroll.training.recipes import RECIPES, Recipe, find_recipe

__all__ = ["RECIPES", "Recipe", "find_recipe"]
