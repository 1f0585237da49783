import copy
import itertools
import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from unroll.cells import RNN
from unroll.errors import ConfigError
from unroll.models import SequenceClassifier
from unroll.seeding import make_generator
from unroll.tasks import Batch, Palindrome, stream_batches
from unroll.tasks.adding import Adding
from unroll.training.curriculum import Curriculum
from unroll.training.evaluate import evaluate
from unroll.training.fit import FitResult, FitSettings, fit
from unroll.training.lessons import Lessons, Revisits

TASK = Palindrome(length=3, encoding="one-hot")
"""Read d1 d2, say d1: solved by a small network in some hundred steps."""
VALIDATION = TASK.distinct(100, "validation", make_generator(0, "validation"))


def make_model(seed: int = 0, H: int = 32) -> SequenceClassifier:
    generator = make_generator(seed, "weights")
    return SequenceClassifier(RNN(10, H, generator=generator), H, 10, generator=generator)


def make_settings(**changes: Any) -> FitSettings:
    usual: dict[str, Any] = {
        "optimiser": "adam",
        "rate": 1e-2,
        "clip_norm": 10.0,
        "max_steps": 150,
        "stop_loss_nats": 0.05,
    }
    return FitSettings(**(usual | changes))


def run(model: nn.Module, seed: int = 0, **changes: Any) -> FitResult:
    batches = stream_batches(TASK, 32, make_generator(seed, "batches"))
    lessons = of_one_length(batches)
    return fit(model, lessons, make_settings(**changes), task=TASK, validation=VALIDATION)


def of_one_length(batches: Iterator[Batch]) -> Lessons:
    return Lessons(lambda _: batches, end=TASK.length)


@pytest.fixture(scope="module")
def solved() -> FitResult:
    return run(make_model(), max_steps=2_000)


def test_a_task_that_is_learned_stops(solved: FitResult) -> None:
    assert solved.status == "stopped"
    assert 100 <= solved.steps < 2_000
    assert solved.best_validation is not None
    assert solved.best_validation.accuracy == 1
    # The mean of the last 100 losses fell below 0.05, and losses fall: the last few lie lower.
    assert solved.training_curve[-1].loss_nats is not None
    assert solved.training_curve[-1].loss_nats < 0.05


def test_curves_have_a_point_every_so_many_steps_and_at_the_end(solved: FitResult) -> None:
    steps = solved.steps
    assert [p.step for p in solved.training_curve] == sorted({*range(20, steps, 20), steps})
    assert [p.step for p in solved.validation_curve] == sorted({*range(0, steps, 100), steps})


def test_seconds_are_told_apart(solved: FitResult) -> None:
    assert solved.seconds > 0
    assert solved.validation_seconds > 0


def test_best_weights_give_the_best_validation_again(solved: FitResult) -> None:
    model = make_model(seed=1)
    model.load_state_dict(solved.best_weights)
    again = evaluate(model, TASK, VALIDATION)
    best = solved.best_validation
    assert best is not None
    assert (again.accuracy, again.loss_nats) == (best.accuracy, best.loss_nats)
    # The best of the curve: highest accuracy, then lowest loss, then first.
    point = min(
        solved.validation_curve,
        key=lambda p: (-p.accuracy, math.inf if p.loss_nats is None else p.loss_nats, p.step),
    )
    assert (point.step, point.accuracy, point.loss_nats) == (
        solved.best_step,
        best.accuracy,
        best.loss_nats,
    )


def test_final_weights_are_those_left_in_the_model() -> None:
    model = make_model()
    result = run(model, max_steps=30)
    for name, tensor in model.state_dict().items():
        assert torch.equal(result.final_weights[name], tensor)
    # A copy, that later training does not change.
    kept = {name: tensor.clone() for name, tensor in result.final_weights.items()}
    run(model, max_steps=30)
    assert all(torch.equal(kept[name], result.final_weights[name]) for name in kept)


def test_a_used_up_budget_is_told() -> None:
    result = run(make_model(), max_steps=47, stop_loss_nats=0.0)
    assert (result.status, result.steps) == ("budget", 47)
    assert [p.step for p in result.training_curve] == [20, 40, 47]
    assert [p.step for p in result.validation_curve] == [0, 47]


def test_progress_is_told_in_steps() -> None:
    told: list[int] = []
    batches = stream_batches(TASK, 8, make_generator(0, "batches"))
    settings = make_settings(max_steps=50)
    fit(
        make_model(),
        of_one_length(batches),
        settings,
        task=TASK,
        validation=VALIDATION,
        on_progress=told.append,
    )
    assert told == [20, 40, 50]


