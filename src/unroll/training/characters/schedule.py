"""The learning rate of a step: it depends on the step and the steps in all, on nothing else."""

import math

from unroll.training.characters.settings import TextRecipe


def rate_at(recipe: TextRecipe, step: int, steps: int) -> float:
    """Return the rate η of a step, which counts from 1 to `steps`.

        constant   η
        step       η · factor^⌊(step − 1) / every⌋
        cosine     η · step / W                              for step ≤ W = warm-up share · steps
                   η · (e + (1 − e)(1 + cos π p) / 2)        p = (step − W) / (steps − W)

    e is the final share. The warm-up has at least one step; so has what follows it.
    """
    if recipe.schedule == "constant":
        return recipe.rate
    if recipe.schedule == "step":
        return recipe.rate * float(recipe.decay_factor ** ((step - 1) // recipe.decay_every))
    warm = max(1, round(recipe.warmup_share * steps))
    if step <= warm:
        return recipe.rate * step / warm
    part = (step - warm) / max(1, steps - warm)
    share = recipe.final_share + (1 - recipe.final_share) * (1 + math.cos(math.pi * part)) / 2
    return recipe.rate * share
