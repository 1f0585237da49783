"""What one round of the bench decides for the next."""

from dataclasses import replace

import pytest

from tests.study.running.test_trial import SETTINGS
from unroll.records import EvaluationRecord, TrialRecord
from unroll.records.schema import CurvePoint, TrialStatus
from unroll.study.bench.rounds import (
    RateChoice,
    Tuned,
    choose_rate,
    count_seeds,
    lengths_to_test,
    sequence_steps_to_last_lesson,
)


def tuned(
    rate: float,
    lessons: tuple[tuple[int, int], ...],
    *,
    accuracy: float = 0.5,
    status: TrialStatus = "budget",
    seconds: float = 1.0,
) -> Tuned:
    settings = replace(SETTINGS, rate=rate, batch_size=64)
    record = TrialRecord(
        key=settings.key,
        settings=settings.as_dict(),
        status=status,
        lessons=lessons,
        seconds=seconds,
    )
    point = CurvePoint(step=1, loss_nats=1.0, accuracy=accuracy)
    return Tuned(rate=rate, record=record, validation=[point])


SHORT = ((1, 4), (51, 5))
LONG = ((1, 4), (51, 5), (71, 6))
LATE = ((1, 4), (61, 5), (81, 6))


def test_the_cost_of_lessons_is_steps_by_sequences_by_length() -> None:
    assert sequence_steps_to_last_lesson(tuned(1.0, LONG).record) == 64 * (50 * 4 + 20 * 5)
    assert sequence_steps_to_last_lesson(tuned(1.0, ()).record) == 0


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (tuned(0.1, LONG, accuracy=0.1), tuned(0.2, SHORT, accuracy=0.9)),
        (tuned(0.1, LONG, accuracy=0.1), tuned(0.2, LATE, accuracy=0.9)),
        (tuned(0.1, LONG, accuracy=0.9), tuned(0.2, LONG, accuracy=0.8)),
        (tuned(0.1, SHORT), tuned(0.2, LONG, status="diverged")),
        (tuned(0.1, SHORT, status="diverged"), tuned(0.2, LONG, status="failed")),
    ],
    ids=["longer lesson", "sooner there", "better validated", "not diverged", "not failed"],
)
def test_rates_are_ranked(better: Tuned, worse: Tuned) -> None:
    for order in ([better, worse], [worse, better]):
        choice = choose_rate(order)
        assert choice is not None
        assert choice.rate == better.rate


def test_a_rate_at_the_edge_of_the_grid_is_told() -> None:
    grid = [tuned(0.1, SHORT), tuned(0.01, LONG), tuned(0.001, SHORT)]
    assert choose_rate(grid) == RateChoice(rate=0.01, at_edge=False, seconds=1.0)
    at_edge = [tuned(1.0, SHORT), *grid[:2]]
    assert choose_rate(at_edge) == RateChoice(rate=0.01, at_edge=True, seconds=1.0)
    # Of two rates either is at an edge, which says nothing.
    assert choose_rate(grid[:2]) == RateChoice(rate=0.01, at_edge=False, seconds=1.0)
    assert choose_rate(grid[1:2]) == RateChoice(rate=0.01, at_edge=False, seconds=1.0)
    assert choose_rate([tuned(0.1, (), status="failed")]) is None


def test_slow_trainings_have_three_seeds() -> None:
    fast, slow = (RateChoice(rate=0.1, at_edge=False, seconds=s) for s in (30.0, 30.1))
    assert [count_seeds(5, fast), count_seeds(5, slow), count_seeds(2, slow)] == [5, 3, 2]


def test_a_network_is_tested_to_four_times_its_lesson_and_further_while_it_passes() -> None:
    steps = (5, 10, 20, 30, 50, 100, 200, 500)

    def scored(*lengths: int, failed: int = 0) -> dict[int, EvaluationRecord]:
        return {
            length: EvaluationRecord(
                weights="best",
                length=length,
                accuracy=0.98 if length == failed else 0.99,
                loss_nats=0.1,
                count=100,
                held_out=True,
                seconds=0.1,
            )
            for length in lengths
        }

    assert lengths_to_test(steps, 8, {}) == (5, 10, 20, 30)
    assert lengths_to_test(steps, 8, scored(5, 10, 20)) == (5, 10, 20, 30)
    assert lengths_to_test(steps, 8, scored(5, 10, 20, 30, failed=20)) == (5, 10, 20, 30)
    assert lengths_to_test(steps, 8, scored(5, 10, 20, 30)) == (5, 10, 20, 30, 50, 100)
    assert lengths_to_test(steps, 8, scored(*steps[:6])) == steps
    assert lengths_to_test(steps, 8, scored(*steps)) == steps
    assert lengths_to_test(steps, 1, {}) == (5,)
    assert lengths_to_test((), 8, {}) == ()
