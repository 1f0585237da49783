"""Fit any model on any batches with a known answer, by a loss that the caller gives."""

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from torch import Tensor, nn

from unroll.errors import ConfigError
from unroll.records.schema import finite_or_none
from unroll.training.optimisers import Adam
from unroll.training.stopping import DIVERGED_NATS, mean

CURVE_POINTS = 60
"""Most points of a training curve."""
STOP_WINDOW = 20
"""Losses over which the mean is taken that may end a training."""

Batch = TypeVar("Batch")


@dataclass(frozen=True, kw_only=True)
class SupervisedSettings:
    """How a model is fitted: by Adam, at a rate that falls to 0 as half a cosine.

    Raises: ConfigError for a value that cannot be used.
    """

    steps: int
    """Training ends after so many steps at the latest."""
    rate: float = 3e-3
    """Learning rate of the first step."""
    clip_norm: float = 1.0
    """Largest norm of the gradient of all parameters together."""

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ConfigError(f"training: steps must be 1 or more, got {self.steps}")
        for name in ("rate", "clip_norm"):
            value = getattr(self, name)
            if not 0 < value < math.inf:
                raise ConfigError(f"training: {name} must be above 0, got {value}")

    def rate_at(self, step: int) -> float:
        """Return the rate of one step, counted from 0.

        >>> settings = SupervisedSettings(steps=4, rate=0.2)
        >>> [round(settings.rate_at(step), 3) for step in range(4)]
        [0.2, 0.171, 0.1, 0.029]
        """
        return self.rate * (1 + math.cos(math.pi * step / self.steps)) / 2


@dataclass(kw_only=True)
class SupervisedResult:
    """What came of fitting a model."""

    curve: list[dict[str, float | None]] = field(default_factory=list)
    """{"step", "loss"}: the mean loss since the point before, at most CURVE_POINTS of them; None
    where it is no number."""
    steps: int = 0
    """Optimisation steps taken."""
    seconds: float = 0.0
    """Wall-clock time of those steps, batches included."""
    status: Literal["budget", "diverged", "stopped"] = "budget"
    """All steps used, a loss that is no number or exploded, or the mean loss low enough."""


def fit_supervised(
    model: nn.Module,
    batches: Iterator[Batch],
    loss_of: Callable[[Batch], Tensor],
    settings: SupervisedSettings,
    *,
    on_progress: Callable[[int], object] = id,
    stop_loss: float | None = None,
) -> SupervisedResult:
    """Minimise `loss_of(batch)` over the parameters of `model`, batch after batch.

    `loss_of` gives a scalar that depends on the model. `on_progress` is called with the number of
    steps taken, at every point of the curve. With `stop_loss`, training ends when the mean of the
    last STOP_WINDOW losses is below it. The model is left in its last state.
    """
    step_once = _Stepper(model, settings)
    every = math.ceil(settings.steps / CURVE_POINTS)
    result = SupervisedResult()
    losses: list[float] = []
    recent: deque[float] = deque(maxlen=STOP_WINDOW)
    start = time.perf_counter()
    for result.steps in range(1, settings.steps + 1):
        losses.append(step_once(loss_of(next(batches)), settings.rate_at(result.steps - 1)))
        recent.append(losses[-1])
        if not _is_usable(losses[-1]):
            result.status = "diverged"
        elif stop_loss is not None and len(recent) == STOP_WINDOW and mean(recent) < stop_loss:
            result.status = "stopped"
        ended = result.status != "budget" or result.steps == settings.steps
        if ended or result.steps % every == 0:
            result.curve.append({"step": result.steps, "loss": finite_or_none(mean(losses))})
            losses = []
            on_progress(result.steps)
        if ended:
            break
    result.seconds = time.perf_counter() - start
    return result


class _Stepper:
    """One optimisation step: backward, clip, update, unless the loss is beyond repair."""

    def __init__(self, model: nn.Module, settings: SupervisedSettings) -> None:
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self.clip_norm = settings.clip_norm
        # One call for all parameters: on small networks the update costs a quarter of the step.
        self.optimiser = Adam(self.parameters, settings.rate, fused=True)

    def __call__(self, loss: Tensor, rate: float) -> float:
        """Take the step at this rate; return the loss, of before."""
        self.optimiser.rate = rate
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped
        nn.utils.clip_grad_norm_(self.parameters, self.clip_norm)
        if _is_usable(value := loss.item()):
            self.optimiser.step()
        return value


def _is_usable(loss: float) -> bool:
    """Return whether training can go on; written so that a loss that is no number is not."""
    return loss < DIVERGED_NATS
