from threading import Event

import pytest

from tests.app.remember.nets import make_net
from unroll.app.refusal import RefusedError
from unroll.app.remember.score import ladder, score_length
from unroll.app.remember.wilson import wilson_interval
from unroll.seeding import make_generator
from unroll.training.evaluate import evaluate


@pytest.mark.parametrize("length", [9, 40, 700])
def test_a_score_is_that_of_the_study_on_the_same_palindromes(length: int) -> None:
    model, task = make_net("gru", length)
    sequences = task.distinct(130, "evaluation", make_generator(5, f"playground accuracy {length}"))
    score = score_length(model, task, count=130, seed=5, is_lesson=True, stop=Event())
    assert score.accuracy == pytest.approx(evaluate(model, task, sequences).accuracy)
    assert (score.right, score.of) == (round(score.accuracy * 130), 130)
    assert (score.low, score.high) == wilson_interval(score.right, 130)
    assert (score.is_all, score.held_out) == (False, True)


def test_where_all_palindromes_are_tried_nothing_is_left_to_chance() -> None:
    model, task = make_net("rnn", 3)
    score = score_length(model, task, count=200, seed=0, is_lesson=True, stop=Event())
    assert (score.of, score.is_all, score.held_out) == (100, True, False)
    assert score.low == score.high == score.accuracy


def test_short_palindromes_are_met_only_where_they_were_lessons() -> None:
    model, task = make_net("rnn", 7)
    for is_lesson in (True, False):
        score = score_length(model, task, count=9, seed=0, is_lesson=is_lesson, stop=Event())
        assert (score.is_all, score.held_out) == (False, not is_lesson)


def test_a_closed_page_ends_the_work() -> None:
    model, task = make_net("rnn", 50)
    stop = Event()
    stop.set()
    with pytest.raises(RefusedError) as refused:
        score_length(model, task, count=200, seed=0, is_lesson=True, stop=stop)
    assert str(refused.value) == "the page that asked was closed"


def test_the_ladder_has_the_length_trained_at_in_its_place() -> None:
    assert ladder(20) == (2, 3, 5, 10, 15, 20, 30, 50, 100, 200, 300, 500, 1000)
    assert ladder(70)[7:10] == (50, 70, 100)
    assert ladder(5000) == ladder(20)
