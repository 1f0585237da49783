"""One full training step of the assignment: batch, forward, backward, clip, update."""

from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from unroll.cells import GRU, LSTM, RNN, RecurrentCell
from unroll.models import SequenceClassifier
from unroll.seeding import make_generator
from unroll.tasks import Batch, Palindrome, stream_batches
from unroll.training.optimisers import make_optimiser

CELLS: dict[str, type[RNN | LSTM | GRU]] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
LAYERS: dict[str, type[nn.RNN | nn.LSTM | nn.GRU]] = {
    "rnn": nn.RNN,
    "lstm": nn.LSTM,
    "gru": nn.GRU,
}
CLASSES = 10
CLIP_NORM = 10.0
RATE = 1e-3


class LayerClassifier(nn.Module):
    """PyTorch's ready-made layer with a linear readout of the last output.

    Shapes: inputs (B, T, D) -> scores (B, 1, K), as `SequenceClassifier` with last = 1.
    """

    def __init__(self, cell: str, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.layer = LAYERS[cell](input_size, hidden_size, batch_first=True)
        self.readout = nn.Linear(hidden_size, CLASSES)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the scores after the last step."""
        outputs, _ = self.layer(inputs)
        return cast(Tensor, self.readout(outputs[:, -1:]))


def our_model(cell: str, hidden_size: int, engine: str = "auto") -> SequenceClassifier:
    """Return our classifier of scalar digits."""
    built: RecurrentCell = CELLS[cell](1, hidden_size)
    assert isinstance(built, nn.Module)
    return SequenceClassifier(built, hidden_size, CLASSES, engine=engine)


def batches_of(length: int, batch_size: int) -> Iterator[Batch]:
    """Return an endless stream of batches that a network reads in `length` steps."""
    return stream_batches(Palindrome(length=length + 1), batch_size, make_generator(0, "benchmark"))


class TrainingStep:
    """What the training loop does with one batch, the same for every model.

    Loss and accuracy are read as numbers, as a training curve needs them.
    """

    def __init__(self, model: nn.Module, batches: Iterator[Batch]) -> None:
        self.model, self.batches = model, batches
        self.parameters = list(model.parameters())
        self.optimiser = make_optimiser("rmsprop", self.parameters, RATE)

    def __call__(self) -> tuple[float, float]:
        """Return the loss in nats and the accuracy of one batch."""
        batch = next(self.batches)
        scores = self.model(batch.inputs).flatten(0, 1)
        targets = batch.targets.flatten()
        loss = functional.cross_entropy(scores, targets)
        self.optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.parameters, CLIP_NORM)
        self.optimiser.step()
        accuracy = (scores.detach().argmax(1) == targets).float().mean()
        return loss.item(), accuracy.item()
