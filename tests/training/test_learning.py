"""That the tasks can be learned at all, at short lengths, by a small LSTM."""

from collections.abc import Iterator

import pytest

from unroll.cells import LSTM, initialise, parse_initialisation
from unroll.models import SequenceClassifier
from unroll.seeding import make_generator
from unroll.tasks import Batch, Task, default_encoding, make_task, stream_batches
from unroll.training.curriculum import Curriculum
from unroll.training.evaluate import evaluate
from unroll.training.fit import FitSettings, fit
from unroll.training.lessons import Lessons

SEQUENCE_STEPS = 1_500_000


def learn(name: str, end: int, stop_loss_nats: float) -> tuple[SequenceClassifier, Task]:
    """Train an LSTM up to T = `end`; return it as it is where validation is best."""
    encoding = default_encoding(name)
    task = make_task(name, end, encoding)
    draws, generator = make_generator(0, "batches"), make_generator(0, "weights")
    cell = LSTM(task.input_size, 48)
    initialise(cell, parse_initialisation("forget-bias:3"), length=end, generator=generator)
    model = SequenceClassifier(cell, 48, task.outputs, generator=generator)

    def batches_of(length: int) -> Iterator[Batch]:
        return stream_batches(make_task(name, length, encoding), 32, draws)

    curriculum = Curriculum(start=max(2, task.shortest), accuracy=0.99)
    result = fit(
        model,
        Lessons(batches_of, end=end, curriculum=curriculum),
        FitSettings(
            optimiser="adam",
            rate=1e-2,
            clip_norm=1.0,
            max_steps=100_000,
            stop_loss_nats=stop_loss_nats,
            sequence_steps=SEQUENCE_STEPS,
        ),
        task=task,
        validation=task.distinct(500, "validation", make_generator(0, "validation")),
    )
    model.load_state_dict(result.best_weights)
    return model, task


@pytest.mark.parametrize(
    ("name", "end", "stop_loss_nats"),
    [
        ("parity", 20, 1e-2),
        pytest.param("delayed-copying", 10, 3e-2, marks=pytest.mark.slow),
        pytest.param("associative-recall", 8, 5e-2, marks=pytest.mark.slow),
    ],
)
def test_an_lstm_learns_a_short_one(name: str, end: int, stop_loss_nats: float) -> None:
    model, task = learn(name, end, stop_loss_nats)
    assert task.held_out
    held_out = task.distinct(2_000, "evaluation", make_generator(0, "evaluation"))
    assert evaluate(model, task, held_out).accuracy > 0.97
