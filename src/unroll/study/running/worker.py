"""Run one trial, wherever it is sent: train, evaluate, hand everything back as plain values."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256

import torch
from torch import Tensor, nn

from unroll.errors import in_one_line
from unroll.models import SequenceClassifier
from unroll.records.environment import describe_environment
from unroll.records.schema import (
    CurveKind,
    CurvePoint,
    EvaluationRecord,
    TrialRecord,
    WeightsKind,
    finite_or_none,
)
from unroll.seeding import make_generator
from unroll.study.running.checkpoint import pack_weights, unpack_weights
from unroll.study.running.network import build_model
from unroll.study.running.pool import send_progress
from unroll.study.running.trial import TrialSettings
from unroll.study.running.trial_job import EVALUATION_LEAST, TrialJob
from unroll.tasks import Batch, Split, Task, make_task, stream_batches
from unroll.training.curriculum import Curriculum
from unroll.training.evaluate import Evaluation, evaluate
from unroll.training.fit import FitResult, FitSettings, Weights, fit
from unroll.training.lessons import Lessons, Revisits

VALIDATION_COUNT = 1_000
"""Sequences on which the best parameters and the rate are chosen, unless they are long."""
VALIDATION_DIGITS = 500_000
"""Steps read for one validation: of sequences longer than 500 steps there are fewer."""
LESSON_VALIDATION_COUNT = 250
"""The same where each lesson is validated, which may last but ten steps."""


@dataclass(frozen=True, kw_only=True)
class TrialOutcome:
    """What a worker hands back."""

    trial: TrialRecord | None
    """The record; None for a trial trained before and only evaluated now."""
    weights: bytes | None = None
    """Safetensors with the parameters `best.…` and `final.…`."""
    curves: dict[CurveKind, list[CurvePoint]] = field(default_factory=dict)
    """Training and validation curve."""
    evaluations: tuple[EvaluationRecord, ...] = ()
    """Scores by length, of the best and of the final parameters."""
    problem: str | None = None
    """Why a length could not be evaluated, in one line; the trial itself is as it should be."""


def run_trial(job: TrialJob, stepped: Callable[[int], object] | None = None) -> TrialOutcome:
    """Train (unless weights are given) and evaluate on one thread.

    `stepped` hears of steps taken; without it, who sent the job to this process does. An exception
    in a user's cell, or parameters that do not fit, give a trial that `failed`; nothing is raised.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        if job.weights is None:
            return _train(job, stepped or partial(send_progress, job.key))
        return _evaluate_again(job, job.weights)
    except (Exception, SystemExit) as error:
        return TrialOutcome(trial=failed_trial(job.settings, in_one_line(error)))
    finally:
        torch.set_num_threads(threads)


def failed_trial(settings: TrialSettings, message: str) -> TrialRecord:
    """Return the record of a trial that could not be run."""
    return TrialRecord(
        key=settings.key,
        settings=settings.as_dict(),
        status="failed",
        error=message,
        environment=describe_environment(),
    )


def _train(job: TrialJob, stepped: Callable[[int], object]) -> TrialOutcome:
    settings = job.settings
    task = make_task(settings.task, settings.length, settings.encoding)
    model = build_model(settings, job.source)
    by_lesson = settings.validated_at == "lesson"
    result = fit(
        model,
        make_lessons(settings),
        FitSettings(
            optimiser=settings.optimiser,
            rate=settings.rate,
            clip_norm=settings.clip_norm,
            max_steps=settings.max_steps,
            stop_loss_nats=settings.stop_loss_nats,
            sequence_steps=settings.sequence_steps,
        ),
        task=task,
        validation=_validation_sequences(task, settings),
        validation_of=partial(_validation_of, settings) if by_lesson else None,
        on_progress=stepped,
    )
    weights = pack_weights(settings, _by_kind(result))
    own = _evaluate_both(job, model, _by_kind(result), settings.length)
    further = tuple(length for length in job.lengths if length != settings.length)
    others, problem = _evaluate_further(job, model, result.best_weights, further)
    return TrialOutcome(
        trial=_describe_trial(settings, model, result, weights),
        weights=weights,
        curves={"training": result.training_curve, "validation": result.validation_curve},
        evaluations=(*own, *others),
        problem=problem,
    )


