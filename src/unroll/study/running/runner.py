"""Send jobs to an executor and record what comes back, one retry for a lost worker."""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import replace
from typing import Any, Protocol, TypeAlias

from unroll.errors import UnrollError
from unroll.records import MeasurementRecord, Store, TrialRecord
from unroll.study.running.measurement import MeasurementJob, failed_measurement, run_measurement
from unroll.study.running.pool import TellsProgress
from unroll.study.running.trial_job import TrialJob
from unroll.study.running.worker import TrialOutcome, failed_trial, run_trial

POLL_SECONDS = 0.2
ATTEMPTS = 2

Job: TypeAlias = TrialJob | MeasurementJob


class Watcher(Protocol):
    """Follows a run."""

    def stepped(self, key: str, step: int) -> None:
        """Take in how many steps the training of a trial has taken."""
        ...

    def finished(
        self, job: TrialJob, trial: TrialRecord, accuracy: float | None, problem: str | None
    ) -> None:
        """Take in that a trial is recorded, with its accuracy at the length trained on.

        `problem` says why another length could not be tested.
        """
        ...

    def measured(self, job: MeasurementJob, measurement: MeasurementRecord) -> None:
        """Take in that a measurement is recorded."""
        ...

    def tick(self) -> None:
        """Take in that some time has passed."""
        ...


def run_jobs(
    jobs: Sequence[Job],
    *,
    store: Store,
    executor: Executor,
    watcher: Watcher,
) -> None:
    """Run every job in order and write each result as it comes; only this process writes.

    A measurement that looks into a trial, or into what another measurement leaves behind, is sent
    when that one is recorded. A job raises nothing, so an error that comes back is a lost
    worker's: it is sent again once, and then recorded as failed. What is finished is recorded
    before anything else.

    Raises: UnrollError where the executor cannot go on; nothing is recorded of that.
    """
    run = _Run(store, executor, watcher, awaited={job.key for job in jobs})
    for job in jobs:
        if isinstance(job, TrialJob):
            run.send(job)
        else:
            run.offer(job)
    while run.waiting:
        done, _ = wait(run.waiting, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        if isinstance(executor, TellsProgress):
            for key, step in executor.progress():
                watcher.stepped(key, step)
        for future in done:
            run.take(future)
        watcher.tick()


class _Run:
    """What has been sent and is awaited, and what has to wait for another job."""

    def __init__(
        self, store: Store, executor: Executor, watcher: Watcher, awaited: set[str]
    ) -> None:
        self._store = store
        self._executor = executor
        self._watcher = watcher
        self._attempts: dict[str, int] = {}
        self._awaited = awaited
        self._put_off: dict[str, list[MeasurementJob]] = {}
        self.waiting: dict[Future[Any], Job] = {}

    def send(self, job: Job) -> None:
        """Hand a job to the executor."""
        self._attempts[job.key] = self._attempts.get(job.key, 0) + 1
        if isinstance(job, TrialJob):
            self.waiting[self._executor.submit(run_trial, job)] = job
            return
        sent = job
        if job.folder is not None:
            sent = replace(job, folder=self._store.directory / job.folder)
        self.waiting[self._executor.submit(run_measurement, sent)] = job

    def offer(self, job: MeasurementJob) -> None:
        """Send a measurement, or keep it until what it needs is recorded."""
        for key in (job.needs, job.after):
            if key is not None and key in self._awaited:
                self._put_off.setdefault(key, []).append(job)
                return
        self._send_measurement(job)

    def _send_measurement(self, job: MeasurementJob) -> None:
        """Hand a measurement to the executor, with the weights that it needs."""
        if job.after is not None:
            before = self._store.find_measurement(job.after)
            if before is None or before.values is None:
                why = "what it looks into was not made"
                if before is not None and before.error:
                    why = f"what it looks into failed: {before.error}"
                self._record_measurement(job, failed_measurement(job, why))
                return
        if job.needs is None:
            self.send(job)
            return
        trial = self._store.find_trial(job.needs)
        if trial is None or not self._store.has_weights(job.needs):
            why = "its trial has no weights"
            if trial is not None and trial.error:
                why = f"its trial failed: {trial.error}"
            self._record_measurement(job, failed_measurement(job, why))
            return
        self.send(replace(job, weights=self._store.load_weights(trial)))

    def take(self, future: Future[Any]) -> None:
        """Record what came back, or send its job again."""
        job = self.waiting.pop(future)
        error = future.exception()
        if isinstance(error, UnrollError):
            # Not the job's fault but the executor's, which would fail every other one as well.
            raise error
        if error is not None and self._attempts[job.key] < ATTEMPTS:
            self.send(job)
            return
        result = None if error is not None else future.result()
        if isinstance(job, TrialJob):
            lost = TrialOutcome(trial=failed_trial(job.settings, f"{error}, twice"))
            self._record_trial(job, result if isinstance(result, TrialOutcome) else lost)
        else:
            failed = failed_measurement(job, f"{error}, twice")
            known = result if isinstance(result, MeasurementRecord) else failed
            self._record_measurement(job, known)

    def _record_trial(self, job: TrialJob, outcome: TrialOutcome) -> None:
        trial = _record(self._store, job, outcome)
        scores = {s.length: s.accuracy for s in self._store.evaluations(trial.key)}
        problem = outcome.problem
        if job.weights is not None and outcome.trial is not None:
            problem = outcome.trial.error
        self._watcher.finished(job, trial, scores.get(job.settings.length), problem)
        self._release(job.key)

    def _record_measurement(self, job: MeasurementJob, measurement: MeasurementRecord) -> None:
        self._store.add_measurement(measurement)
        self._watcher.measured(job, measurement)
        self._release(job.key)

    def _release(self, key: str) -> None:
        """Offer what had to wait for this job again."""
        self._awaited.discard(key)
        for measurement in self._put_off.pop(key, []):
            self.offer(measurement)


def _record(store: Store, job: TrialJob, outcome: TrialOutcome) -> TrialRecord:
    """Write an outcome, and return the trial as it now stands in the store."""
    key = job.key
    known = store.find_trial(key)
    if outcome.trial is None or (job.weights is not None and known is not None):
        store.add_evaluations(key, outcome.evaluations)
    else:
        store.add_trial(
            outcome.trial,
            weights=outcome.weights,
            curves=outcome.curves,
            evaluations=outcome.evaluations,
        )
    trial = store.find_trial(key) or outcome.trial
    if trial is None:
        raise LookupError(f"trial {key} was evaluated but never recorded")
    return trial
