"""Run one trial, wherever it is sent: train, evaluate, hand everything back as plain values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256

import torch
from torch import Tensor, nn

from unroll.cells import Cell, initialise, parse_initialisation
from unroll.cells.source import CellSource
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
from unroll.seeding import derive_seed, make_generator
from unroll.study.running.checkpoint import pack_weights, unpack_weights
from unroll.study.running.memory_need import parameter_bytes, training_bytes
from unroll.study.running.pool import send_progress
from unroll.study.running.trial import TrialSettings
from unroll.tasks import Batch, Split, Task, make_task, stream_batches
from unroll.training.curriculum import Curriculum
from unroll.training.evaluate import Evaluation, evaluate
from unroll.training.fit import FitResult, FitSettings, Weights, fit
from unroll.training.lessons import Lessons

EVALUATION_COUNT = 10_000
"""Palindromes on which a trained network is judged, unless they are long."""
EVALUATION_DIGITS = 500_000
"""Digits read for one evaluation: palindromes longer than 50 digits are fewer."""
EVALUATION_LEAST = 250
"""Palindromes on which a network is judged at any length."""
VALIDATION_COUNT = 1_000
"""Palindromes on which the best parameters and the rate are chosen, unless they are long."""
VALIDATION_DIGITS = 500_000
"""Digits read for one validation: palindromes longer than 500 digits are fewer."""


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
    """Numbers in the network, for estimates of time and memory."""
    weights: bytes | None = None
    """Safetensors of a trial trained before; None trains it."""

    @property
    def key(self) -> str:
        """The key of the trial."""
        return self.settings.key

    @property
    def label(self) -> str:
        """The trial in a few words."""
        s = self.settings
        frozen = ", cell frozen" if s.trained == "readout" else ""
        return f"{s.cell} T={s.length} seed {s.seed}, {s.optimiser} {s.rate:g}{frozen}"

    @property
    def part(self) -> str:
        """What it has in common with its neighbours: all but the seed and the rate."""
        s = self.settings
        frozen = ", cell frozen" if s.trained == "readout" else ""
        return f"{s.cell} T={s.length}, {s.initialisation}, {s.optimiser}{frozen}"

    @property
    def work(self) -> float:
        """Uses of a parameter, one for each digit read: training counts as three of evaluation."""
        settings = self.settings
        training = settings.batch_size * settings.length * settings.max_steps
        evaluation = sum(length * evaluation_count(length) for length in self.lengths)
        return self.parameters * (evaluation / 3 + (0 if self.weights else training))

    @property
    def what(self) -> str:
        """The job in a few words."""
        return f"{self.settings.cell} at T = {max(self.settings.length, *self.lengths)}"

    @property
    def need_bytes(self) -> int:
        """Bytes that it allocates at its peak, roughly."""
        s = self.settings
        D, H = (1 if s.encoding == "scalar" else 10), s.hidden_size
        if s.device != "cpu":
            return 0  # the estimate is of this machine's main memory
        training = training_bytes(s.cell, s.engine, B=s.batch_size, T=s.length, D=D, H=H)
        longest = max(self.lengths, default=0)
        # Evaluation keeps no step, and reads a few sequences at a time.
        evaluation = training_bytes("rnn", B=1, T=longest, D=D, H=H)
        tested = evaluation + 24 * longest * evaluation_count(longest)
        return parameter_bytes(self.parameters) + max(0 if self.weights else training, tested)


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


def evaluation_count(length: int) -> int:
    """Return how many palindromes of a length a network is judged on.

    >>> [evaluation_count(length) for length in (10, 50, 1000, 100_000)]
    [10000, 10000, 500, 250]
    """
    return min(EVALUATION_COUNT, max(EVALUATION_LEAST, EVALUATION_DIGITS // length))


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


def build_model(settings: TrialSettings, source: CellSource) -> SequenceClassifier:
    """Return the untrained network of a trial; the same seed gives the same parameters."""
    model = build_network(
        source,
        task=make_task(settings.task, settings.length, settings.encoding),
        initialisation=settings.initialisation,
        hidden_size=settings.hidden_size,
        seed=settings.seed,
        engine=settings.engine,
    )
    if settings.trained == "readout":
        model.cell.requires_grad_(False)
    return model.to(settings.device)


def build_network(
    source: CellSource,
    *,
    task: Task,
    initialisation: str,
    hidden_size: int,
    seed: int,
    engine: str = "auto",
) -> SequenceClassifier:
    """Return a network for `task`; `own` leaves a cell as its constructor made it."""
    generator = make_generator(seed, "weights")
    cell_class = source.load()
    # A user's constructor draws from the global generator, which is seeded for it and restored.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(seed, "cell"))
        cell: nn.Module = cell_class(task.input_size, hidden_size)
    if isinstance(cell, Cell) and initialisation != "own":
        chosen = parse_initialisation(initialisation)
        initialise(cell, chosen, length=task.length, generator=generator)
    return SequenceClassifier(cell, hidden_size, task.classes, engine=engine, generator=generator)


def _train(job: TrialJob) -> TrialOutcome:
    settings = job.settings
    task = make_task(settings.task, settings.length, settings.encoding)
    model = build_model(settings, job.source)
    count = min(VALIDATION_COUNT, max(EVALUATION_LEAST, VALIDATION_DIGITS // settings.length))
    validation = _fixed_sequences(task, settings, "validation", count)
    result = fit(
        model,
        make_lessons(settings),
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

    def batches_of(length: int) -> Iterator[Batch]:
        task = make_task(settings.task, length, settings.encoding)
        return stream_batches(task, settings.batch_size, generator)

    curriculum = Curriculum(**settings.curriculum) if settings.curriculum else None
    return Lessons(batches_of, end=settings.length, curriculum=curriculum)


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
    sequences = _fixed_sequences(task, settings, "evaluation", evaluation_count(length))
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
