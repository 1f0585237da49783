"""On how many sequences a network is judged, and when it has to be judged again."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from unroll.records import EvaluationRecord, Store, TrialRecord
from unroll.study.memory.plan import plan_memory
from unroll.study.memory.settings import MemorySettings
from unroll.study.running.plan import missing_jobs
from unroll.study.running.trial_job import TrialJob
from unroll.study.running.worker import run_trial

SMALL = MemorySettings(
    cells=("rnn",), lengths=(9,), seeds=1, max_steps=1, hidden_size=4, batch_size=4
)


def left(settings: MemorySettings, counted: int, directory: Path) -> list[TrialJob]:
    """Return what is left to do where the trial is recorded, judged on so many palindromes."""
    (job,) = plan_memory(settings).trials
    score = EvaluationRecord(
        weights="best",
        length=9,
        accuracy=0.5,
        loss_nats=1.0,
        count=counted,
        held_out=True,
        seconds=0.1,
    )
    with Store.create(directory) as store:
        record = TrialRecord(
            key=job.key,
            settings=job.settings.as_dict(),
            status="budget",
            weights_sha256=sha256(b"weights").hexdigest(),
        )
        store.add_trial(record, weights=b"weights", evaluations=[score])
        jobs = missing_jobs([plan_memory(settings)], store)
    return [job for job in jobs if isinstance(job, TrialJob)]


@pytest.mark.parametrize(
    ("asked", "counted", "is_left"),
    [(None, 250, False), (500, 250, True), (500, 500, False), (500, 10_000, False)],
)
def test_a_network_is_judged_again_where_more_is_asked(
    asked: int | None, counted: int, is_left: bool, tmp_path: Path
) -> None:
    jobs = left(replace(SMALL, test_count=asked), counted, tmp_path)
    assert len(jobs) == is_left
    # It is not trained again.
    assert all(job.weights == b"weights" and job.lengths == (9,) for job in jobs)


def test_so_many_are_judged_at_every_length() -> None:
    settings = replace(SMALL, test_count=70, test_lengths=(12,))
    (job,) = plan_memory(settings).trials
    outcome = run_trial(job, lambda _step: None)
    assert {(score.length, score.count) for score in outcome.evaluations} == {(9, 70), (12, 70)}
    assert replace(job, test_count=None).count_at(1_000) == 500
