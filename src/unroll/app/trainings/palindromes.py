"""Train the small networks for palindromes, each as a trial of the memory study, or what is left.

They lie in a store as a study's do: `unroll report OUT/networks` draws them.
"""

from collections.abc import Sequence
from pathlib import Path

from unroll.app.networks.found import CELLS
from unroll.app.trainings.wanted import MOST_STEPS, NETWORKS, WANTED, Wanted
from unroll.app.trainings.worker import Told
from unroll.errors import StoreError
from unroll.records import Store
from unroll.study.memory.plan import plan_memory
from unroll.study.memory.settings import MemorySettings
from unroll.study.running.plan import Plan, describe_request, missing_jobs
from unroll.study.running.trial_job import TrialJob
from unroll.study.running.worker import run_trial

_MOST_STORES = 3


def train_networks(
    out: Path, told: Told, wanted: Sequence[Wanted] = WANTED, max_steps: int = MOST_STEPS
) -> str:
    """Train below `out` what is missing there; return what came of it in one line.

    A network whose file is damaged is trained anew, and so are all where their store is.
    Raises: StoreError, in one line, where the store cannot be read or written, or a training
    fails.
    """
    plans = [_plan(one, max_steps) for one in wanted]
    share = {key: one.share for one, plan in zip(wanted, plans, strict=True) for key in plan.keys}
    with _open_store(out) as store:
        _remove_damaged(plans, store)
        for plan in plans:
            store.add_request(describe_request(plan, store.directory))
        jobs = [job for job in missing_jobs(plans, store) if isinstance(job, TrialJob)]
        # What is soonest trained comes first: there is something to ask within seconds.
        jobs.sort(key=lambda job: share[job.key] * job.work)
        total = sum(share[job.key] * job.work for job in jobs)
        begun = 0.0
        for job in jobs:
            expected = share[job.key]
            part = expected * job.work / total
            _train(job, store, _Part(told, job, before=begun, part=part, expected=expected))
            begun += part
    return f"{len(share)} networks"


class _Part:
    """Tells of one network's training as a part of all of them."""

    def __init__(
        self, told: Told, job: TrialJob, *, before: float, part: float, expected: float
    ) -> None:
        self._told, self._before, self._part = told, before, part
        self._steps = job.settings.max_steps
        self._expected_steps = expected * self._steps
        self._name = f"{CELLS[job.settings.cell]} at T = {job.settings.length}"

    def __call__(self, step: int) -> None:
        done = self._before + self._part * min(1.0, step / self._expected_steps)
        self._told(done, f"{self._name}, step {step:,} of at most {self._steps:,}")


def _plan(wanted: Wanted, max_steps: int) -> Plan:
    return plan_memory(
        MemorySettings(
            cells=wanted.cells,
            lengths=(wanted.length,),
            recipe=wanted.recipe,
            seeds=1,
            max_steps=max_steps,
        )
    )


def _open_store(out: Path) -> Store:
    """Return the store below `out`, or another one beside it where that cannot be used."""
    names = (NETWORKS, *(f"{NETWORKS}-{number}" for number in range(2, _MOST_STORES + 1)))
    refused = []
    for name in names:
        try:
            return Store.create(out / name)
        except StoreError as error:
            refused.append(error)
    raise refused[0]


def _remove_damaged(plans: Sequence[Plan], store: Store) -> None:
    """Remove weights that are not those that were written: what has none is trained anew."""
    for key in (key for plan in plans for key in plan.keys):
        trial = store.find_trial(key)
        if trial is None or not store.has_weights(key):
            continue
        try:
            store.load_weights(trial)
        except StoreError:
            store.weights_path(key).unlink(missing_ok=True)


def _train(job: TrialJob, store: Store, part: _Part) -> None:
    outcome = run_trial(job, part)
    trial = outcome.trial
    if trial is not None and trial.status == "failed":
        raise StoreError(f"{job.label}: training failed: {trial.error}")
    if trial is None:
        store.add_evaluations(job.key, outcome.evaluations)
        return
    store.add_trial(
        trial, weights=outcome.weights, curves=outcome.curves, evaluations=outcome.evaluations
    )
