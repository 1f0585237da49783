"""What an answer costs and when it is right, where one of K classes is asked for."""

from typing import Literal

from torch import Tensor
from torch.nn import functional

Reduction = Literal["mean", "sum"]


class ClassAnswers:
    """The loss and the criterion of a task that asks for one of K classes at each of M steps."""

    def loss(self, scores: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the cross-entropy in nats, the mean over all answers or their sum.

            ℓ = −ln softmax(scores)_target

        Shapes: scores (B, M, K), targets (B, M) int64 -> ().
        """
        return functional.cross_entropy(
            scores.flatten(0, 1), targets.flatten(), reduction=reduction
        )

    def right(self, scores: Tensor, targets: Tensor) -> Tensor:
        """Return whether the highest score is the target's: (B, M, K), (B, M) -> (B, M) bool."""
        return scores.argmax(2) == targets
