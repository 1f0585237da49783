import math

import pytest
import torch
from torch import Tensor, nn

from unroll.cells import RNN
from unroll.models import SequenceClassifier
from unroll.seeding import make_generator
from unroll.tasks import Palindrome
from unroll.training import evaluate as evaluate_module
from unroll.training.evaluate import evaluate


def make_model() -> SequenceClassifier:
    torch.manual_seed(0)
    return SequenceClassifier(RNN(1, 6), 6, 10).double()


class Double(nn.Module):
    """Feed float64 to a model, so that sums in another order differ by 1e-16 only."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, inputs: Tensor, last: int) -> Tensor:
        scores: Tensor = self.model(inputs.double(), last=last)
        return scores


class Recite(nn.Module):
    """Say the first digit read with full confidence, whatever is asked for."""

    def forward(self, inputs: Tensor, last: int) -> Tensor:
        first = inputs[:, 0, 0].long()
        scores = nn.functional.one_hot(first, 10).double() * 50
        return scores.unsqueeze(1).expand(-1, last, -1)


def slow_score(model: nn.Module, task: Palindrome, sequences: Tensor) -> tuple[float, float]:
    """Return accuracy and loss, digit by digit, from the definition."""
    right, nats = 0, 0.0
    batch = task.encode(sequences)
    scores = model(batch.inputs, last=batch.targets.shape[1]).tolist()
    answers = batch.targets.tolist()
    for row, wanted in zip(scores, answers, strict=True):
        for logits, digit in zip(row, wanted, strict=True):
            right += max(range(10), key=lambda k: logits[k]) == digit
            nats += math.log(sum(math.exp(logit) for logit in logits)) - logits[digit]
    asked = sum(map(len, answers))
    return right / asked, nats / asked


@pytest.mark.parametrize("target", ["last", "half"])
@pytest.mark.parametrize("chunk_digits", [1, 100, 2**17])
def test_a_score_equals_its_definition_whatever_the_chunk(
    monkeypatch: pytest.MonkeyPatch, target: str, chunk_digits: int
) -> None:
    monkeypatch.setattr(evaluate_module, "_CHUNK_DIGITS", chunk_digits)
    task = Palindrome(length=9, target=target)
    sequences = task.sample(83, "evaluation", make_generator(0, "test"))
    model = Double(make_model())
    score = evaluate(model, task, sequences)
    accuracy, loss_nats = slow_score(model, task, sequences)
    assert score.accuracy == accuracy
    # float64 sums of a few hundred numbers of size 2.
    assert score.loss_nats == pytest.approx(loss_nats, rel=0, abs=1e-12)
    assert score.count == 83
    assert score.seconds >= 0


def test_one_who_knows_scores_one() -> None:
    task = Palindrome(length=9)
    score = evaluate(Recite(), task, task.sample(500, "evaluation", make_generator(0, "test")))
    assert score.accuracy == 1
    # 9 wrong classes at e^−50 each.
    assert 0 <= score.loss_nats < 1e-20


def test_one_who_knows_the_last_digit_only_is_right_for_it_and_by_chance() -> None:
    task = Palindrome(length=9, target="half")
    sequences = torch.tensor([[1, 2, 1, 4, 5, 4, 1, 2, 1], [3, 0, 0, 0, 0, 0, 0, 0, 3]])
    score = evaluate(Recite(), task, sequences)
    # Asked for 4 1 2 1 and 0 0 0 3: right thrice of eight times.
    assert score.accuracy == 3 / 8
    assert score.count == 2


@pytest.mark.parametrize("training", [True, False])
def test_dropout_is_off_and_the_mode_is_put_back(training: bool) -> None:
    class Forgetful(Recite):
        def __init__(self) -> None:
            super().__init__()
            self.drop = nn.Dropout(0.9)

        def forward(self, inputs: Tensor, last: int) -> Tensor:
            dropped: Tensor = self.drop(super().forward(inputs, last))
            return dropped

    task = Palindrome(length=9)
    model = Forgetful().train(training)
    score = evaluate(model, task, task.sample(500, "evaluation", make_generator(0, "test")))
    assert score.accuracy == 1
    assert model.training is training
    assert model.drop.training is training


def test_no_gradient_is_kept() -> None:
    task = Palindrome(length=9)
    model = Double(make_model())
    evaluate(model, task, task.sample(50, "evaluation", make_generator(0, "test")))
    assert all(parameter.grad is None for parameter in model.parameters())
    assert torch.is_grad_enabled()
