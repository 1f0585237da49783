"""One optimisation step on one batch."""

from torch import nn

from unroll.tasks.task import Batch, Task
from unroll.training.optimisers import make_optimiser


class Stepper:
    """One optimisation step: forward, backward, clip, update."""

    def __init__(
        self, model: nn.Module, task: Task, *, optimiser: str, rate: float, clip_norm: float
    ) -> None:
        """Train the parameters of `model` that require a gradient."""
        self._model = model
        self._task = task
        self._parameters = [p for p in model.parameters() if p.requires_grad]
        self._clip_norm = clip_norm
        self._optimiser = make_optimiser(optimiser, self._parameters, rate)

    def __call__(self, batch: Batch) -> tuple[float, float]:
        """Return the batch's loss in nats and its accuracy, before the update."""
        scores = self._model(batch.inputs, last=batch.targets.shape[1])
        loss = self._task.loss(scores, batch.targets)
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped
        nn.utils.clip_grad_norm_(self._parameters, self._clip_norm)
        self._optimiser.step()
        right = self._task.right(scores.detach(), batch.targets).sum()
        return loss.item(), right.item() / batch.targets.numel()
