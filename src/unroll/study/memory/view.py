"""What the store knows of a memory study, put in order to be told."""

import shlex
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any

from unroll.cells.bidirectional import PREFIX
from unroll.records import (
    EvaluationRecord,
    Horizon,
    Reading,
    RequestRecord,
    Store,
    TrialRecord,
    read_horizon,
)
from unroll.records.schema import CurvePoint
from unroll.study.reproduction import covering
from unroll.study.running.requests import grouped_requests
from unroll.study.running.trial import TrialSettings
from unroll.training.recipes import BY_INITIALISATION

_OLDER: dict[str, Any] = {"curriculum": None, "by_cell": {}, "trained": "all"}
"""What protocols of older stores leave unsaid."""
SOLVED_ACCURACY = 0.99
"""From this accuracy on a length counts as solved."""


@dataclass(frozen=True, kw_only=True)
class TrialView:
    """One finished trial with its scores."""

    settings: TrialSettings
    """What was asked."""
    record: TrialRecord
    """What came of it."""
    best: dict[int, EvaluationRecord]
    """Scores of the best-validation parameters, by length tested."""
    final: dict[int, EvaluationRecord]
    """Scores of the parameters after the last step, by length tested."""
    training: tuple[CurvePoint, ...]
    """Training curve."""
    validation: tuple[CurvePoint, ...]
    """Validation curve."""

    @property
    def score(self) -> EvaluationRecord | None:
        """The score at the length trained on; None where the trial failed."""
        return self.best.get(self.settings.length)

    @property
    def accuracy(self) -> float | None:
        """The accuracy at the length trained on."""
        return self.score.accuracy if self.score else None

    @property
    def is_solved(self) -> bool:
        """Whether the length trained on was solved."""
        return self.solves(self.settings.length)

    @property
    def best_validation(self) -> tuple[float, float]:
        """Accuracy and negated loss at the best validation: larger is better."""
        scores = [
            (point.accuracy, -point.loss_nats)
            for point in self.validation
            if point.loss_nats is not None
        ]
        return max(scores, default=(0.0, float("-inf")))

    @property
    def outcome(self) -> str:
        """How it ended, in the words of the report."""
        if self.record.status in ("diverged", "failed"):
            return self.record.status
        if self.is_solved:
            return "solved"
        return f"not solved within {self.record.steps:,} steps"

    def solves(self, length: int) -> bool:
        """Whether the network answers sequences of this length."""
        score = self.best.get(length)
        return score is not None and score.accuracy >= SOLVED_ACCURACY


@dataclass(frozen=True, kw_only=True)
class MemoryView:
    """Trials that differ in nothing but cell, length, seed and rate."""

    trials: tuple[TrialView, ...]
    """All that are finished, every rate."""
    protocol: dict[str, Any]
    """What they share."""
    missing: int
    """How many of the last command's are not finished."""
    commands: tuple[str, ...]
    """The commands that ask for them."""

    @cached_property
    def cells(self) -> tuple[str, ...]:
        """The cells as the user named them, in the order asked for."""
        return tuple(dict.fromkeys(trial.settings.cell for trial in self.trials))

    @cached_property
    def rates(self) -> dict[tuple[str, int], float]:
        """The rate that validation chose for each cell and length, by its mean over seeds."""
        groups: dict[tuple[str, int], dict[float, list[tuple[float, float]]]] = {}
        for trial in self.trials:
            settings = trial.settings
            by_rate = groups.setdefault((settings.cell, settings.length), {})
            by_rate.setdefault(settings.rate, []).append(trial.best_validation)
        return {
            group: max(by_rate, key=lambda rate: mean_score(by_rate[rate]))
            for group, by_rate in groups.items()
        }

    @cached_property
    def chosen(self) -> tuple[TrialView, ...]:
        """The trials at the chosen rate: one for each cell, length and seed."""
        return tuple(
            trial
            for trial in self.trials
            if self.rates[trial.settings.cell, trial.settings.length] == trial.settings.rate
        )

    @property
    def is_searched(self) -> bool:
        """Whether there was more than one rate to choose from."""
        return len({trial.settings.rate for trial in self.trials}) > 1

    def commands_for(self, cells: Iterable[str], length: int | None = None) -> list[str]:
        """Return the commands that ask for any of these cells, and for this length if one is given.

        All of them where none does, as a cell's file may have been spelt otherwise.
        """
        wanted = [set(cells), *([{str(length)}] if length is not None else [])]
        found = [
            command
            for command in self.commands
            if all(names & {*shlex.split(command)} for names in wanted)
        ]
        return found or list(self.commands)

    def of_cell(self, cell: str) -> tuple[TrialView, ...]:
        """Return the chosen trials of one cell, by length and seed."""
        found = (trial for trial in self.chosen if trial.settings.cell == cell)
        return tuple(sorted(found, key=lambda t: (t.settings.length, t.settings.seed)))

    def by_length(self, cell: str) -> dict[int, list[TrialView]]:
        """Return the chosen trials of one cell, grouped by the length trained on."""
        groups: dict[int, list[TrialView]] = {}
        for trial in self.of_cell(cell):
            groups.setdefault(trial.settings.length, []).append(trial)
        return groups

    def horizon(self, cell: str) -> Horizon:
        """Return how far `cell` learns, when it is trained at the length it is tested at."""
        trials = self.of_cell(cell)
        return self._horizon(
            trials,
            [
                read_horizon(seed, {t.settings.length: t.is_solved for t in mine})
                for seed, mine in _by_seed(trials).items()
            ],
        )

    def is_built(self, cell: str) -> bool:
        """Whether `cell` remembers by initialisation: that is not called learned."""
        return any(t.settings.initialisation in BY_INITIALISATION for t in self.of_cell(cell))

    def retained(self, cell: str) -> dict[int, Horizon]:
        """Return how far networks trained at one length still answer, by that length.

        Only lengths trained at whose networks were tested elsewhere too are there.
        """
        return {
            length: self._horizon(
                trials,
                [
                    read_horizon(t.settings.seed, {tested: t.solves(tested) for tested in t.best})
                    for t in trials
                ],
            )
            for length, trials in self.by_length(cell).items()
            if any(len(trial.best) > 1 for trial in trials)
        }

    def _horizon(self, trials: Sequence[TrialView], readings: Iterable[Reading]) -> Horizon:
        budget = max((t.settings.max_steps for t in trials), default=0)
        return Horizon(
            unit="steps",
            criterion=f"accuracy of at least {SOLVED_ACCURACY}",
            budget=f"at most {budget:,} optimisation steps a trial",
            readings=tuple(readings),
        )


