from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.study.ablation.made_up import SMALL, climb, lengths_of, settings_of
from unroll.errors import ConfigError
from unroll.records import Store
from unroll.study.ablation.plan import plan_ablation
from unroll.study.ablation.rows import Row, described, rows_of
from unroll.study.ablation.settings import AblationSettings
from unroll.study.running.plan import grown


def test_the_rows_are_each_change_alone_and_all_but_each() -> None:
    assert [row.name for row in rows_of("rnn", has_own=False)] == [
        "assignment",
        "assignment + encoding",
        "assignment + initialisation",
        "assignment + clipping",
        "assignment + curriculum",
        "learned − encoding",
        "learned − initialisation",
        "learned − clipping",
        "learned − curriculum",
        "learned",
    ]
    # The LSTM's optimiser differs between the recipes too; a cell that begins by itself keeps to.
    assert len(rows_of("lstm", has_own=False)) == 12
    assert len(rows_of("mine.py:Cell", has_own=True)) == 8


def test_every_row_differs_from_its_recipe_in_its_change_alone() -> None:
    plan = plan_ablation(replace(SMALL, cells=("lstm",)))
    shared = ("cell", "task", "hidden_size", "batch_size", "sequence_steps", "stop_loss_nats")
    changed = ("encoding", "initialisation", "optimiser", "clip_norm", "curriculum")
    values = {
        "assignment": ("scalar", "uniform", "rmsprop", 10.0, False),
        "learned": ("one-hot", "forget-bias:5", "adam", 1.0, True),
    }

    def chosen(place: str, change: str | None = None) -> tuple[object, ...]:
        found = settings_of(plan, place=place, change=change)
        told = {(*(getattr(s, n) for n in changed[:4]), bool(s.curriculum)) for s in found}
        assert len(told) == 1
        assert {s.rate for s in found} == {1e-3, 3e-3}
        assert {s.seed for s in found} == {0, 1}
        return told.pop()

    assert chosen("assignment") == values["assignment"]
    assert chosen("learned") == values["learned"]
    for index, change in enumerate(changed):
        for place, base, other in (
            ("alone", "assignment", "learned"),
            ("without", "learned", "assignment"),
        ):
            expected = list(values[base])
            expected[index] = values[other][index]
            assert chosen(place, change) == tuple(expected)
    for name in shared:
        assert len({getattr(job.settings, name) for job in plan.trials}) == 1
    assert {job.settings.sequence_steps for job in plan.trials} == {20_000}


def test_no_other_bound_ends_a_trial_before_its_sequence_steps() -> None:
    for job in plan_ablation(SMALL).trials:
        s = job.settings
        shortest = s.curriculum["start"] if s.curriculum else s.length
        assert (s.max_steps + 1) * s.batch_size * shortest > 20_000


def test_a_length_is_tried_where_some_seed_solved_every_shorter_one(tmp_path: Path) -> None:
    def reach(row: Row, seed: int) -> int:
        if row.place == "learned":
            return 20
        return 10 if row.place == "without" and seed == 1 else 0

    plan, _ = climb(tmp_path, SMALL, reach)
    tried = {row.place: lengths_of(plan, row) for row in rows_of("rnn", has_own=False)}
    assert tried == {
        "assignment": [5],
        "alone": [5],
        "without": [5, 10, 20],
        "learned": [5, 10, 20],
    }
    # What is recorded decides: the plan made again asks for the same at once.
    with Store.read(tmp_path) as store:
        again = grown(plan_ablation(SMALL), store)
        assert {job.key for job in again.trials} == {job.key for job in plan.trials}


def test_the_rate_is_chosen_by_validation_for_each_length(tmp_path: Path) -> None:
    _, view = climb(tmp_path, SMALL, lambda _row, _seed: 5)
    for ladder in view.ladders.values():
        assert {ladder.rate(length) for length in ladder.lengths} == {3e-3}


def test_what_a_change_is_stands_in_words() -> None:
    assert described("initialisation", "rnn") == "parameters begin as identity:1 instead of uniform"
    assert described("optimiser", "lstm") == "adam instead of rmsprop"
    assert described("curriculum", "lstm") == "T grows from 4 as it is learned"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"budget": 0}, "budget must be at least 12,800, one step at T = 100, got 0"),
        ({"budget": 10**13}, "budget must be at most 1,000,000,000,000, got 10,000,000,000,000"),
        ({"rates": ()}, "rates must name at least one rate, such as 0.001"),
        ({"rates": (0.0,)}, "rates: a rate must be a number above 0, got 0.0"),
        ({"rates": (1e-3, 1e-3)}, "rates: 0.001 is given twice"),
        (
            {"lengths": (3, 5)},
            "lengths: the curriculum begins at T = 4, so a length must be 4 digits or more, got 3",
        ),
        ({"lengths": ()}, "lengths must name at least one length, such as 5"),
        ({"seeds": 0}, "seeds must be 1 or more, got 0"),
        ({"cells": ()}, "cells must name at least one cell, such as rnn"),
    ],
)
def test_what_cannot_be_used_is_told_in_full(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        AblationSettings(**change)
    assert str(caught.value) == message


def test_progress_names_each_row() -> None:
    jobs = plan_ablation(replace(SMALL, seeds=1, rates=(3e-3,))).trials
    assert [job.label for job in jobs][:2] == [
        "rnn T=5 seed 0, assignment, rmsprop 0.003",
        "rnn T=5 seed 0, assignment + encoding, rmsprop 0.003",
    ]
    assert len({job.label for job in jobs}) == len({job.part for job in jobs}) == 10


def test_the_plan_says_how_many_steps_the_budget_is() -> None:
    assert plan_ablation(SMALL).intention[1] == (
        "  that is 31, 15 and 7 steps of training at these lengths, 128 sequences each"
    )
