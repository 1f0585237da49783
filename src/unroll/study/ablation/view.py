"""What the store knows of an ablation, put in order to be told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from unroll.records import Horizon, RequestRecord, Store, read_horizon
from unroll.study.ablation.rows import Row, row_of
from unroll.study.memory.view import SOLVED_ACCURACY, TrialView, load_trial, mean_score
from unroll.study.reproduction import covering
from unroll.study.running.requests import grouped_requests


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """One row's trials: every rate and seed at each length tried."""

    row: Row
    """How they were trained."""
    trials: tuple[TrialView, ...]
    """All that are finished."""

    @cached_property
    def rungs(self) -> dict[int, tuple[TrialView, ...]]:
        """The trials at the rate that validation chose, by length, then by seed.

        The rate is the one with the best mean over seeds of the best validation: accuracy, then
        loss. Held-out scores have no say in it.
        """
        return {length: self._best(length) for length in self.lengths}

    @property
    def lengths(self) -> list[int]:
        """The lengths tried, the shortest first."""
        return sorted({trial.settings.length for trial in self.trials})

    def at(self, length: int) -> tuple[TrialView, ...]:
        """Return the trials of every rate and seed at one length."""
        return tuple(trial for trial in self.trials if trial.settings.length == length)

    def rate(self, length: int) -> float:
        """Return the rate that validation chose for a length."""
        return self.rungs[length][0].settings.rate

    def horizon(self) -> Horizon:
        """Return the last length up to which each seed solves every one."""
        passed: dict[int, dict[int, bool]] = {}
        for length, trials in self.rungs.items():
            for trial in trials:
                passed.setdefault(trial.settings.seed, {})[length] = trial.is_solved
        budget = max(trial.settings.sequence_steps or 0 for trial in self.trials)
        return Horizon(
            unit="steps",
            criterion=f"accuracy of at least {SOLVED_ACCURACY}, trained at that length",
            budget=f"at most {budget:,} sequence-steps a trial",
            readings=tuple(read_horizon(seed, passed[seed]) for seed in sorted(passed)),
        )

    def is_climbed(self, length: int, trials: int) -> bool:
        """Whether all `trials` of a length are in and some seed solves it and all below."""
        if len(self.at(length)) < trials:
            return False
        return any((last or 0) >= length for last in self.horizon().per_seed)

    def has_ended(self, lengths: Sequence[int]) -> bool:
        """Whether its last length is tried in full, and is unsolved or the longest of `lengths`."""
        last = self.lengths[-1]
        trials = len(self.at(self.lengths[0]))
        if len(self.at(last)) < trials:
            return False
        return last >= max(lengths) or not self.is_climbed(last, trials)

    def _best(self, length: int) -> tuple[TrialView, ...]:
        by_rate: dict[float, list[TrialView]] = {}
        for trial in self.at(length):
            by_rate.setdefault(trial.settings.rate, []).append(trial)
        best = max(by_rate, key=lambda rate: mean_score([t.best_validation for t in by_rate[rate]]))
        return tuple(sorted(by_rate[best], key=lambda trial: trial.settings.seed))


@dataclass(frozen=True, kw_only=True)
class AblationView:
    """Trials that differ in nothing but cell, row, length, rate and seed."""

    ladders: Mapping[Row, Ladder]
    """By row, in the order asked for."""
    protocol: dict[str, Any]
    """What they share."""
    missing: int
    """How many trials of the last command are not finished."""
    commands: tuple[str, ...]
    """The commands that ask for them."""

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells as the user named them, in the order asked for."""
        return tuple(dict.fromkeys(row.cell for row in self.ladders))

    @property
    def trials(self) -> tuple[TrialView, ...]:
        """Every trial."""
        return tuple(trial for ladder in self.ladders.values() for trial in ladder.trials)

    @property
    def has_spread(self) -> bool:
        """Whether there are several seeds, which may differ."""
        return len({trial.settings.seed for trial in self.trials}) > 1

    @property
    def unfinished(self) -> tuple[str, ...]:
        """The cells with a row that solves its last length, and was not tried at the next.

        An interrupted command leaves them, whatever was asked for after it.
        """
        lengths = self.protocol["lengths"] if self.ladders else ()
        open_rows = [row for row, found in self.ladders.items() if not found.has_ended(lengths)]
        return tuple(cell for cell in self.cells if any(row.cell == cell for row in open_rows))

    def of_cell(self, cell: str) -> list[Ladder]:
        """Return the ladders of one cell."""
        return [ladder for row, ladder in self.ladders.items() if row.cell == cell]

    def find(self, cell: str, place: str, change: str | None = None) -> Ladder | None:
        """Return the ladder at one place, of one change where there is one; None if not run."""
        for row, ladder in self.ladders.items():
            if (row.cell, row.place, row.change) == (cell, place, change):
                return ladder
        return None


def load_ablations(store: Store) -> list[AblationView]:
    """Return the store's ablations, one view a protocol, the one asked for last in front."""
    return [view_ablation(store, group) for group in grouped_requests(store, ["ablation"])]


def view_ablation(store: Store, requests: Sequence[RequestRecord]) -> AblationView:
    """Return what is known of the trials of `requests`, which share one protocol."""
    keys = dict.fromkeys(key for request in requests for key in request.trials)
    return AblationView(
        ladders=read_ladders(store, keys),
        protocol=requests[-1].settings,
        missing=sum(store.find_trial(key) is None for key in requests[-1].trials),
        commands=covering(requests),
    )


def read_ladders(store: Store, keys: Iterable[str]) -> dict[Row, Ladder]:
    """Return the trials with these keys that are recorded, by row.

    Where a cell's file was edited and its trials asked for again, the newer take the place of
    the older.
    """
    rows: dict[Row, dict[tuple[int, float, int], TrialView]] = {}
    for key in keys:
        if (record := store.find_trial(key)) is not None:
            trial = load_trial(store, record)
            s = trial.settings
            rows.setdefault(row_of(s), {})[s.length, s.rate, s.seed] = trial
    return {row: Ladder(row=row, trials=tuple(found.values())) for row, found in rows.items()}
