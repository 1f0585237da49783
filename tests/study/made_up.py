"""Trials with made-up results, for tests of how results are told."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.study.running.test_trial import SETTINGS
from unroll.records import EvaluationRecord, RequestRecord, Store, TrialRecord
from unroll.records.schema import CurvePoint, TrialStatus
from unroll.study.memory.view import MemoryView, view_requests

CHANCE_NATS = 2.3


def trial_record(
    cell: str,
    length: int,
    seed: int,
    *,
    rate: float = 1e-3,
    status: TrialStatus = "budget",
    parameters: int | None = 8 * (1 + 8 + 1) + 10 * (8 + 1),
) -> TrialRecord:
    settings = replace(SETTINGS, cell=cell, cell_class=cell, length=length, seed=seed, rate=rate)
    return TrialRecord(
        key=settings.key,
        settings=settings.as_dict(),
        status=status,
        engine="plain",
        parameters=parameters,
        steps=10,
        plateau_step=7 if length > 5 else None,
        seconds=1.5,
        environment={"unroll": "0", "torch": "2", "numpy": "2", "python": "3"},
    )


def add_trial(
    store: Store,
    record: TrialRecord,
    tested: dict[int, float],
    validation_accuracy: float = 0.5,
) -> str:
    """Record a trial that reached these accuracies at these lengths, and return its key."""
    store.add_trial(
        record,
        weights=b"weights",
        curves={
            "training": [CurvePoint(step=10, loss_nats=1.0, accuracy=0.4)],
            "validation": [CurvePoint(step=10, loss_nats=1.0, accuracy=validation_accuracy)],
        },
        evaluations=[
            EvaluationRecord(
                weights="best",
                length=length,
                accuracy=accuracy,
                loss_nats=CHANCE_NATS * (1 - accuracy),
                count=10_000,
                held_out=length > 8,
                seconds=0.1,
            )
            for length, accuracy in tested.items()
        ],
    )
    return record.key


def request(keys: Sequence[str], command: str = "unroll memory --cells rnn") -> RequestRecord:
    return RequestRecord(
        kind="memory",
        settings={"recipe": "assignment"},
        command=command,
        trials=tuple(keys),
        started="2026-01-01T00:00:00+00:00",
    )


def make_view(
    directory: Path, results: dict[tuple[str, int, int], float], missing: int = 0
) -> MemoryView:
    """Return a view of trials with these accuracies, by cell, length and seed."""
    with Store.create(directory) as store:
        keys = [
            add_trial(store, trial_record(cell, length, seed), {length: accuracy})
            for (cell, length, seed), accuracy in results.items()
        ]
        asked = request([*keys, *(f"missing{n}" for n in range(missing))])
        store.add_request(asked)
        return view_requests(store, [asked])
