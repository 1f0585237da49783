"""At which steps a run keeps its weights for good. Imports no torch."""


def stage_steps(steps: int) -> tuple[int, ...]:
    """Return 0, 1, 3, 10, 30, … below `steps`, and `steps`: about evenly spaced in their logarithm.

    >>> stage_steps(2_000)
    (0, 1, 3, 10, 30, 100, 300, 1000, 2000)
    """
    spaced = [0]
    decade = 1
    while decade < steps:
        spaced += [step for step in (decade, 3 * decade) if step < steps]
        decade *= 10
    return (*spaced, steps) if steps > 0 else (0,)
