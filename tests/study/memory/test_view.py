from dataclasses import replace
from pathlib import Path

import pytest

from tests.study.made_up import add_trial, make_view, request, trial_record
from tests.study.made_up_views import memory_view, trial
from unroll.records import Store
from unroll.study.memory.summary import accuracy_table, summarise, table_notes
from unroll.study.memory.view import label_cells, load_views, view_requests


def test_the_horizon_is_the_last_length_before_the_first_failure(tmp_path: Path) -> None:
    accuracies = {5: (1.0, 1.0, 0.5), 10: (0.99, 0.98, 1.0), 20: (1.0, 1.0, 1.0)}
    results = {
        ("rnn", length, seed): accuracy
        for length, by_seed in accuracies.items()
        for seed, accuracy in enumerate(by_seed)
    }
    horizon = make_view(tmp_path, results).horizon("rnn")
    assert horizon.per_seed == (20, 5, None)
    assert [reading.first_failed for reading in horizon.readings] == [None, 10, 5]
    assert horizon.median == 5
    assert horizon.range == (None, 20)
    assert not horizon.is_open


def test_the_rate_with_the_best_mean_validation_is_chosen_whatever_the_test_says(
    tmp_path: Path,
) -> None:
    with Store.create(tmp_path) as store:
        keys = []
        for rate, validations, test in ((1e-3, (0.9, 0.1), 1.0), (1e-4, (0.6, 0.6), 0.2)):
            for seed, validation in enumerate(validations):
                record = trial_record("rnn", 10, seed, rate=rate)
                keys.append(add_trial(store, record, {10: test}, validation))
        view = view_requests(store, [request(keys)])
    assert view.is_searched
    assert view.rates == {("rnn", 10): 1e-4}
    summary = summarise(view)
    assert [trial["accuracy"] for trial in summary["trials"]] == [0.2, 0.2]
    assert [c["chosen"] for c in summary["rate_search"]] == [False, False, True, True]


def test_what_a_network_retains_is_apart_from_what_cells_learn(tmp_path: Path) -> None:
    with Store.create(tmp_path) as store:
        tested = {5: 1.0, 10: 1.0, 20: 0.3}
        key = add_trial(store, trial_record("rnn", 10, 0), tested)
        view = view_requests(store, [request([key])])
    assert view.horizon("rnn").per_seed == (10,)
    assert view.horizon("rnn").is_open
    retained = view.retained("rnn")[10]
    assert (retained.per_seed, retained.readings[0].first_failed) == ((10,), 20)


def test_missing_trials_are_counted_and_failed_ones_count_as_not_solved(tmp_path: Path) -> None:
    view = make_view(tmp_path, {("rnn", 5, 0): 1.0}, missing=3)
    assert view.missing == 3
    with Store.create(tmp_path) as store:
        failed = trial_record("rnn", 10, 0, status="failed", parameters=None)
        store.add_trial(failed)
        keys = [view.trials[0].record.key, failed.key]
        later = view_requests(store, [request(keys)])
    assert [trial.outcome for trial in later.chosen] == ["solved", "failed"]
    assert later.horizon("rnn").readings[0].first_failed == 10


def test_commands_of_one_protocol_share_a_view_and_the_last_protocol_is_in_front(
    tmp_path: Path,
) -> None:
    with Store.create(tmp_path) as store:
        first = add_trial(store, trial_record("rnn", 5, 0), {5: 1.0})
        second = add_trial(store, trial_record("lstm", 5, 0), {5: 1.0})
        store.add_request(request([first], "one"))
        store.add_request(request([second], "two"))
        (view,) = load_views(store)
        assert view.cells == ("rnn", "lstm")
        assert view.commands == ("one", "two")
        other = request([first], "three")
        other.settings["recipe"] = "other"
        store.add_request(other)
        assert [view.commands for view in load_views(store)] == [("three",), ("one", "two")]
        store.add_request(request([first], "one"))
        assert [view.commands for view in load_views(store)] == [("two", "one"), ("three",)]


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["rnn", "a.py:Mine"], ["rnn", "Mine"]),
        (["a.py:Mine", "b.py:Mine"], ["a.Mine", "b.Mine"]),
        (["x/a.py:Mine", "y/a.py:Mine"], ["x/a.py:Mine", "y/a.py:Mine"]),
        (["rnn", "a.py:rnn"], ["rnn", "a.rnn"]),
        (["lstm", "bidirectional:lstm"], ["lstm", "bidirectional:lstm"]),
        (["a.py:Mine", "bidirectional:a.py:Mine"], ["Mine", "bidirectional:Mine"]),
        (
            ["bidirectional:a.py:Mine", "bidirectional:b.py:Mine"],
            ["bidirectional:a.Mine", "bidirectional:b.Mine"],
        ),
        (
            ["bidirectional:rnn", "bidirectional:a.py:rnn"],
            ["bidirectional:rnn", "bidirectional:a.rnn"],
        ),
    ],
)
def test_labels_are_as_short_as_they_can_be(cells: list[str], labels: list[str]) -> None:
    assert label_cells(cells) == dict(zip(cells, labels, strict=True))


def test_the_terminal_says_what_counts_and_which_training_diverged() -> None:
    whole = trial("rnn", {10: 1.0}, length=10)
    broken = trial("rnn", {20: 0.5}, length=20)
    broken = replace(broken, record=replace(broken.record, status="diverged"))
    view = memory_view([whole, broken])
    assert table_notes(view)[1] == [
        "horizon: a length counts from accuracy 0.99 on",
        "† training diverged in 1 trial, scored at its best step",
    ]
    assert list(accuracy_table(view).columns[1].cells) == ["1.000", "0.500 †", "T = 10"]
    assert table_notes(memory_view([whole]))[1] == [
        "horizon: a length counts from accuracy 0.99 on"
    ]
