"""What a command asks for: trials to train, and measurements that may look into them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from unroll.records import RequestRecord, Store
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.trial_job import TrialJob


class Settings(Protocol):
    """What a command was asked to do."""

    def command(self, out: str) -> str:
        """Return the command line that asks for this."""
        ...


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All the jobs that one command consists of."""

    kind: str
    """The command, `memory` say."""
    settings: Settings
    """What was asked."""
    protocol: dict[str, Any]
    """What results must share to stand in one figure, as plain values."""
    trials: tuple[TrialJob, ...] = ()
    """Networks to train."""
    measurements: tuple[MeasurementJob, ...] = ()
    """What else to measure."""
    intention: tuple[str, ...] = ()
    """What is told before it begins."""
    grow: Callable[["Plan", Store], "Plan"] | None = None
    """For a command of several rounds: the plan with every job that can be named from what is
    recorded, the same one where nothing follows. Jobs are only added, and a pure function of the
    store adds them, so that a command that was killed goes on as if it had not been."""
    later: tuple[TrialJob | MeasurementJob, ...] = ()
    """Jobs that stand for those of later rounds, for estimates of time and memory; never run."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the trials, in order."""
        return tuple(job.key for job in self.trials)


def grown(plan: Plan, store: Store) -> Plan:
    """Return the plan with everything that what is recorded lets it ask for."""
    return plan if plan.grow is None else plan.grow(plan, store)


def describe_request(plan: Plan, directory: Path) -> RequestRecord:
    """Return what is asked for as the store notes it."""
    return RequestRecord(
        kind=plan.kind,
        settings=plan.protocol,
        command=plan.settings.command(str(directory)),
        trials=plan.keys,
        measurements=tuple(job.key for job in plan.measurements),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _missing_trials(plans: Sequence[Plan], store: Store) -> list[TrialJob]:
    """Return what is left to train: trials not recorded or failed, and lengths not yet tested.

    Plans keep their order. Within one the shortest length comes first, so that there is soon
    something to see; within a length the largest cell, so that small ones fill the workers' last
    gap. A trial that two plans ask for belongs to the first.
    """
    merged = _merge(job for plan in plans for job in plan.trials)
    missing: dict[str, TrialJob] = {}
    for plan in plans:
        ordered = sorted(plan.trials, key=lambda job: (job.settings.length, -job.work))
        for key in (job.key for job in ordered if job.key not in missing):
            if (job := _left_to_do(merged[key], store)) is not None:
                missing[key] = job
    return list(missing.values())


def _missing_measurements(plans: Sequence[Plan], store: Store) -> list[MeasurementJob]:
    """Return what is left to measure: not recorded, or failed, or gone though it is needed."""
    jobs = {job.key: job for plan in plans for job in plan.measurements}
    missing = {key for key in jobs if not _is_measured(key, store)}
    # A record outlives the folder that its measurement filled.
    missing |= {
        before.key
        for job in (jobs[key] for key in missing)
        if (before := jobs.get(job.after or "")) is not None
        and before.folder is not None
        and not (store.directory / before.folder).is_dir()
    }
    return [job for key, job in jobs.items() if key in missing]


def _is_measured(key: str, store: Store) -> bool:
    record = store.find_measurement(key)
    return record is not None and record.values is not None


def missing_jobs(plans: Sequence[Plan], store: Store) -> list[TrialJob | MeasurementJob]:
    """Return everything that is left to do, plan by plan, trials before measurements."""
    trials = {job.key: job for job in _missing_trials(plans, store)}
    measurements = {job.key: job for job in _missing_measurements(plans, store)}
    jobs: list[TrialJob | MeasurementJob] = []
    for plan in plans:
        mine = {job.key for job in plan.trials}
        jobs += [trials.pop(key) for key in list(trials) if key in mine]
        wanted = {job.key for job in plan.measurements}
        jobs += [measurements.pop(key) for key in list(measurements) if key in wanted]
    return jobs


def _left_to_do(job: TrialJob, store: Store) -> TrialJob | None:
    """Return the job, or what is left of it, or None."""
    trial = store.find_trial(job.key)
    if trial is None or trial.status == "failed" or not store.has_weights(trial.key):
        return job
    tested = {
        score.length
        for score in store.evaluations(trial.key)
        if not score.held_out or score.count >= (job.test_count or 0)
    }
    untested = tuple(length for length in job.lengths if length not in tested)
    if not untested:
        return None
    return replace(job, lengths=untested, weights=store.load_weights(trial))


def _merge(jobs: Iterable[TrialJob]) -> dict[str, TrialJob]:
    """Return every trial once, by key, tested at all the lengths that anyone asks for."""
    merged: dict[str, TrialJob] = {}
    for job in jobs:
        known = merged.get(job.key, job)
        lengths = tuple(sorted({*known.lengths, *job.lengths}))
        counts = [asked.test_count for asked in (known, job) if asked.test_count is not None]
        merged[job.key] = replace(known, lengths=lengths, test_count=max(counts, default=None))
    return merged
