"""Trials that failed are told in the report, with the reason."""

from dataclasses import replace
from pathlib import Path

from tests.study.made_up import make_view, trial_record
from tests.study.optimisers.test_sections import all_failed
from unroll.records import TrialRecord
from unroll.report.charts import Palette
from unroll.report.section import Notice
from unroll.study.memory.failures import failure_notices
from unroll.study.memory.sections import memory_sections
from unroll.study.optimisers.sections import optimiser_section


def failed(seed: int, error: str | None) -> tuple[str, TrialRecord]:
    record = replace(trial_record("rnn", 5, seed, status="failed"), error=error)
    return f"RNN with seed {seed}", record


def texts(notices: list[Notice]) -> list[str]:
    return [notice.text for notice in notices]


def test_each_reason_is_told_once() -> None:
    fine = ("LSTM with seed 0", trial_record("lstm", 5, 0))
    assert failure_notices([fine]) == []
    trials = [failed(0, "ValueError: *no*"), fine, failed(1, None), failed(2, "ValueError: *no*")]
    assert texts(failure_notices(trials)) == [
        r"**RNN with seed 0 and RNN with seed 2 failed:** ValueError: \*no\*",
        "**RNN with seed 1 failed:** no reason is recorded",
    ]


def test_many_trials_of_one_reason_are_counted() -> None:
    four, five = ([failed(seed, "x") for seed in range(n)] for n in (4, 5))
    assert "seed 2 and RNN with seed 3 failed" in failure_notices(four)[0].text
    assert texts(failure_notices(five)) == [
        "**RNN with seed 0, RNN with seed 1, RNN with seed 2 and 2 more failed:** x"
    ]


def test_the_sections_of_memory_and_optimisers_tell_of_them(tmp_path: Path) -> None:
    view = make_view(tmp_path, {("rnn", 5, 0): 1.0, ("rnn", 9, 0): 0.2, ("lstm", 9, 0): 0.2})
    trials = tuple(
        replace(trial, record=replace(trial.record, status="failed", error="it broke"))
        if trial.settings.length == 9
        else trial
        for trial in view.trials
    )
    labels = {"rnn": "rnn", "lstm": "lstm"}
    sections = memory_sections(
        [replace(view, trials=trials)], labels=labels, palette=Palette.of(labels.values())
    )
    told = {s.number: texts([b for b in s.blocks if isinstance(b, Notice)]) for s in sections}
    assert told == {
        "1.2": ["**RNN at T = 9 with seed 0 failed:** it broke"],
        "1.3": [],
        "1.6": ["**LSTM at T = 9 with seed 0 failed:** it broke"],
    }
    section = optimiser_section([all_failed()])
    assert section is not None
    assert texts([b for b in section.blocks if isinstance(b, Notice)]) == [
        "**SGD at rate 0.1 with seed 0, SGD at rate 0.1 with seed 1, Adam at rate 0.1 with seed 0 "
        "and Adam at rate 0.1 with seed 1 failed:** ValueError: no"
    ]
