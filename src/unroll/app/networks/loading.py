"""A trained network for palindromes, ready to be asked."""

from dataclasses import dataclass, replace
from hashlib import sha256

from unroll.app.networks.found import FoundNetwork
from unroll.cells.source import find_cell
from unroll.errors import StoreError
from unroll.models import SequenceClassifier
from unroll.study.running.checkpoint import Checkpoint, unpack_weights
from unroll.study.running.network import build_model
from unroll.study.running.trial import TrialSettings
from unroll.tasks import Task, make_task
from unroll.training.curriculum import Curriculum

_MOST_LESSONS = 1_000


@dataclass(frozen=True, kw_only=True)
class NetworkFacts:
    """What a page tells of a network."""

    cell: str
    """`rnn`, `lstm` or `gru`."""
    recipe: str
    """The recipe that trained it, or `other`."""
    trained_length: int
    """T, digits of the palindromes that it was trained on."""
    lessons: tuple[int, ...]
    """Lengths that training led through, T the last; of very many, the first."""
    encoding: str
    """How a digit enters: `scalar` or `one-hot`."""
    hidden_size: int
    """H, units."""
    title: str
    """The network in a few words."""
    seed: int
    """Decided its weights and batches."""
    accuracy: float
    """Share answered right at the length that it was trained on."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedNetwork:
    """A trained network; shared by threads, so never changed."""

    model: SequenceClassifier
    """With its best parameters."""
    facts: NetworkFacts
    """What a page tells of it."""

    def task(self, length: int) -> Task:
        """Return palindromes of a length, encoded as the network reads them.

        Raises: ConfigError for a length below 2.
        """
        return make_task("palindrome", length, self.facts.encoding)


def describe(found: FoundNetwork) -> NetworkFacts:
    """Return what a page tells of a network."""
    s = found.settings
    return NetworkFacts(
        cell=s.cell,
        recipe=found.recipe,
        trained_length=s.length,
        lessons=lessons(s),
        encoding=s.encoding,
        hidden_size=s.hidden_size,
        title=found.title,
        seed=s.seed,
        accuracy=found.accuracy,
    )


def lessons(settings: TrialSettings) -> tuple[int, ...]:
    """Return the lengths that training led through; a curriculum is taken to have reached T."""
    if settings.curriculum is None:
        return (settings.length,)
    curriculum = Curriculum(**settings.curriculum)
    met = [curriculum.start]
    while met[-1] < settings.length and len(met) < _MOST_LESSONS:
        met.append(curriculum.next_length(met[-1], settings.length))
    return tuple(met)


def load_network(found: FoundNetwork) -> LoadedNetwork:
    """Return a network with the parameters that were best in validation.

    Raises: StoreError, in one line, when its file is not the one that was written.
    """
    checkpoint = Checkpoint.read(found.path)
    if sha256(checkpoint.data).hexdigest() != found.sha256:
        raise StoreError(f"{found.path}: damaged: its SHA-256 is not the recorded one")
    # Wherever it was trained, it answers here.
    settings = replace(found.settings, device="cpu", engine="auto")
    model = build_model(settings, find_cell(settings.cell))
    model.load_state_dict(unpack_weights(checkpoint.data, "best"))
    return LoadedNetwork(model=model.eval(), facts=describe(found))
