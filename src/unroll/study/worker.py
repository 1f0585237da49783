"""Run one trial, wherever it is sent: train, evaluate, hand everything back as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256

import safetensors.torch
import torch
from torch import Tensor, nn

from unroll.cells import Cell, initialise, parse_initialisation
from unroll.cells.source import CellSource
from unroll.errors import UnrollError
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
from unroll.seeding import derive_seed, make_generator
from unroll.study.pool import send_progress
from unroll.study.trial import TrialSettings
from unroll.tasks import Split, Task, make_task, stream_batches
from unroll.training.evaluate import Evaluation, evaluate
from unroll.training.fit import FitResult, FitSettings, Weights, fit

EVALUATION_COUNT = 10_000
"""Palindromes on which a trained network is judged."""
VALIDATION_COUNT = 1_000
"""Palindromes on which the best parameters and the rate are chosen."""


@dataclass(frozen=True, kw_only=True)
class TrialJob:
    """What a worker is asked to do for one trial."""

    settings: TrialSettings
    """The trial."""
    source: CellSource
    """Where its cell comes from."""
    lengths: tuple[int, ...]
    """Lengths at which to evaluate."""
    parameters: int
    """Numbers to train, for estimates of the time."""
    weights: bytes | None = None
    """Safetensors of a trial trained before; None trains it."""

    @property
    def work(self) -> int:
        """Multiplications by a parameter, for one sequence of each batch: P · T · steps."""
        if self.weights is not None:
            return self.parameters
        return self.parameters * self.settings.length * self.settings.max_steps


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


def run_trial(job: TrialJob) -> TrialOutcome:
    """Train (unless weights are given) and evaluate on one thread.

    An exception in a user's cell, or parameters that do not fit, give a trial that `failed`;
    nothing is raised.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        if job.weights is None:
            return _train(job)
        return _evaluate_again(job, job.weights)
    except (Exception, SystemExit) as error:
        return TrialOutcome(trial=failed_trial(job.settings, _in_one_line(error)))
    finally:
        torch.set_num_threads(threads)


def _in_one_line(error: BaseException) -> str:
    if isinstance(error, UnrollError):
        return str(error)
    return " ".join(f"{type(error).__name__}: {error}".split())


def failed_trial(settings: TrialSettings, message: str) -> TrialRecord:
    """Return the record of a trial that could not be run."""
    return TrialRecord(
        key=settings.key,
        settings=settings.as_dict(),
        status="failed",
        error=message,
        environment=describe_environment(),
    )


def build_model(settings: TrialSettings, source: CellSource) -> SequenceClassifier:
    """Return the untrained network of a trial; the same seed gives the same parameters."""
    task = make_task(settings.task, settings.length, settings.encoding)
    generator = make_generator(settings.seed, "weights")
    cell_class = source.load()
    # A user's constructor draws from the global generator, which is seeded for it and restored.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(settings.seed, "cell"))
        cell: nn.Module = cell_class(task.input_size, settings.hidden_size)
    if isinstance(cell, Cell) and settings.initialisation != "own":
        chosen = parse_initialisation(settings.initialisation)
        initialise(cell, chosen, length=settings.length, generator=generator)
    model = SequenceClassifier(
        cell, settings.hidden_size, task.classes, engine=settings.engine, generator=generator
    )
    return model.to(settings.device)


def _train(job: TrialJob) -> TrialOutcome:
    settings = job.settings
    task = make_task(settings.task, settings.length, settings.encoding)
    model = build_model(settings, job.source)
    batches = stream_batches(
        task, settings.batch_size, make_generator(settings.seed, "batches", settings.device)
    )
    validation = _fixed_sequences(task, settings, "validation", VALIDATION_COUNT)
    result = fit(
        model,
        batches,
        FitSettings(
            optimiser=settings.optimiser,
            rate=settings.rate,
            clip_norm=settings.clip_norm,
            max_steps=settings.max_steps,
            stop_loss_nats=settings.stop_loss_nats,
        ),
        task=task,
        validation=validation,
        on_progress=partial(send_progress, settings.key),
    )
    weights = _pack_weights(result)
    own = _evaluate_length(job, model, _by_kind(result), settings.length)
    further = tuple(length for length in job.lengths if length != settings.length)
    others, problem = _evaluate_lengths(job, model, _by_kind(result), further)
    return TrialOutcome(
        trial=_describe_trial(settings, model, result, weights),
        weights=weights,
        curves={"training": result.training_curve, "validation": result.validation_curve},
        evaluations=(*own, *others),
        problem=problem,
    )


def _evaluate_again(job: TrialJob, data: bytes) -> TrialOutcome:
    """Score the parameters of a trial trained before at further lengths."""
    packed = safetensors.torch.load(data)
    kinds: dict[WeightsKind, Weights] = {"best": {}, "final": {}}
    for kind, weights in kinds.items():
        prefix = f"{kind}."
        for name, tensor in packed.items():
            if name.startswith(prefix):
                weights[name.removeprefix(prefix)] = tensor
    model = build_model(job.settings, job.source)
    evaluations, problem = _evaluate_lengths(job, model, kinds, job.lengths)
    return TrialOutcome(trial=None, evaluations=evaluations, problem=problem)


def _evaluate_lengths(
    job: TrialJob,
    model: nn.Module,
    kinds: dict[WeightsKind, Weights],
    lengths: Sequence[int],
) -> tuple[tuple[EvaluationRecord, ...], str | None]:
    """Return the scores at each length, and what went wrong where there is none.

    A cell may break at a length that it was not trained at; its training is not lost for that.
    """
    records: list[EvaluationRecord] = []
    problems = []
    for length in lengths:
        try:
            records += _evaluate_length(job, model, kinds, length)
        except (Exception, SystemExit) as error:
            problems.append(f"test at T = {length} failed: {_in_one_line(error)}")
    return tuple(records), "; ".join(problems) or None


def _evaluate_length(
    job: TrialJob, model: nn.Module, kinds: dict[WeightsKind, Weights], length: int
) -> list[EvaluationRecord]:
    settings = job.settings
    task = make_task(settings.task, length, settings.encoding)
    sequences = _fixed_sequences(task, settings, "evaluation", EVALUATION_COUNT)
    model.load_state_dict(kinds["best"])
    best = _record_score("best", task, evaluate(model, task, sequences))
    if all(torch.equal(tensor, kinds["best"][name]) for name, tensor in kinds["final"].items()):
        # The last step had the best validation: its parameters need not be tested twice.
        return [best, replace(best, weights="final", seconds=0.0)]
    model.load_state_dict(kinds["final"])
    return [best, _record_score("final", task, evaluate(model, task, sequences))]


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
        weights_sha256=sha256(data).hexdigest(),
        environment=describe_environment(),
    )


def _by_kind(result: FitResult) -> dict[WeightsKind, Weights]:
    return {"best": result.best_weights, "final": result.final_weights}


def _pack_weights(result: FitResult) -> bytes:
    packed = {
        f"{kind}.{name}": tensor.cpu().contiguous()
        for kind, weights in _by_kind(result).items()
        for name, tensor in weights.items()
    }
    return safetensors.torch.save(packed)