def load_views(store: Store) -> list[MemoryView]:
    """Return the store's memory trials, one view a protocol, the one asked for last in front."""
    groups = grouped_requests(store, ["memory"], older=_OLDER)
    return [view_requests(store, group) for group in groups]


def view_requests(store: Store, requests: Sequence[RequestRecord]) -> MemoryView:
    """Return what is known of the trials of `requests`, which share one protocol.

    Where a cell's file was edited and its trials asked for again, the newer take the place of
    the older.
    """
    views: dict[str, TrialView] = {}
    spelling: dict[tuple[str, str], str] = {}
    found: dict[tuple[str, int, int, float], str] = {}
    for key in (key for request in requests for key in request.trials):
        if key not in views:
            if (record := store.find_trial(key)) is None:
                continue
            views[key] = load_trial(store, record)
        settings = views[key].settings
        # One cell is one column, however its file was spelt in another command.
        cell = spelling.setdefault((settings.cell_sha256, settings.cell_class), settings.cell)
        views[key] = replace(views[key], settings=replace(settings, cell=cell))
        found[cell, settings.length, settings.seed, settings.rate] = key
    return MemoryView(
        trials=tuple(views[key] for key in found.values()),
        protocol=requests[-1].settings,
        missing=sum(store.find_trial(key) is None for key in requests[-1].trials),
        commands=covering(requests, asked_lengths),
    )


def asked_lengths(request: RequestRecord) -> set[tuple[str, str]]:
    """Return every trial with each length that a request tests it at: its own, and others."""
    words = iter(shlex.split(request.command))
    tested = [""]
    if "--test-lengths" in words:
        tested += takewhile(lambda word: not word.startswith("--"), words)
    return {(key, length) for key in request.trials for length in tested}


def label_cells(cells: Iterable[str]) -> dict[str, str]:
    """Return a short name for each cell: its class, with its file where two classes share one.

    >>> label_cells(["rnn", "a.py:Leaky", "b.py:Leaky", "lab.cells:Fast"])
    {'rnn': 'rnn', 'a.py:Leaky': 'a.Leaky', 'b.py:Leaky': 'b.Leaky', 'lab.cells:Fast': 'Fast'}
    """
    specs = list(dict.fromkeys(cells))
    labels = [
        {spec: _both_ways(spec) + spec.rpartition(":")[2] for spec in specs},
        {spec: _with_file(spec) for spec in specs},
        {spec: spec for spec in specs},
    ]
    taken = [Counter(candidate.values()) for candidate in labels]
    return {
        spec: next(
            names[spec]
            for names, count in zip(labels, taken, strict=True)
            if count[names[spec]] == 1
        )
        for spec in specs
    }


def _with_file(spec: str) -> str:
    ways = _both_ways(spec)
    origin, _, name = spec.removeprefix(ways).rpartition(":")
    return f"{ways}{Path(origin).stem}.{name}" if origin else spec


def _both_ways(spec: str) -> str:
    """Return the prefix of a cell that reads from both ends, or nothing."""
    return PREFIX if spec.startswith(PREFIX) else ""


def load_trial(store: Store, record: TrialRecord) -> TrialView:
    """Return one recorded trial with its scores and curves."""
    key = record.key
    return TrialView(
        settings=TrialSettings(**record.settings),
        record=record,
        best={score.length: score for score in store.evaluations(key, "best")},
        final={score.length: score for score in store.evaluations(key, "final")},
        training=tuple(store.curve(key, "training")),
        validation=tuple(store.curve(key, "validation")),
    )


def _by_seed(trials: Iterable[TrialView]) -> dict[int, list[TrialView]]:
    groups: dict[int, list[TrialView]] = {}
    for trial in trials:
        groups.setdefault(trial.settings.seed, []).append(trial)
    return dict(sorted(groups.items()))


def mean_score(scores: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the mean of several seeds' best validations: accuracy and negated loss."""
    accuracies, losses = zip(*scores, strict=True)
    return statistics.fmean(accuracies), statistics.fmean(losses)
