"""Fit a model on batches, of one length or of growing length."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor, nn

from unroll.errors import ConfigError
from unroll.records.schema import CurvePoint, TrialStatus, finite_or_none
from unroll.tasks.task import Batch, Task
from unroll.training.evaluate import Evaluation, evaluate
from unroll.training.lessons import Lessons
from unroll.training.step import Stepper
from unroll.training.stopping import LossWatch, mean

CURVE_EVERY = 20
"""Steps between two points of the training curve; each is the mean since the last."""
VALIDATE_EVERY = 100
"""Steps between two looks at the validation sequences."""

SOLVED_ACCURACY = 0.99
"""From this accuracy on a length counts as solved."""

Weights = dict[str, Tensor]
_Quality = tuple[bool, int, float, float]


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
    """Training ends when the mean loss of the last 100 batches, all since the lessons came to the
    length that they lead to, falls below this."""
    sequence_steps: int | None = None
    """Training ends before the step that would bring the sequence-steps above this; None sets no
    such bound. A step on a batch of B sequences of length T costs B·T of them."""


@dataclass(kw_only=True)
class FitResult:
    """What came of fitting a model."""

    status: TrialStatus = "budget"
    """`stopped` by the loss rule, `budget` used up, or `diverged`."""
    steps: int = 0
    """Optimisation steps taken."""
    sequence_steps: int = 0
    """Sequence-steps that they cost: B·T each, whatever T was at the time."""
    seconds: float = 0.0
    """Wall-clock time of those steps, batches included, validation not."""
    validation_seconds: float = 0.0
    """Wall-clock time of validation."""
    plateau_step: int | None = None
    """Step at which the rule "mean loss moved by less than 1e-6" would have stopped."""
    best_step: int = 0
    """Step of the best validation."""
    best_length: int = 0
    """T of the best validation."""
    best_validation: Evaluation | None = None
    """The best validation: longest T solved, highest accuracy, then lowest loss."""
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


ValidationOf = Callable[[int], tuple[Task, Tensor]]
"""Gives, for a length, the task and its validation sequences."""


def fit(
    model: nn.Module,
    lessons: Lessons,
    settings: FitSettings,
    *,
    task: Task,
    validation: Tensor,
    validation_of: ValidationOf | None = None,
    on_progress: Callable[[int], object] = id,
) -> FitResult:
    """Minimise the loss of `model` on its lessons, and keep its best-validation parameters.

    Only parameters that require a gradient are trained. `validation` holds sequences of `task`,
    which is that of the last lesson. With `validation_of`, the model is validated at the length of
    the present lesson instead, also at each lesson's end: the parameters are then the best that
    solve the longest length. `on_progress` is called with the number of steps taken, every few
    steps. A loss that is not a number or explodes ends the fit as `diverged`.

    Raises: ConfigError when the sequence-steps do not suffice for one step.
    """
    fitting = _Fitting(
        model=model,
        lessons=lessons,
        settings=settings,
        task=task,
        validation_of=validation_of or (lambda _: (task, validation)),
        is_by_lesson=validation_of is not None,
        on_progress=on_progress,
    )
    return fitting.run()


@dataclass(kw_only=True)
class _Fitting:
    """One fit, as it goes."""

    model: nn.Module
    lessons: Lessons
    settings: FitSettings
    task: Task
    validation_of: ValidationOf
    is_by_lesson: bool
    on_progress: Callable[[int], object]
    result: FitResult = field(default_factory=FitResult)
    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    best: "_Quality | None" = None
    batch_size: int = 0

    def run(self) -> FitResult:
        """Take steps until one of the reasons to end is met."""
        result, lessons = self.result, self.lessons
        settings = self.settings
        step_once = Stepper(
            self.model,
            self.task,
            optimiser=settings.optimiser,
            rate=settings.rate,
            clip_norm=settings.clip_norm,
        )
        watch = LossWatch(self.settings.stop_loss_nats)
        start = time.perf_counter()
        result.lessons.append((1, lessons.length))
        self.validate(lessons.length)
        for result.steps in range(1, self.settings.max_steps + 1):
            is_last_lesson, length = lessons.is_at_end, lessons.length
            loss_nats, accuracy = step_once(self.next_batch())
            watch.see(loss_nats)
            has_grown = lessons.see(accuracy)
            if has_grown:
                result.lessons.append((result.steps + 1, lessons.length))
                watch.restart()
            if watch.is_diverged:
                result.status = "diverged"
            elif is_last_lesson and watch.is_solved:
                result.status = "stopped"
            ended = result.status != "budget" or self.is_last()
            self.draw_curve(loss_nats, accuracy, ended=ended)
            if result.status == "diverged":
                break
            is_due = result.steps % VALIDATE_EVERY == 0 or (self.is_by_lesson and has_grown)
            if ended or is_due:
                self.validate(length)
            if ended:
                break
        result.seconds = time.perf_counter() - start - result.validation_seconds
        result.plateau_step = watch.plateau_step
        result.final_weights = _copy_weights(self.model)
        return result

    def next_batch(self) -> Batch:
        """Return the next batch, and count what it costs."""
        batch = next(self.lessons)
        self.batch_size = len(batch.inputs)
        if self.is_spent():
            raise ConfigError(
                "sequence-steps: the first step costs B·T = "
                f"{self.batch_size * self.lessons.length:,}, and the budget is "
                f"{self.settings.sequence_steps:,}: give more, or take a smaller batch"
            )
        self.result.sequence_steps += self.batch_size * self.lessons.batch_length
        return batch

    def is_spent(self) -> bool:
        """Return whether the sequence-steps do not suffice for a step of the present length."""
        budget = self.settings.sequence_steps
        cost = self.batch_size * self.lessons.length
        return budget is not None and self.result.sequence_steps + cost > budget

    def is_last(self) -> bool:
        """Return whether no further step fits the budget."""
        return self.result.steps == self.settings.max_steps or self.is_spent()

    def draw_curve(self, loss_nats: float, accuracy: float, *, ended: bool) -> None:
        """Take a step into the training curve, and tell of it every few steps."""
        self.losses.append(loss_nats)
        self.accuracies.append(accuracy)
        if len(self.losses) < CURVE_EVERY and not ended:
            return
        point = _point(self.result.steps, mean(self.losses), mean(self.accuracies))
        self.result.training_curve.append(point)
        self.losses, self.accuracies = [], []
        self.on_progress(self.result.steps)

    def validate(self, length: int) -> None:
        """Look at the validation sequences of a length, and keep the parameters if best."""
        result = self.result
        task, sequences = self.validation_of(length)
        score = evaluate(self.model, task, sequences)
        result.validation_seconds += score.seconds
        result.validation_curve.append(_point(result.steps, score.loss_nats, score.accuracy))
        quality = _quality(score, task.length)
        if self.best is None or quality > self.best:
            self.best = quality
            result.best_validation, result.best_step = score, result.steps
            result.best_length = task.length
            result.best_weights = _copy_weights(self.model)


def _point(step: int, loss_nats: float, accuracy: float) -> CurvePoint:
    return CurvePoint(step=step, loss_nats=finite_or_none(loss_nats), accuracy=accuracy)


def _quality(score: Evaluation, length: int) -> _Quality:
    """Return what is compared: the length if it is solved, then accuracy, then loss.

    Scores that are not numbers are right by chance, so rank last.
    """
    solved = length if score.accuracy >= SOLVED_ACCURACY else 0
    return math.isfinite(score.loss_nats), solved, score.accuracy, -score.loss_nats


def _copy_weights(model: nn.Module) -> Weights:
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
