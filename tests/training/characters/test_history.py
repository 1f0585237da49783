import math
from dataclasses import asdict

import pytest

from unroll.training.characters.evaluation import Figures
from unroll.training.characters.history import History, read_history


def grown(training: list[float], tuning: list[float], patience: int | None = None) -> History:
    """Return a history of a look every 10 steps, and the warnings in its notes."""
    history = History()
    for loss_nats, held_out in zip(training, tuning, strict=True):
        history.step += 10
        history.add_point(loss_nats, 0.5, 0.1)
        look = Figures(loss_nats=held_out, accuracy=0.4, predictions=9)
        history.add_look(look, patience)
        if warning := history.parting():
            history.notes.append(warning)
    return history


def test_it_comes_back_from_plain_values() -> None:
    history = grown([2.0, 1.0], [2.5, 2.6])
    assert read_history(history.as_dict()) == history
    values = asdict(history)
    del values["risen"]
    with pytest.raises(ValueError, match=r"^history: other fields than expected$"):
        read_history(values)


def test_the_best_look_is_kept() -> None:
    history = grown([3, 2, 1, 0.5], [2.5, 2.2, 2.2, 2.3])
    assert (history.best_step, history.best_nats, history.looks_since) == (20, 2.2, 2)
    assert history.stopped is None


def test_patience_ends_it_after_so_many_looks() -> None:
    history = grown([3, 2, 1, 0.5], [2.5, 2.2, 2.2, 2.3], patience=2)
    assert history.stopped == "early"
    assert history.notes == [
        "step 40: stopped early, after 2 looks at the tuning split without a better one than at "
        "step 20"
    ]


def test_it_warns_once_when_the_two_part() -> None:
    history = grown([3, 2, 1.5, 1.2, 1.1, 1.0], [2.5, 2.0, 2.1, 2.2, 2.3, 2.4])
    assert history.notes == [
        "step 50: training and tuning loss part: since step 20 the one fell from 2.000 to 1.100 "
        "nats, the other rose from 2.000 to 2.300; the model learns the book by heart, and the "
        "weights of that step stay the best"
    ]


@pytest.mark.parametrize(
    ("training", "tuning"),
    [
        ([3, 2, 2.1, 2.2, 2.3], [2.5, 2.0, 2.1, 2.2, 2.3]),
        ([3, 2, 1.9, 1.8, 1.7], [2.5, 2.0, 2.01, 2.01, 2.01]),
        ([3, 2, 1.9, 1.8, 1.7], [2.5, 2.0, 2.1, 2.01, 2.1]),
    ],
)
def test_it_warns_of_nothing_else(training: list[float], tuning: list[float]) -> None:
    assert grown(training, tuning).notes == []


def test_means_are_by_steps() -> None:
    history = History()
    for step, loss_nats in ((10, 4.0), (15, 1.0), (20, 2.0)):
        history.step = step
        history.add_point(loss_nats, loss_nats / 10, 0.1)
    assert history.training_mean(0, 20) == {
        "loss_nats": pytest.approx((40 + 5 + 10) / 20),
        "accuracy": pytest.approx((4 + 0.5 + 1) / 20),
    }
    assert history.training_mean(10, 15)["loss_nats"] == 1.0
    assert history.last_part()["loss_nats"] == 2.0
    assert math.isnan(history.training_mean(20, 30)["loss_nats"])


@pytest.mark.parametrize("loss_nats", [math.nan, math.inf])
def test_a_loss_that_is_no_number_ends_it(loss_nats: float) -> None:
    history = History(step=1_200)
    history.add_point(loss_nats, 0.0, 0.1)
    assert history.stopped == "diverged"
    assert history.curve[0]["training_nats"] is None
    assert history.notes == [
        "step 1,200: the training loss is not a number any more, and training ends; a lower rate "
        "may help"
    ]
