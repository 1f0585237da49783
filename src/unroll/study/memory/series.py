"""Networks that were trained past the assignment's way, one series for each way and length."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from unroll.report.rows import ReachRow
from unroll.study.memory.view import SOLVED_ACCURACY, MemoryView, TrialView
from unroll.study.running.trial import TrialSettings
from unroll.study.words import count
from unroll.training.recipes import (
    ASSIGNMENT,
    ASSIGNMENT_TUNED,
    BY_INITIALISATION,
    find_recipe,
)

_ASSIGNMENT = (ASSIGNMENT.name, ASSIGNMENT_TUNED.name)


def is_further(view: MemoryView) -> bool:
    """Whether a view goes past the assignment: a curriculum, a frozen cell, another encoding."""
    protocol = view.protocol
    return (
        protocol.get("curriculum") is not None
        or protocol.get("trained", "all") != "all"
        or protocol["recipe"] not in _ASSIGNMENT
    )


@dataclass(frozen=True, kw_only=True)
class Series:
    """Networks of one cell that were trained in one way."""

    name: str
    """How the report calls them: no two series of a cell have the same."""
    way: str
    """How they were trained, without the length that it led to."""
    cell: str
    """The cell as the report names it."""
    view: MemoryView
    """Where they are from."""
    trials: tuple[TrialView, ...]
    """One for each seed."""
    trained_at: int
    """T that training led to."""

    @property
    def settings(self) -> TrialSettings:
        """What all of them share, with the first seed."""
        return self.trials[0].settings

    @property
    def is_frozen(self) -> bool:
        """Whether only the readout was trained."""
        return self.settings.trained == "readout"

    @property
    def is_built(self) -> bool:
        """Whether it remembers by how it begins."""
        return self.settings.initialisation in BY_INITIALISATION

    @property
    def initialisation(self) -> str:
        """How the parameters began."""
        return self.settings.initialisation

    @property
    def begins_otherwise(self) -> bool:
        """Whether the parameters did not begin as the recipe says."""
        return bool(_other_start(self.settings, self.view))

    @property
    def start(self) -> tuple[object, ...]:
        """What a network and its control share: all that is there before training, and the task."""
        s = self.settings
        network = (self.cell, s.task, s.encoding, s.initialisation, s.hidden_size)
        return (*network, s.batch_size, s.clip_norm, self.trained_at)

    @property
    def label(self) -> str:
        """What a figure's legend calls it: its way and length, short enough for a phone."""
        reach = "≤" if self.settings.curriculum else "="
        frozen = ", cell frozen" if self.is_frozen else ""
        return f"{self.way}: T {reach} {self.trained_at:,}{frozen}"

    @property
    def tested(self) -> list[int]:
        """The lengths tested."""
        return sorted({length for trial in self.trials for length in trial.best})

    @property
    def last_solved(self) -> int | None:
        """The longest length up to which every seed solves every length tested."""
        end = self.first_failed
        return max((length for length in self.tested if end is None or length < end), default=None)

    @property
    def first_failed(self) -> int | None:
        """The shortest length tested that some seed does not solve; None if there is none."""
        return next((length for length in self.tested if not self._is_solved(length)), None)

    def accuracies(self, length: int) -> list[float]:
        """Return the accuracy of each seed at a length tested."""
        return [trial.best[length].accuracy for trial in self.trials if length in trial.best]

    def rows(self) -> list[ReachRow]:
        """Return the score of each seed at each length tested."""
        return [
            ReachRow(
                series=self.label,
                cell=self.cell,
                trained_at=f"T ≤ {self.trained_at}",
                length=length,
                seed=trial.settings.seed,
                accuracy=score.accuracy,
                count=score.count,
                held_out=score.held_out,
            )
            for trial in self.trials
            for length, score in trial.best.items()
        ]

    def _is_solved(self, length: int) -> bool:
        found = self.accuracies(length)
        # A length that one seed was not tested at is not known to be solved.
        return len(found) == len(self.trials) and min(found) >= SOLVED_ACCURACY


def find_series(
    views: Sequence[MemoryView], labels: Mapping[str, str], cell: str | None = None
) -> list[Series]:
    """Return what was trained further, one series a view, cell and length trained at."""
    found = [
        _make_series(view, labels[name], length, trials)
        for view in views
        if is_further(view)
        for name in view.cells
        if cell in (None, name)
        for length, trials in view.by_length(name).items()
    ]
    added = tell_apart([(s.cell, s.name) for s in found], [s.settings for s in found])
    named = [
        replace(s, name=f"{s.way}{more}{s.name.removeprefix(s.way)}", way=f"{s.way}{more}")
        for s, more in zip(found, added, strict=True)
    ]
    return sorted(
        named, key=lambda s: (s.trained_at, s.begins_otherwise, s.initialisation, s.is_frozen)
    )


def tell_apart(names: Sequence[object], settings: Sequence[TrialSettings]) -> list[str]:
    """Return what to add to each name, so that no two are the same.

    It is what differs among the settings of those with one name; where nothing does, a number.
    """
    groups: dict[object, list[tuple[str, ...]]] = {}
    for name, chosen in zip(names, settings, strict=True):
        groups.setdefault(name, []).append(_details(chosen))
    added = []
    taken: Counter[tuple[object, str]] = Counter()
    for name, chosen in zip(names, settings, strict=True):
        alternatives = zip(_details(chosen), *groups[name], strict=True)
        more = "".join(f", {own}" for own, *others in alternatives if own and {own} != {*others})
        taken[name, more] += 1
        number = taken[name, more]
        added.append(more if number == 1 else f"{more} ({number})")
    return added


def _make_series(view: MemoryView, cell: str, length: int, trials: Sequence[TrialView]) -> Series:
    settings = trials[0].settings
    recipe = find_recipe(view.protocol["recipe"])
    without = ", no curriculum" if recipe.curriculum and not settings.curriculum else ""
    frozen = ", recurrence frozen" if settings.trained == "readout" else ""
    built = ", by initialisation" if settings.initialisation in BY_INITIALISATION else ""
    way = f"{recipe.name}{built}{_other_start(settings, view)}{without}"
    led = "up to " if settings.curriculum else "at "
    return Series(
        name=f"{way}: trained {led}T = {length:,}{frozen}",
        way=way,
        cell=cell,
        view=view,
        trials=tuple(trials),
        trained_at=length,
    )


def _other_start(settings: TrialSettings, view: MemoryView) -> str:
    """Return how the parameters began; empty where it is as the recipe says."""
    usual = find_recipe(view.protocol["recipe"]).for_cell(settings.cell).initialisation
    return "" if settings.initialisation in (usual, "own") else f", {settings.initialisation}"


def _details(settings: TrialSettings) -> tuple[str, ...]:
    """Return everything that a name leaves unsaid, one phrase each."""
    curriculum = settings.curriculum or {}
    return (
        f"from T = {curriculum['start']}" if curriculum else "",
        f"× {curriculum['factor']:g}" if curriculum else "",
        f"by {curriculum['window']} batches at {curriculum['accuracy']:g}" if curriculum else "",
        f"at most {count(settings.max_steps, 'step')}",
        f"{settings.optimiser} {settings.rate:g}",
        count(settings.hidden_size, "unit"),
        f"batches of {settings.batch_size:,}",
        f"{settings.encoding} digits",
        f"norm clipped at {settings.clip_norm:g}",
        f"stopped at {settings.stop_loss_nats:g} nats",
        settings.task,
        f"engine {settings.engine}",
        settings.device,
    )
