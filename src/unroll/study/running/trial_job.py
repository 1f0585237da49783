"""What a worker is asked to do for one trial."""

from dataclasses import dataclass

from unroll.cells.source import CellSource
from unroll.study.running.memory_need import parameter_bytes, training_bytes
from unroll.study.running.trial import TrialSettings

EVALUATION_COUNT = 10_000
"""Palindromes on which a trained network is judged, unless they are long."""
EVALUATION_DIGITS = 500_000
"""Digits read for one evaluation: palindromes longer than 50 digits are fewer."""
EVALUATION_LEAST = 250
"""Palindromes on which a network is judged at any length."""


@dataclass(frozen=True, kw_only=True)
class TrialJob:
    """What a worker is asked to do for one trial."""

    settings: TrialSettings
    """The trial."""
    source: CellSource
    """Where its cell comes from."""
    lengths: tuple[int, ...]
    """Lengths at which to evaluate."""
    parameters: int
    """Numbers in the network, for estimates of time and memory."""
    weights: bytes | None = None
    """Safetensors of a trial trained before; None trains it."""

    @property
    def key(self) -> str:
        """The key of the trial."""
        return self.settings.key

    @property
    def label(self) -> str:
        """The trial in a few words."""
        s = self.settings
        frozen = ", cell frozen" if s.trained == "readout" else ""
        return f"{s.cell} T={s.length} seed {s.seed}, {s.optimiser} {s.rate:g}{frozen}"

    @property
    def part(self) -> str:
        """What it has in common with its neighbours: all but the seed and the rate."""
        s = self.settings
        frozen = ", cell frozen" if s.trained == "readout" else ""
        return f"{s.cell} T={s.length}, {s.initialisation}, {s.optimiser}{frozen}"

    @property
    def work(self) -> float:
        """Uses of a parameter, one for each digit read: training counts as three of evaluation."""
        settings = self.settings
        training = settings.batch_size * settings.length * settings.max_steps
        evaluation = sum(length * evaluation_count(length) for length in self.lengths)
        return self.parameters * (evaluation / 3 + (0 if self.weights else training))

    @property
    def what(self) -> str:
        """The job in a few words."""
        return f"{self.settings.cell} at T = {max(self.settings.length, *self.lengths)}"

    @property
    def need_bytes(self) -> int:
        """Bytes that it allocates at its peak, roughly."""
        s = self.settings
        D, H = (1 if s.encoding == "scalar" else 10), s.hidden_size
        if s.device != "cpu":
            return 0  # the estimate is of this machine's main memory
        training = training_bytes(s.cell, s.engine, B=s.batch_size, T=s.length, D=D, H=H)
        longest = max(self.lengths, default=0)
        # Evaluation keeps no step, and reads a few sequences at a time.
        evaluation = training_bytes("rnn", B=1, T=longest, D=D, H=H)
        tested = evaluation + 24 * longest * evaluation_count(longest)
        return parameter_bytes(self.parameters) + max(0 if self.weights else training, tested)


def evaluation_count(length: int) -> int:
    """Return how many palindromes of a length a network is judged on.

    >>> [evaluation_count(length) for length in (10, 50, 1000, 100_000)]
    [10000, 10000, 500, 250]
    """
    return min(EVALUATION_COUNT, max(EVALUATION_LEAST, EVALUATION_DIGITS // length))
