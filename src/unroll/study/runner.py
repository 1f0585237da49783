"""Send trials to an executor and record what comes back, one retry for a lost worker."""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Protocol

from unroll.records import Store, TrialRecord
from unroll.study.pool import WorkerPool
from unroll.study.worker import TrialJob, TrialOutcome, failed_trial, run_trial

POLL_SECONDS = 0.2
ATTEMPTS = 2


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

    def tick(self) -> None:
        """Take in that some time has passed."""
        ...


def run_jobs(
    jobs: Sequence[TrialJob], *, store: Store, executor: Executor, watcher: Watcher
) -> None:
    """Run every job and write each result as it comes; only this process writes.

    `run_trial` raises nothing, so an error that comes back is a lost worker's: its job is sent
    again once, and then recorded as failed. What is finished is recorded before anything else.
    """
    attempts: dict[str, int] = {}
    waiting: dict[Future[TrialOutcome], TrialJob] = {}

    def send(job: TrialJob) -> None:
        key = job.settings.key
        attempts[key] = attempts.get(key, 0) + 1
        waiting[executor.submit(run_trial, job)] = job

    for job in jobs:
        send(job)
    while waiting:
        done, _ = wait(waiting, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        if isinstance(executor, WorkerPool):
            for key, step in executor.progress():
                watcher.stepped(key, step)
        for future in done:
            job = waiting.pop(future)
            error = future.exception()
            if error is None:
                outcome = future.result()
            elif attempts[job.settings.key] < ATTEMPTS:
                send(job)
                continue
            else:
                outcome = TrialOutcome(trial=failed_trial(job.settings, f"{error}, twice"))
            trial = _record(store, job, outcome)
            scores = {s.length: s.accuracy for s in store.evaluations(trial.key)}
            problem = outcome.problem
            if job.weights is not None and outcome.trial is not None:
                problem = outcome.trial.error
            watcher.finished(job, trial, scores.get(job.settings.length), problem)
        watcher.tick()


def _record(store: Store, job: TrialJob, outcome: TrialOutcome) -> TrialRecord:
    """Write an outcome, and return the trial as it now stands in the store."""
    key = job.settings.key
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
