"""Fit a model on batches, of one length or of growing length."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor, nn
from torch.nn import functional

from unroll.records.schema import CurvePoint, TrialStatus, finite_or_none
from unroll.tasks.task import Batch, Task
from unroll.training.evaluate import Evaluation, evaluate
from unroll.training.lessons import Lessons
from unroll.training.optimisers import make_optimiser
from unroll.training.stopping import LossWatch, mean

CURVE_EVERY = 20
"""Steps between two points of the training curve; each is the mean since the last."""
VALIDATE_EVERY = 100
"""Steps between two looks at the validation sequences."""

Weights = dict[str, Tensor]


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """How a model is fitted."""

    optimiser: str
    """`sgd`, `momentum`, `rmsprop` or `adam`."""
    rate: float
    """Learning rate."""
    clip_norm: float
    """Largest norm of the gradient of all parameters together."""
    max_steps: int
    """Training ends after so many steps."""
    stop_loss_nats: float
    """Training ends when the mean loss of the last 100 batches, all of the length that the
    lessons lead to, falls below this."""


@dataclass(kw_only=True)
class FitResult:
    """What came of fitting a model."""

    status: TrialStatus = "budget"
    """`stopped` by the loss rule, `budget` used up, or `diverged`."""
    steps: int = 0
    """Optimisation steps taken."""
    seconds: float = 0.0
    """Wall-clock time of those steps, batches included, validation not."""
    validation_seconds: float = 0.0
    """Wall-clock time of validation."""
    plateau_step: int | None = None
    """Step at which the rule "mean loss moved by less than 1e-6" would have stopped."""
    best_step: int = 0
    """Step of the best validation."""
    best_validation: Evaluation | None = None
    """The best validation: highest accuracy, then lowest loss."""
    lessons: list[tuple[int, int]] = field(default_factory=list)
    """Lengths trained at: (first step, T), in order."""
    training_curve: list[CurvePoint] = field(default_factory=list)
    """Means of training batches."""
    validation_curve: list[CurvePoint] = field(default_factory=list)
    """Scores on the validation sequences."""
    best_weights: Weights = field(default_factory=dict)
    """Parameters at the best validation."""
    final_weights: Weights = field(default_factory=dict)
    """Parameters after the last step."""


def fit(
    model: nn.Module,
    lessons: Lessons,
    settings: FitSettings,
    *,
    task: Task,
    validation: Tensor,
    on_progress: Callable[[int], object] = id,
) -> FitResult:
    """Minimise the cross-entropy of `model`, and keep its best-validation parameters.

    Only parameters that require a gradient are trained. `validation` holds sequences of `task`.
    `on_progress` is called with the number of steps taken, every few steps. A loss that is not a
    number or explodes ends the fit as `diverged`.
    """
    step_once = _Stepper(model, settings)
    watch = LossWatch(settings.stop_loss_nats)
    result = FitResult()
    losses: list[float] = []
    accuracies: list[float] = []
    start = time.perf_counter()
    result.lessons.append((1, lessons.length))
    _validate(result, model, task, validation)
    for result.steps in range(1, settings.max_steps + 1):
        is_last_lesson = lessons.is_at_end
        loss_nats, accuracy = step_once(next(lessons))
        losses.append(loss_nats)
        accuracies.append(accuracy)
        watch.see(loss_nats)
        if lessons.see(accuracy):
            result.lessons.append((result.steps + 1, lessons.length))
            watch.restart()
        is_solved = is_last_lesson and watch.is_solved
        ended = is_solved or watch.is_diverged or result.steps == settings.max_steps
        if len(losses) == CURVE_EVERY or ended:
            result.training_curve.append(_point(result.steps, mean(losses), mean(accuracies)))
            losses, accuracies = [], []
            on_progress(result.steps)
        if watch.is_diverged:
            result.status = "diverged"
            break
        if ended or result.steps % VALIDATE_EVERY == 0:
            _validate(result, model, task, validation)
        if is_solved:
            result.status = "stopped"
            break
    result.seconds = time.perf_counter() - start - result.validation_seconds
    result.plateau_step = watch.plateau_step
    result.final_weights = _copy_weights(model)
    return result


class _Stepper:
    """One optimisation step: forward, backward, clip, update."""

    def __init__(self, model: nn.Module, settings: FitSettings) -> None:
        self.model = model
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self.clip_norm = settings.clip_norm
        self.optimiser = make_optimiser(settings.optimiser, self.parameters, settings.rate)

    def __call__(self, batch: Batch) -> tuple[float, float]:
        """Return the batch's loss in nats and its accuracy, before the update."""
        scores = self.model(batch.inputs, last=batch.targets.shape[1]).flatten(0, 1)
        targets = batch.targets.flatten()
        loss = functional.cross_entropy(scores, targets)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped
        nn.utils.clip_grad_norm_(self.parameters, self.clip_norm)
        self.optimiser.step()
        right = (scores.detach().argmax(1) == targets).sum()
        return loss.item(), right.item() / targets.numel()


def _validate(result: FitResult, model: nn.Module, task: Task, sequences: Tensor) -> None:
    score = evaluate(model, task, sequences)
    result.validation_seconds += score.seconds
    result.validation_curve.append(_point(result.steps, score.loss_nats, score.accuracy))
    best = result.best_validation
    if best is None or _quality(score) > _quality(best):
        result.best_validation, result.best_step = score, result.steps
        result.best_weights = _copy_weights(model)


def _point(step: int, loss_nats: float, accuracy: float) -> CurvePoint:
    return CurvePoint(step=step, loss_nats=finite_or_none(loss_nats), accuracy=accuracy)


def _quality(score: Evaluation) -> tuple[bool, float, float]:
    """Return what is compared; scores that are not numbers are right by chance, so rank last."""
    return math.isfinite(score.loss_nats), score.accuracy, -score.loss_nats


def _copy_weights(model: nn.Module) -> Weights:
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
