"""A curve in one line of text."""

import itertools
from collections.abc import Sequence

_HEIGHTS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int) -> str:
    """Return at most `width` blocks, each the mean of its share of the values, the last one last.

    >>> sparkline([8.0, 4.0, 2.0, 1.0], 4), sparkline([1.0, 1.0], 4), sparkline([], 4)
    ('█▄▂▁', '▁▁', '')
    """
    blocks = min(width, len(values))
    if blocks < 1:
        return ""
    edges = [len(values) * n // blocks for n in range(blocks + 1)]
    means = [sum(values[start:stop]) / (stop - start) for start, stop in itertools.pairwise(edges)]
    low, high = min(means), max(means)
    scale = (len(_HEIGHTS) - 1) / (high - low) if high > low else 0.0
    return "".join(_HEIGHTS[round((mean - low) * scale)] for mean in means)
