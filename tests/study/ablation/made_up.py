"""Ablations with made-up results: how far each way to train comes, seed by seed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from unroll.records import EvaluationRecord, Store, TrialRecord
from unroll.records.schema import CurvePoint
from unroll.study.ablation.plan import plan_ablation
from unroll.study.ablation.rows import Row, row_of
from unroll.study.ablation.settings import AblationSettings
from unroll.study.ablation.view import AblationView, Ladder, view_ablation
from unroll.study.memory.view import TrialView
from unroll.study.running.plan import Plan, describe_request, grown
from unroll.study.running.trial import TrialSettings
from unroll.study.running.trial_job import TrialJob

SMALL = AblationSettings(
    cells=("rnn",), seeds=2, lengths=(5, 10, 20), rates=(1e-3, 3e-3), budget=20_000
)

Reach = Callable[[Row, int], int]
"""The last length that a row's seed solves."""


def record_trial(store: Store, job: TrialJob, reach: Reach, *, best_rate: float = 3e-3) -> None:
    """Record a trial as if it had been trained: only at the best rate does it solve anything."""
    settings = job.settings
    solved = settings.length <= reach(row_of(settings), settings.seed)
    good = solved and settings.rate == best_rate
    accuracy = 1.0 if good else 0.5 if settings.rate == best_rate else 0.4
    store.add_trial(
        TrialRecord(
            key=job.key, settings=settings.as_dict(), status="budget", steps=10, seconds=2.0
        ),
        weights=b"weights",
        curves={"validation": [CurvePoint(step=10, loss_nats=1.0, accuracy=accuracy)]},
        evaluations=[_score(settings.length, accuracy)],
    )


def climb(directory: Path, settings: AblationSettings, reach: Reach) -> tuple[Plan, AblationView]:
    """Run the rounds of an ablation on made-up results, to the end."""
    plan = plan_ablation(settings)
    with Store.create(directory) as store:
        while True:
            for job in plan.trials:
                if store.find_trial(job.key) is None:
                    record_trial(store, job, reach)
            following = grown(plan, store)
            if following == plan:
                break
            plan = following
        store.add_request(describe_request(plan, directory))
        return plan, view_ablation(store, store.requests())


def view(settings: AblationSettings, reach: Reach) -> AblationView:
    """Return what an ablation with these results comes to, without a store."""
    found: dict[Row, list[TrialView]] = {}
    ended: set[Row] = set()
    for length in sorted(settings.lengths):
        trials = plan_ablation(replace(settings, lengths=(length,))).trials
        for job in trials:
            row = row_of(job.settings)
            if row not in ended:
                solved = length <= reach(row, job.settings.seed)
                found.setdefault(row, []).append(_trial_view(job, 1.0 if solved else 0.5))
        ended |= {row for row in found if not any(t.is_solved for t in _at(found[row], length))}
    plan = plan_ablation(settings)
    return AblationView(
        ladders={row: Ladder(row=row, trials=tuple(trials)) for row, trials in found.items()},
        protocol=plan.protocol,
        missing=0,
        commands=(settings.command("runs/ablation"),),
    )


def _at(trials: Sequence[TrialView], length: int) -> list[TrialView]:
    return [trial for trial in trials if trial.settings.length == length]


def _trial_view(job: TrialJob, accuracy: float) -> TrialView:
    return TrialView(
        settings=job.settings,
        record=TrialRecord(
            key=job.key, settings=job.settings.as_dict(), status="budget", steps=10, seconds=2.0
        ),
        best={job.settings.length: _score(job.settings.length, accuracy)},
        final={},
        training=(),
        validation=(CurvePoint(step=10, loss_nats=1.0, accuracy=accuracy),),
    )


def _score(length: int, accuracy: float) -> EvaluationRecord:
    return EvaluationRecord(
        weights="best",
        length=length,
        accuracy=accuracy,
        loss_nats=1.0,
        count=100,
        held_out=length > 8,
        seconds=0.1,
    )


def lengths_of(plan: Plan, row: Row) -> list[int]:
    """Return the lengths at which a plan trains a row."""
    found = [job.settings for job in plan.trials if row_of(job.settings) == row]
    return sorted({settings.length for settings in found})


def settings_of(plan: Plan, *, place: str, change: str | None = None) -> Sequence[TrialSettings]:
    """Return the settings of all trials of one row."""
    found = []
    for job in plan.trials:
        row = row_of(job.settings)
        if (row.place, row.change) == (place, change):
            found.append(job.settings)
    return found
