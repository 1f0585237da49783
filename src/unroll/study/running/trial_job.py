"""What a worker is asked to do for one trial."""

from dataclasses import dataclass

from unroll.cells.source import CellSource
from unroll.study.running.memory_need import parameter_bytes, training_bytes
from unroll.study.running.trial import TrialSettings
from unroll.tasks import make_task

EVALUATION_COUNT = 10_000
"""Sequences on which a trained network is judged, unless they are long."""
EVALUATION_DIGITS = 500_000
"""Steps read for one evaluation: of sequences longer than 50 steps there are fewer."""
EVALUATION_LEAST = 250
"""Sequences on which a network is judged at any length."""


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
    test_count: int | None = None
    """Sequences on which it is judged at each length; None takes fewer the longer they are."""
    way: str = ""
    """How it is trained, in a few words, where its neighbours differ in that."""

    @property
    def key(self) -> str:
        """The key of the trial."""
        return self.settings.key

    @property
    def label(self) -> str:
        """The trial in a few words."""
        s = self.settings
        frozen = ", cell frozen" if s.trained == "readout" else ""
        name = f"{s.cell} {self._task}T={s.length}"
        way = f", {self.way}" if self.way else ""
        return f"{name} seed {s.seed}{way}, {s.optimiser} {s.rate:g}{frozen}"

    @property
    def part(self) -> str:
        """What it has in common with its neighbours: all but the seed and the rate."""
        s = self.settings
        frozen = ", cell frozen" if s.trained == "readout" else ""
        way = self.way or f"{s.initialisation}, {s.optimiser}"
        return f"{s.cell} {self._task}T={s.length}, {way}{frozen}"

    @property
    def _task(self) -> str:
        """The task, where it is not the usual one."""
        return "" if self.settings.task == "palindrome" else f"{self.settings.task} "

    @property
    def work(self) -> float:
        """Uses of a parameter, one for each digit read: training counts as three of evaluation."""
        settings = self.settings
        training = settings.batch_size * settings.length * settings.max_steps
        if settings.sequence_steps is not None:
            training = min(training, settings.sequence_steps)
        evaluation = sum(length * self.count_at(length) for length in self.lengths)
        return self.parameters * (evaluation / 3 + (0 if self.weights else training))

    @property
    def what(self) -> str:
        """The job in a few words."""
        return f"{self.settings.cell} at T = {max(self.settings.length, *self.lengths)}"

    @property
    def need_bytes(self) -> int:
        """Bytes that it allocates at its peak, roughly."""
        s = self.settings
        D, H = make_task(s.task, s.length, s.encoding).input_size, s.hidden_size
        if s.device != "cpu":
            return 0  # the estimate is of this machine's main memory
        training = training_bytes(s.cell, s.engine, B=s.batch_size, T=s.length, D=D, H=H)
        longest = max(self.lengths, default=0)
        # Evaluation keeps no step, and reads a few sequences at a time.
        evaluation = training_bytes("rnn", B=1, T=longest, D=D, H=H)
        tested = evaluation + 24 * longest * self.count_at(longest)
        return parameter_bytes(self.parameters) + max(0 if self.weights else training, tested)

    def count_at(self, length: int) -> int:
        """Return how many sequences of a length it is judged on."""
        return evaluation_count(length) if self.test_count is None else self.test_count


def evaluation_count(length: int) -> int:
    """Return how many sequences of a length a network is judged on.

    >>> [evaluation_count(length) for length in (10, 50, 1000, 100_000)]
    [10000, 10000, 500, 250]
    """
    return min(EVALUATION_COUNT, max(EVALUATION_LEAST, EVALUATION_DIGITS // length))
