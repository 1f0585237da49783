"""What is recorded of what a bench asked for: of each cell, as it was asked for last."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from unroll.records import MeasurementRecord, RequestRecord, Store
from unroll.study.memory.view import TrialView, load_trial

_Identity: TypeAlias = tuple[object, ...]


def recorded(
    store: Store, requests: Sequence[RequestRecord]
) -> tuple[list[TrialView], list[MeasurementRecord]]:
    """Return trainings and measurements, in the order in which they were asked for last.

    Where a cell's file was edited and it was put to the bench again, the newer takes the place of
    the older. A file that is spelt in two ways is one cell, called as it was first.
    """
    spelling: dict[_Identity, str] = {}
    trials = {
        key: _spelt_trial(load_trial(store, trial), spelling)
        for key in _in_order(key for request in requests for key in request.trials)
        if (trial := store.find_trial(key)) is not None
    }
    records = {
        key: _spelt_record(record, spelling)
        for key in _in_order(key for request in requests for key in request.measurements)
        if (record := store.find_measurement(key)) is not None
    }
    settings = {key: trial.settings.as_dict() for key, trial in trials.items()}
    settings |= {key: r.settings for key, r in records.items() if "cell_sha256" in r.settings}
    latest: dict[str, _Identity] = {}
    for request in requests:
        for key in (*request.trials, *request.measurements):
            if key in settings:
                latest[settings[key]["cell"]] = _identity(settings[key])

    def holds(key: str) -> bool:
        mine = settings.get(key)
        return mine is None or _identity(mine) == latest[mine["cell"]]

    return (
        [trial for key, trial in trials.items() if holds(key)],
        [record for key, record in records.items() if holds(key)],
    )


def _in_order(keys: Iterable[str]) -> list[str]:
    """Return every key once, where it comes last."""
    return list(dict.fromkeys(reversed(list(keys))))[::-1]


def _identity(settings: dict[str, Any]) -> _Identity:
    return tuple(settings.get(name) for name in ("cell_sha256", "cell_class", "hidden_size"))


def _spelt_trial(trial: TrialView, spelling: dict[_Identity, str]) -> TrialView:
    s = trial.settings
    cell = spelling.setdefault(_identity(s.as_dict()), s.cell)
    return trial if cell == s.cell else replace(trial, settings=replace(s, cell=cell))


def _spelt_record(record: MeasurementRecord, spelling: dict[_Identity, str]) -> MeasurementRecord:
    s = record.settings
    if "cell_sha256" not in s:
        return record
    cell = spelling.setdefault(_identity(s), s["cell"])
    return record if cell == s["cell"] else replace(record, settings={**s, "cell": cell})
