"""How far a share that was counted may be from the true one."""

import math
from statistics import NormalDist

_Z = NormalDist().inv_cdf(0.975)
"""Standard deviations that hold 95% of a normal distribution: 1.96."""


def wilson_interval(right: int, of: int) -> tuple[float, float]:
    """Return the 95% interval of a probability from `right` successes in `of` > 0 trials.

        (p̂ + z²/2n ± z √(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n)

    It stays within 0 … 1, and does not shrink to nothing where all or none were right.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    >>> low, high = wilson_interval(200, 200)
    >>> round(low, 3), high
    (0.981, 1.0)
    """
    share, z2 = right / of, _Z**2
    middle = share + z2 / (2 * of)
    half = _Z * math.sqrt(share * (1 - share) / of + z2 / (4 * of**2))
    scale = 1 + z2 / of
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