def make_lessons(settings: TrialSettings) -> Lessons:
    """Return the batches that a trial is trained on; the same seed gives the same ones."""
    generator = make_generator(settings.seed, "batches", settings.device)
    again = make_generator(settings.seed, "revisited batches", settings.device)

    def batches_of(length: int) -> Iterator[Batch]:
        task = make_task(settings.task, length, settings.encoding)
        return stream_batches(task, settings.batch_size, generator)

    def batch_of(length: int) -> Batch:
        task = make_task(settings.task, length, settings.encoding)
        return next(stream_batches(task, settings.batch_size, again, most_per_block=1))

    return Lessons(
        batches_of,
        end=settings.length,
        curriculum=Curriculum(**settings.curriculum) if settings.curriculum else None,
        revisits=Revisits(batch_of, make_generator(settings.seed, "revisited lengths")),
    )


def _evaluate_again(job: TrialJob, data: bytes) -> TrialOutcome:
    """Score the best parameters of a trial trained before at further lengths."""
    model = build_model(job.settings, job.source)
    best = unpack_weights(data, "best")
    evaluations, problem = _evaluate_further(job, model, best, job.lengths)
    return TrialOutcome(trial=None, evaluations=evaluations, problem=problem)


def _evaluate_further(
    job: TrialJob, model: nn.Module, best: Weights, lengths: Sequence[int]
) -> tuple[tuple[EvaluationRecord, ...], str | None]:
    """Return the best parameters' score at each length, and what went wrong where there is none.

    A cell may break at a length that it was not trained at; its training is not lost for that.
    """
    records = []
    problems = []
    for length in lengths:
        try:
            records.append(_evaluate(job, model, "best", best, length))
        except (Exception, SystemExit) as error:
            problems.append(f"test at T = {length} failed: {in_one_line(error)}")
    return tuple(records), "; ".join(problems) or None


def _evaluate_both(
    job: TrialJob, model: nn.Module, kinds: dict[WeightsKind, Weights], length: int
) -> list[EvaluationRecord]:
    """Return the scores of the best and of the final parameters."""
    best = _evaluate(job, model, "best", kinds["best"], length)
    if all(torch.equal(tensor, kinds["best"][name]) for name, tensor in kinds["final"].items()):
        # The last step had the best validation: its parameters need not be tested twice.
        return [best, replace(best, weights="final", seconds=0.0)]
    return [best, _evaluate(job, model, "final", kinds["final"], length)]


def _evaluate(
    job: TrialJob, model: nn.Module, kind: WeightsKind, weights: Weights, length: int
) -> EvaluationRecord:
    settings = job.settings
    task = make_task(settings.task, length, settings.encoding)
    sequences = _fixed_sequences(task, settings, "evaluation", job.count_at(length))
    model.load_state_dict(weights)
    return _record_score(kind, task, evaluate(model, task, sequences))


def _record_score(kind: WeightsKind, task: Task, score: Evaluation) -> EvaluationRecord:
    return EvaluationRecord(
        weights=kind,
        length=task.length,
        accuracy=score.accuracy,
        loss_nats=finite_or_none(score.loss_nats),
        count=score.count,
        held_out=task.held_out,
        seconds=score.seconds,
    )


def _fixed_sequences(task: Task, settings: TrialSettings, split: Split, count: int) -> Tensor:
    """Draw the sequences of a split that every trial of this length shares."""
    generator = make_generator(0, f"{split} {settings.task} {task.length}")
    return task.distinct(count, split, generator).to(settings.device)


def _validation_sequences(task: Task, settings: TrialSettings) -> Tensor:
    count = min(VALIDATION_COUNT, max(EVALUATION_LEAST, VALIDATION_DIGITS // task.length))
    if settings.validated_at == "lesson":
        count = LESSON_VALIDATION_COUNT
    return _fixed_sequences(task, settings, "validation", count)


def _validation_of(settings: TrialSettings, length: int) -> tuple[Task, Tensor]:
    """Return the task and the validation sequences of a lesson."""
    task = make_task(settings.task, length, settings.encoding)
    return task, _validation_sequences(task, settings)


def _describe_trial(
    settings: TrialSettings, model: SequenceClassifier, result: FitResult, data: bytes
) -> TrialRecord:
    return TrialRecord(
        key=settings.key,
        settings=settings.as_dict(),
        status=result.status,
        engine=model.engine_for(settings.batch_size),
        parameters=sum(p.numel() for p in model.parameters()),
        steps=result.steps,
        best_step=result.best_step,
        plateau_step=result.plateau_step,
        seconds=result.seconds,
        validation_seconds=result.validation_seconds,
        lessons=tuple(result.lessons),
        weights_sha256=sha256(data).hexdigest(),
        environment=describe_environment(),
    )


def _by_kind(result: FitResult) -> dict[WeightsKind, Weights]:
    return {"best": result.best_weights, "final": result.final_weights}
