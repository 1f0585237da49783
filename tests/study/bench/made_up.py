"""A bench with made-up results in a real store."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tests.study.running.test_trial import SETTINGS
from unroll.records import EvaluationRecord, RequestRecord, Store, TrialRecord
from unroll.records.schema import CurvePoint, TrialStatus
from unroll.study.bench.protocol import shared_protocol
from unroll.study.bench.settings import TUNING_SEED, BenchSettings
from unroll.study.bench.view import BenchView, view_bench
from unroll.study.running.trial import TrialSettings

ASKED = BenchSettings(
    cells=("lstm", "rnn"), tasks=("palindrome", "parity"), rates=(0.01, 0.001, 0.0001), longest=100
)


def settings_of(cell: str, task: str, rate: float, seed: int) -> TrialSettings:
    return replace(
        SETTINGS,
        cell=cell,
        cell_class=cell,
        task=task,
        length=100,
        seed=seed,
        rate=rate,
        encoding="one-hot",
        sequence_steps=ASKED.budget,
        validated_at="lesson",
    )


def add(
    store: Store,
    settings: TrialSettings,
    *,
    trained_to: int = 4,
    right_to: int = 0,
    tested: Sequence[int] = (5, 10, 20, 50, 100),
    status: TrialStatus = "budget",
    error: str | None = None,
) -> str:
    """Record a training that came to `trained_to` and is right up to the length `right_to`."""
    record = TrialRecord(
        key=settings.key,
        settings=settings.as_dict(),
        status=status,
        error=error,
        steps=100,
        seconds=2.0,
        parameters=100,
        lessons=((1, 4), (50, trained_to)),
    )
    if status == "failed":
        store.add_trial(record)
        return record.key
    store.add_trial(
        record,
        weights=b"weights",
        curves={
            "training": [CurvePoint(step=10, loss_nats=1.0, accuracy=0.4)],
            "validation": [CurvePoint(step=10, loss_nats=1.0, accuracy=0.9)],
        },
        evaluations=[
            EvaluationRecord(
                weights="best",
                length=length,
                accuracy=0.995 if length <= right_to else 0.4,
                loss_nats=0.1,
                count=1_000,
                held_out=length > 15,
                seconds=0.1,
            )
            for length in tested
        ],
    )
    return record.key


Came = tuple[int, int]
"""How far one training came: the last lesson, and the last length that is right."""


def make_bench(directory: Path, came: Mapping[tuple[str, str], Sequence[Came]]) -> BenchView:
    """Return a bench in which the rate 0.01 was chosen, and each seed came as far as is said."""
    keys = []
    with Store.create(directory) as store:
        for (cell, task), seeds in came.items():
            for rate, trained_to in ((0.01, 9), (0.001, 4), (0.0001, 4)):
                tuning = settings_of(cell, task, rate, TUNING_SEED)
                keys.append(add(store, tuning, trained_to=trained_to))
            for seed, (trained_to, right_to) in enumerate(seeds):
                chosen = settings_of(cell, task, 0.01, seed)
                keys.append(add(store, chosen, trained_to=trained_to, right_to=right_to))
        asked = RequestRecord(
            kind="bench",
            settings=shared_protocol(ASKED, 1_000),
            command=ASKED.command("out"),
            trials=tuple(keys),
            started="2026-01-01T00:00:00+00:00",
        )
        store.add_request(asked)
        return view_bench(store, [asked])
