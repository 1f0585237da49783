"""What is said of networks that miss a short length, and of budgets too small to tell anything."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.study.bench.made_up import ASKED, add, settings_of
from unroll.records import EvaluationRecord, RequestRecord, Store, TrialRecord
from unroll.records.schema import CurvePoint
from unroll.report.markup import plain
from unroll.study.bench.gaps import accuracies, find_gap
from unroll.study.bench.outcomes import furthest_sentences, task_remarks
from unroll.study.bench.protocol import shared_protocol
from unroll.study.bench.settings import TUNING_SEED
from unroll.study.bench.view import BenchView, view_bench

NEAR_MISS = {5: 0.98, 7: 0.998, 10: 0.995, 50: 0.991, 100: 0.4}


def add_tested(store: Store, cell: str, scores: Mapping[int, float], came: tuple[int, ...]) -> str:
    """Record a reported training with these scores, whose lessons were at these lengths."""
    settings = settings_of(cell, "palindrome", 0.01, 0)
    record = TrialRecord(
        key=settings.key,
        settings=settings.as_dict(),
        status="budget",
        steps=100,
        seconds=2.0,
        parameters=100,
        lessons=tuple((10 * place + 1, length) for place, length in enumerate(came)),
    )
    evaluations = [
        EvaluationRecord(
            weights="best",
            length=length,
            accuracy=accuracy,
            loss_nats=0.1,
            count=1_000,
            held_out=length > 7,
            seconds=0.1,
        )
        for length, accuracy in scores.items()
    ]
    point = CurvePoint(step=10, loss_nats=1.0, accuracy=0.9)
    store.add_trial(
        record, weights=b"weights", curves={"validation": [point]}, evaluations=evaluations
    )
    return record.key


def bench(directory: Path, *told: tuple[str, Mapping[int, float], tuple[int, ...]]) -> BenchView:
    with Store.create(directory) as store:
        keys = [
            add(store, settings_of(cell, "palindrome", rate, TUNING_SEED), trained_to=9)
            for cell, _, _ in told
            for rate in ASKED.rates
        ]
        keys += [add_tested(store, *one) for one in told]
        asked = RequestRecord(
            kind="bench",
            settings=shared_protocol(ASKED, 1_000),
            command=ASKED.command("out"),
            trials=tuple(keys),
            started="2026-01-01T00:00:00+00:00",
        )
        store.add_request(asked)
        return view_bench(store, [asked])


RIGHT = {5: 1.0, 7: 1.0, 10: 1.0, 50: 1.0, 100: 0.4}


def test_a_near_miss_is_told_and_is_not_behind(tmp_path: Path) -> None:
    view = bench(
        tmp_path, ("lstm", RIGHT, (4, 60)), ("rnn", NEAR_MISS, (4, 30)), ("gru", RIGHT, (4, 8))
    )
    rnn = view.results["rnn", "palindrome"]
    assert rnn.learned.median is None
    assert task_remarks(rnn) == ["seed 0: 0.980 at T = 5, at least 0.99 from 7 to 50"]
    assert [plain(told) for told in furthest_sentences(view)] == [
        "Palindrome: LSTM learns T = 50; GRU 7 behind; RNN misses a shorter length and passes "
        "longer ones, so that its place is not told."
    ]
    assert task_remarks(view.results["lstm", "palindrome"]) == []


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        (RIGHT, None),
        ({5: 0.4, 7: 0.3}, None),
        ({5: 1.0, 7: 0.98999, 10: 1.0}, "0.989 at T = 7, at least 0.99 at 10"),
        (
            {5: 0.9, 7: 1.0, 10: 0.8, 15: 1.0},
            "0.900 at T = 5 and 0.800 at T = 10, at least 0.99 at the others up to 15",
        ),
        (
            {5: 0.9, 7: 0.7, 10: 0.8, 15: 0.6, 20: 1.0, 30: 1.0},
            "0.600 or more at 4 lengths, at least 0.99 from 20 to 30",
        ),
    ],
)
def test_a_gap_is_what_is_missed_below_a_length_that_is_passed(
    tmp_path: Path, scores: Mapping[int, float], told: str | None
) -> None:
    (trial,) = bench(tmp_path, ("lstm", scores, (4, 60))).results["lstm", "palindrome"].finished
    gap = find_gap(trial)
    assert (gap and gap.told) == told
    assert find_gap(trial, end=5) is None


def test_accuracies_are_listed_with_what_was_not_held_out(tmp_path: Path) -> None:
    view = bench(tmp_path, ("lstm", NEAR_MISS, (4, 60)))
    (trial,) = view.results["lstm", "palindrome"].finished
    assert accuracies(trial) == "5*: 0.980, 7*: 0.998, 10: 0.995, 50: 0.991, 100: 0.400"


@pytest.mark.parametrize(
    ("lessons", "remark"),
    [
        ((4,), "never left T = 4: the budget was too small to tell"),
        ((3, 4), "came no further than T = 4: the budget was too small to tell"),
    ],
)
def test_a_budget_that_is_spent_below_the_shortest_length_tested_tells_nothing(
    tmp_path: Path, lessons: tuple[int, ...], remark: str
) -> None:
    view = bench(tmp_path, ("lstm", {5: 0.2}, lessons), ("rnn", {5: 0.2}, (4,)))
    assert task_remarks(view.results["lstm", "palindrome"]) == [remark]
    assert [plain(told) for told in furthest_sentences(view)] == [
        "Palindrome: no cell came to the shortest length tested: the budget was too small to tell "
        "which learns further."
    ]
