"""Begin short, and lengthen what is asked whenever the present length is understood.

Imports no torch, so that --help is quick.
"""

from dataclasses import dataclass

from unroll.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Curriculum:
    """When sequences grow, and by how much.

        T ← min(T_end, max(T + 1, ⌊factor · T⌋))   when the mean accuracy of the last `window`
                                                   training batches, all of length T, reaches
                                                   `accuracy`

    Source: Bengio et al. 2009, "Curriculum learning"; by length and accuracy as Zaremba &
    Sutskever 2014, "Learning to execute".
    Raises: ConfigError for a value that cannot be used.
    """

    start: int = 4
    """T of the first batches."""
    factor: float = 1.3
    """How many times longer the next length is."""
    accuracy: float = 0.998
    """Mean training accuracy at which a length counts as understood. With 0.97 an RNN comes to
    T = 1,000 as fast, but with so little margin that it keeps on making mistakes there."""
    window: int = 10
    """Batches over which that mean is taken."""
    revisited: float = 0.0
    """Share of batches whose length is drawn from those between `start` and the present one, so
    that what is learned at one length is not lost for shorter ones."""

    def __post_init__(self) -> None:
        if self.start < 2:
            raise ConfigError(f"curriculum: the first length must be 2 or more, got {self.start}")
        if not 1 < self.factor < float("inf"):
            raise ConfigError(f"curriculum: the factor must be above 1, got {self.factor}")
        if not 0 < self.accuracy <= 1:
            raise ConfigError(f"curriculum: the accuracy must be in (0, 1], got {self.accuracy}")
        if self.window < 1:
            raise ConfigError(f"curriculum: the window must be 1 batch or more, got {self.window}")
        if not 0 <= self.revisited < 1:
            raise ConfigError(
                f"curriculum: the share revisited must be in [0, 1), got {self.revisited}"
            )

    def check_end(self, end: int) -> None:
        """Raise ConfigError when the curriculum starts above the length that it leads to."""
        if self.start > end:
            raise ConfigError(
                f"curriculum: it starts at T = {self.start}, above its end T = {end}: train at "
                f"T = {self.start} or more, or start lower"
            )

    def next_length(self, length: int, end: int) -> int:
        """Return the length that follows `length`, at most `end`.

        >>> Curriculum().next_length(4, 30), Curriculum().next_length(29, 30)
        (5, 30)
        """
        return min(end, max(length + 1, int(self.factor * length)))
