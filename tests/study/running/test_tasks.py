"""A trial of every task, from its settings to its record."""

from dataclasses import asdict
from typing import Any

import pytest

from unroll.cells.source import find_cell
from unroll.study.running.trial import TrialSettings
from unroll.study.running.trial_job import TrialJob
from unroll.study.running.worker import run_trial
from unroll.tasks import TASKS, default_encoding, make_task
from unroll.training import Curriculum

BUDGET = 12_000


def job_for(task: str, **changes: Any) -> TrialJob:
    source = find_cell("gru")
    encoding = default_encoding(task)
    shortest = max(4, make_task(task, 30, encoding).shortest)
    usual: dict[str, Any] = {
        "cell": "gru",
        "cell_class": source.class_name,
        "cell_sha256": source.sha256,
        "task": task,
        "length": 30,
        "seed": 0,
        "encoding": encoding,
        "initialisation": "forget-bias:3",
        "hidden_size": 8,
        "batch_size": 16,
        "optimiser": "adam",
        "rate": 1e-2,
        "clip_norm": 1.0,
        "max_steps": 10_000,
        "stop_loss_nats": 1e-4,
        "engine": "auto",
        "device": "cpu",
        "curriculum": asdict(
            Curriculum(start=shortest, accuracy=0.01, window=4, factor=1.5, revisited=0.2)
        ),
        "sequence_steps": BUDGET,
        "validated_at": "lesson",
    }
    settings = TrialSettings(**(usual | changes))
    return TrialJob(settings=settings, source=source, lengths=(shortest, 30, 40), parameters=300)


@pytest.mark.parametrize("task", TASKS)
def test_a_trial_of_every_task_spends_its_budget_and_is_evaluated(task: str) -> None:
    job = job_for(task)
    outcome = run_trial(job, lambda _: None)
    trial = outcome.trial
    assert trial is not None
    assert (trial.status, trial.error, outcome.problem) == ("budget", None, None)
    # An upper bound, lessons taken whole: a share of batches is of earlier, shorter lengths.
    ends = [first - 1 for first, _ in trial.lessons[1:]] + [trial.steps]
    begins = [0, *ends]
    whole = sum(
        16 * T * (end - begin)
        for (_, T), begin, end in zip(trial.lessons, begins, ends, strict=False)
    )
    assert whole > BUDGET * 0.9
    tested = {(e.weights, e.length): e for e in outcome.evaluations}
    start = job.lengths[0]
    assert set(tested) == {("best", start), ("best", 30), ("final", 30), ("best", 40)}
    for (_, length), score in tested.items():
        known = make_task(task, length, default_encoding(task))
        assert score.held_out == known.held_out
        assert 0 <= score.accuracy <= 1


def test_a_trial_of_another_task_is_the_same_when_it_is_run_again() -> None:
    first, again = (run_trial(job_for("adding"), lambda _: None) for _ in range(2))
    assert first.weights == again.weights
    assert first.curves == again.curves
    assert [(e.accuracy, e.loss_nats) for e in first.evaluations] == [
        (e.accuracy, e.loss_nats) for e in again.evaluations
    ]


def test_training_counts_for_what_its_budget_allows() -> None:
    # Three uses of a parameter a step in training; evaluation counts a third of that.
    few, many = job_for("parity"), job_for("parity", sequence_steps=2 * BUDGET)
    unbounded = job_for("parity", sequence_steps=None)
    assert many.work - few.work == pytest.approx(300 * BUDGET)
    assert unbounded.work - few.work == pytest.approx(300 * (16 * 30 * 10_000 - BUDGET))


def test_a_wider_input_needs_more_memory() -> None:
    assert job_for("associative-recall").need_bytes > job_for("parity").need_bytes
