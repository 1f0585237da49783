"""What has come of a training so far, apart from its tensors: plain values that JSON keeps."""

import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from unroll.training.characters.evaluation import Figures

_PARTED_NATS = 0.02
"""By so much the tuning loss must have risen above its best …"""
_PARTED_LOOKS = 3
"""… in so many looks on end, before it is said: one look is noisy."""
_LAST_SHARE = 0.1
"""The part of a run, at its end, that its training figures are the mean of."""


@dataclass(kw_only=True)
class History:
    """The record of a training, up to a step."""

    step: int = 0
    """Steps taken."""
    curve: list[dict[str, Any]] = field(default_factory=list)
    """Means of the training loss and accuracy since the last point; some have a look's figures."""
    best_step: int = 0
    """The step of the best look at the tuning split."""
    best_nats: float | None = None
    """Its loss; None before the first look."""
    looks_since: int = 0
    """Looks since the best one."""
    risen: int = 0
    """Looks on end that were clearly above the best one while the training loss fell."""
    stopped: Literal["early", "diverged"] | None = None
    """Why training ended before its last step."""
    notes: list[str] = field(default_factory=list)
    """What a user should know."""
    cpu_seconds: float = 0.0
    """Process time of all threads, training, looks and saving."""
    wall_seconds: float = 0.0
    """Time by the clock of the same."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, which `History(**values)` takes back."""
        return asdict(self)

    def add_point(self, loss_nats: float, accuracy: float, rate: float) -> None:
        """Add a point of the curve at the present step; a loss that is no number ends training."""
        finite = math.isfinite(loss_nats)
        self.curve.append(
            {
                "step": self.step,
                "training_nats": loss_nats if finite else None,
                "training_accuracy": accuracy,
                "tuning_nats": None,
                "tuning_accuracy": None,
                "rate": rate,
            }
        )
        if not finite:
            self.stopped = "diverged"
            self.notes.append(
                f"step {self.step:,}: the training loss is not a number any more, and training "
                "ends; a lower rate may help"
            )

    def add_look(self, tuning: Figures, patience: int | None) -> bool:
        """Add a look's figures to the last point; return whether it is the best so far."""
        loss_nats = tuning.loss_nats if math.isfinite(tuning.loss_nats) else None
        self.curve[-1].update(tuning_nats=loss_nats, tuning_accuracy=tuning.accuracy)
        if loss_nats is not None and (self.best_nats is None or loss_nats < self.best_nats):
            self.best_step, self.best_nats = self.step, loss_nats
            self.looks_since = self.risen = 0
            return True
        self.looks_since += 1
        if patience is not None and self.looks_since >= patience and self.stopped is None:
            self.stopped = "early"
            self.notes.append(
                f"step {self.step:,}: stopped early, after {self.looks_since} looks at the tuning "
                f"split without a better one than at step {self.best_step:,}"
            )
        return False

    def parting(self) -> str | None:
        """Return the warning that training and tuning loss part, at the look that shows it."""
        tuning, best = self.curve[-1]["tuning_nats"], self.best_nats
        if tuning is None or best is None:
            return None
        at_best = self.training_mean(*self._steps_of_look(self.best_step))
        now = self.training_mean(*self._steps_of_look(self.step))
        apart = tuning > best + _PARTED_NATS and now["loss_nats"] < at_best["loss_nats"]
        self.risen = self.risen + 1 if apart else 0
        if self.risen != _PARTED_LOOKS:
            return None
        return (
            f"step {self.step:,}: training and tuning loss part: since step {self.best_step:,} the "
            f"one fell from {at_best['loss_nats']:.3f} to {now['loss_nats']:.3f} nats, the other "
            f"rose from {best:.3f} to {tuning:.3f}; the model learns the book by heart, and the "
            "weights of that step stay the best"
        )

    def last_part(self) -> dict[str, float]:
        """Return the training figures' mean over the last tenth of the steps taken."""
        return self.training_mean(int(self.step * (1 - _LAST_SHARE)), self.step)

    def training_mean(self, after: int, until: int) -> dict[str, float]:
        """Return the mean training figures of the steps in after + 1 … until."""
        loss = accuracy = weight = 0.0
        before = 0
        for point in self.curve:
            if after < point["step"] <= until and point["training_nats"] is not None:
                steps = point["step"] - before
                loss += steps * point["training_nats"]
                accuracy += steps * point["training_accuracy"]
                weight += steps
            before = point["step"]
        if not weight:
            return {"loss_nats": math.nan, "accuracy": math.nan}
        return {"loss_nats": loss / weight, "accuracy": accuracy / weight}

    def since_last_look(self) -> dict[str, float]:
        """Return the mean training figures since the look before the present one."""
        return self.training_mean(*self._steps_of_look(self.step))

    def _steps_of_look(self, step: int) -> tuple[int, int]:
        looks = [p["step"] for p in self.curve if p["tuning_accuracy"] is not None]
        return max((look for look in looks if look < step), default=0), step


def read_history(values: dict[str, Any]) -> History:
    """Return the history that `as_dict` told; an error of Python's own where it is none."""
    if set(values) != {one.name for one in fields(History)}:
        raise ValueError("history: other fields than expected")
    return History(**values)
