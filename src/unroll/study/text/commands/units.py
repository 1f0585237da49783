"""Nats and bits."""

import math
from collections.abc import Sequence


def bits(nats: float) -> float:
    """Return a loss in bits.

    >>> bits(math.log(2))
    1.0
    """
    return nats / math.log(2)


def surprise_bits(probabilities: Sequence[float]) -> float:
    """Return the mean number of bits that characters of these probabilities cost.

    >>> surprise_bits([0.5, 0.125])
    2.0
    """
    # The likeliest character may round to a probability just above 1: never less than no bits.
    return max(0.0, -math.fsum(map(math.log2, probabilities)) / len(probabilities))