def test_an_absurd_rate_diverges_and_keeps_the_best_finite_weights() -> None:
    result = run(make_model(), optimiser="sgd", rate=1e12)
    assert result.status == "diverged"
    assert result.steps < 150
    assert result.best_step == 0
    assert all(bool(tensor.isfinite().all()) for tensor in result.best_weights.values())
    untrained = make_model().state_dict()
    assert all(torch.equal(result.best_weights[name], untrained[name]) for name in untrained)


class Breaks(nn.Module):
    """A model whose scores are no numbers from a given training step on."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(10))
        self.left = steps

    def forward(self, inputs: Tensor, last: int) -> Tensor:
        # Evaluation has no gradient, and is not counted.
        self.left -= torch.is_grad_enabled()
        scores = self.weight * (1.0 if self.left >= 0 else math.nan)
        return scores.expand(len(inputs), last, 10)


def test_a_loss_that_is_no_number_diverges_and_is_recorded_as_none() -> None:
    result = run(Breaks(25))
    assert (result.status, result.steps) == ("diverged", 26)
    assert [p.step for p in result.training_curve] == [20, 26]
    assert result.training_curve[-1].loss_nats is None
    assert result.training_curve[0].loss_nats is not None
    assert [p.step for p in result.validation_curve] == [0]


def test_scores_that_are_no_numbers_are_never_the_best() -> None:
    # A step of infinite length towards 0 makes the scores infinite: all answers are right and their
    # loss is no number. Before it all answers were 7, so that accuracy alone would choose those.
    zeros = torch.zeros(20, 3, dtype=torch.int64)

    class AnswersSeven(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(functional.one_hot(torch.tensor(7), 10).float())

        def forward(self, inputs: Tensor, last: int) -> Tensor:
            return self.weight.expand(len(inputs), last, 10)

    settings = make_settings(optimiser="sgd", rate=math.inf, max_steps=1)
    batches = iter([TASK.encode(zeros)])
    lessons = of_one_length(batches)
    result = fit(AnswersSeven(), lessons, settings, task=TASK, validation=zeros)
    assert not bool(result.final_weights["weight"].isfinite().all())
    assert [p.accuracy for p in result.validation_curve] == [0, 1]
    assert result.best_step == 0
    assert bool(result.best_weights["weight"].isfinite().all())


def test_the_same_seed_gives_the_same_run_to_the_last_bit() -> None:
    first, again = run(make_model(), max_steps=120), run(make_model(), max_steps=120)
    assert first.training_curve == again.training_curve
    assert first.validation_curve == again.validation_curve
    for kind in ("best_weights", "final_weights"):
        one, other = getattr(first, kind), getattr(again, kind)
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_another_seed_gives_another_run() -> None:
    first = run(make_model(), max_steps=20)
    assert first.training_curve != run(make_model(), seed=1, max_steps=20).training_curve
    assert first.training_curve != run(make_model(seed=1), max_steps=20).training_curve


def slow_fit(model: nn.Module, batches: Iterator[Batch], steps: int, clip: float) -> list[float]:
    """Take steps of SGD at rate 0.5, clipped at `clip`, by hand; return the losses."""
    losses = []
    for batch in itertools.islice(batches, steps):
        scores = model(batch.inputs, last=1)[:, 0]
        log_p = scores - scores.exp().sum(1, keepdim=True).log()
        loss = -log_p[torch.arange(len(scores)), batch.targets[:, 0]].mean()
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        norm = math.sqrt(sum(float((g**2).sum()) for g in gradients))
        with torch.no_grad():
            for parameter, gradient in zip(model.parameters(), gradients, strict=True):
                parameter.sub_(0.5 * gradient * min(1.0, clip / norm))
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("clip", [0.05, 1e6])
def test_steps_equal_clipped_gradient_descent_by_hand(clip: float) -> None:
    model, by_hand = make_model(), make_model()
    result = run(model, optimiser="sgd", rate=0.5, clip_norm=clip, max_steps=20)
    batches = stream_batches(TASK, 32, make_generator(0, "batches"))
    losses = slow_fit(by_hand, batches, 20, clip)
    # float32: 20 steps of roundings of 1e-7, and the 1e-6 that PyTorch adds to a norm of 0.05.
    assert result.training_curve[0].loss_nats == pytest.approx(sum(losses) / 20, abs=1e-5)
    for name, tensor in by_hand.state_dict().items():
        torch.testing.assert_close(result.final_weights[name], tensor, rtol=0, atol=3e-5)


def test_a_clipped_step_is_as_long_as_the_clip() -> None:
    model = make_model()
    before = copy.deepcopy(model.state_dict())
    run(model, optimiser="sgd", rate=1.0, clip_norm=1e-3, max_steps=1)
    moved = math.sqrt(
        sum(float(((p - before[n]).double() ** 2).sum()) for n, p in model.state_dict().items())
    )
    # PyTorch divides by norm + 1e-6, and float32 weights of size 0.3 are rounded by 3e-8 each.
    assert moved == pytest.approx(1e-3, rel=1e-2)


def test_frozen_parameters_stay() -> None:
    model = make_model()
    model.bias_p.requires_grad_(False)
    before = model.bias_p.clone()
    run(model, max_steps=20)
    assert torch.equal(model.bias_p, before)


def test_a_plateau_is_recorded_and_not_obeyed() -> None:
    class Deaf(nn.Module):
        """A model that learns nothing: its loss is ln 10 for ever."""

        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1))

        def forward(self, inputs: Tensor, last: int) -> Tensor:
            return (0 * self.weight).expand(len(inputs), last, 10)

    result = run(Deaf(), max_steps=130)
    assert result.plateau_step == 101
    assert (result.status, result.steps) == ("budget", 130)
    # Of equal validations the first is kept.
    assert result.best_step == 0
    assert result.training_curve[0].loss_nats == pytest.approx(math.log(10), abs=1e-6)  # float32


def test_training_ends_only_when_the_last_length_is_solved() -> None:
    # At T = 3 it reads d1 d2 and says d1; at T = 2 it says what it has just read.
    def batches_of(length: int) -> Iterator[Batch]:
        task = Palindrome(length=length, encoding="one-hot")
        return stream_batches(task, 32, make_generator(length, "batches"))

    curriculum = Curriculum(start=2, accuracy=0.9, window=5)
    lessons = Lessons(batches_of, end=3, curriculum=curriculum)
    settings = make_settings(max_steps=2_000)
    result = fit(make_model(), lessons, settings, task=TASK, validation=VALIDATION)
    (first, short), (second, long) = result.lessons
    assert (first, short, long) == (1, 2, 3)
    assert second > 5
    assert result.status == "stopped"
    # A hundred losses of the last length, none of the shorter one.
    assert result.steps >= second + 99
    assert result.best_validation is not None
    assert result.best_validation.accuracy == 1


@pytest.mark.parametrize(("budget", "steps"), [(959, 9), (960, 10), (1_055, 10), (1_056, 11)])
def test_training_ends_before_the_step_that_the_sequence_steps_do_not_suffice_for(
    budget: int, steps: int
) -> None:
    # A step reads 32 sequences of length 3, as the task names it: 96 sequence-steps.
    result = run(make_model(), sequence_steps=budget, stop_loss_nats=0.0)
    assert (result.status, result.steps, result.sequence_steps) == ("budget", steps, 96 * steps)
    assert [p.step for p in result.validation_curve] == [0, steps]
    assert [p.step for p in result.training_curve] == [steps]


def test_a_budget_of_sequence_steps_changes_no_step_before_its_end() -> None:
    bounded = run(make_model(), sequence_steps=96 * 40, stop_loss_nats=0.0)
    counted = run(make_model(), max_steps=40, stop_loss_nats=0.0)
    assert bounded.training_curve == counted.training_curve
    assert all(
        torch.equal(tensor, counted.final_weights[name])
        for name, tensor in bounded.final_weights.items()
    )


def test_sequence_steps_of_all_lessons_count_together() -> None:
    def batches_of(length: int) -> Iterator[Batch]:
        task = Palindrome(length=length, encoding="one-hot")
        return stream_batches(task, 32, make_generator(length, "batches"))

    curriculum = Curriculum(start=2, accuracy=0.9, window=5)
    lessons = Lessons(batches_of, end=3, curriculum=curriculum)
    # 999 is no multiple of what any step costs: the step after the last would have passed it.
    settings = make_settings(sequence_steps=999 * 32, stop_loss_nats=0.0, max_steps=10_000)
    result = fit(make_model(), lessons, settings, task=TASK, validation=VALIDATION)
    (_, short), (second, long) = result.lessons
    spent = 32 * (short * (second - 1) + long * (result.steps - second + 1))
    assert result.sequence_steps == spent
    assert spent <= 999 * 32 < spent + 32 * long


def test_sequence_steps_that_do_not_suffice_for_one_step_are_told() -> None:
    with pytest.raises(ConfigError) as caught:
        run(make_model(), sequence_steps=95)
    assert str(caught.value) == (
        "sequence-steps: the first step costs B·T = 96, and the budget is 95: give more, or take "
        "a smaller batch"
    )


def growing(*, end: int, accuracy: float = 0.9) -> Lessons:
    def batches_of(length: int) -> Iterator[Batch]:
        task = Palindrome(length=length, encoding="one-hot")
        return stream_batches(task, 32, make_generator(length, "batches"))

    return Lessons(batches_of, end=end, curriculum=Curriculum(start=2, accuracy=accuracy, window=5))


def lesson_validation(length: int) -> tuple[Palindrome, Tensor]:
    task = Palindrome(length=length, encoding="one-hot")
    return task, task.distinct(100, "validation", make_generator(0, "validation"))


def test_validation_by_lesson_is_at_the_present_length_and_at_each_end_of_one() -> None:
    lessons, looked = growing(end=30), []

    def watched(length: int) -> tuple[Palindrome, Tensor]:
        looked.append(length)
        return lesson_validation(length)

    task = Palindrome(length=30, encoding="one-hot")
    settings = make_settings(max_steps=400, stop_loss_nats=0.0)
    result = fit(
        make_model(),
        lessons,
        settings,
        task=task,
        validation=VALIDATION,
        validation_of=watched,
    )
    # A lesson ends one step before the next begins.
    ends = {step - 1 for step, _ in result.lessons[1:]}
    steps = sorted({0, *ends, *range(100, 401, 100)})
    assert len(ends) >= 2
    assert [p.step for p in result.validation_curve] == steps
    lessons_begun = [(0, 2), *result.lessons]
    assert looked == [
        [T for first, T in lessons_begun if first <= max(1, step)][-1] for step in steps
    ]


def test_by_lesson_the_best_parameters_solve_the_longest_length() -> None:
    task = Palindrome(length=30, encoding="one-hot")
    settings = make_settings(max_steps=600, stop_loss_nats=0.0)
    result = fit(
        make_model(),
        growing(end=30, accuracy=0.998),
        settings,
        task=task,
        validation=VALIDATION,
        validation_of=lesson_validation,
    )
    begun = dict(result.lessons)
    lengths = {
        p.step: [T for first, T in begun.items() if first <= max(1, p.step)][-1]
        for p in result.validation_curve
    }
    solved = [p for p in result.validation_curve if p.accuracy >= 0.99]
    longest = max(lengths[p.step] for p in solved)
    assert longest > 2
    best = max(
        (p for p in solved if lengths[p.step] == longest),
        key=lambda p: (p.accuracy, -math.inf if p.loss_nats is None else -p.loss_nats),
    )
    assert (result.best_step, result.best_length) == (best.step, longest)
    model = make_model(seed=1)
    model.load_state_dict(result.best_weights)
    assert evaluate(model, *lesson_validation(longest)).accuracy >= 0.99


def test_a_task_of_numbers_is_fitted_by_half_the_square() -> None:
    task = Adding(length=3)
    generator = make_generator(0, "weights")
    model = SequenceClassifier(RNN(2, 16, generator=generator), 16, 1, generator=generator)
    batches = stream_batches(task, 32, make_generator(0, "batches"))
    validation = task.distinct(500, "validation", make_generator(0, "validation"))
    result = fit(
        model,
        Lessons(lambda _: batches, end=3),
        make_settings(max_steps=1_500, stop_loss_nats=1e-4, rate=3e-3),
        task=task,
        validation=validation,
    )
    # Saying 1 costs 1/12 and is right with 0.19.
    first = result.validation_curve[0]
    assert first.loss_nats is not None
    assert first.loss_nats > 0.05
    best = result.best_validation
    assert best is not None
    assert best.loss_nats < 1e-3
    assert best.accuracy > 0.9


@pytest.mark.parametrize("revisited", [0.0, 0.4])
def test_revisited_lengths_cost_what_they_are_long(revisited: float) -> None:
    spent: list[int] = []

    def batches_of(length: int) -> Iterator[Batch]:
        task = Palindrome(length=length, encoding="one-hot")
        for batch in stream_batches(task, 32, make_generator(length, "batches")):
            spent.append(32 * length)
            yield batch

    curriculum = Curriculum(start=2, accuracy=0.9, window=5, revisited=revisited)
    revisits = Revisits(lambda T: next(batches_of(T)), make_generator(0, "lengths"))
    lessons = Lessons(batches_of, end=9, curriculum=curriculum, revisits=revisits)
    settings = make_settings(max_steps=10_000, stop_loss_nats=0.0, sequence_steps=50_000)
    result = fit(make_model(), lessons, settings, task=TASK, validation=VALIDATION)
    assert result.sequence_steps == sum(spent)
    assert 50_000 - 32 * lessons.length < result.sequence_steps <= 50_000
