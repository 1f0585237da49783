"""How far back a model looks, as the command tells it."""

import json
from dataclasses import replace

import pytest

from unroll.study.text.commands.context import measure_context, run_context, tell_context
from unroll.study.text.settings import ContextSettings
from unroll.training.characters.run import Run

SMALL = ContextSettings(positions=20, furthest=8, warm=8, gradients=4)


def test_a_measurement_has_a_value_for_each_distance(run: Run) -> None:
    told = measure_context(run, SMALL)
    assert told["distances"] == [1, 2, 4, 8]
    for name in ("loss_nats", "standard_error", "zero_state_nats"):
        assert len(told[name]) == 4
    assert [one["k"] for one in told["gradient"]] == list(range(1, 9))
    assert set(told["horizon"]) >= {"last_passed", "first_failed", "unit"}
    assert told["horizon"]["unit"] == "characters"
    assert told["horizon"]["last_passed"] in (None, 1, 2, 4, 8)
    assert json.loads(json.dumps(told)) == told
    assert measure_context(run, SMALL) == told


def test_an_untrained_model_looks_nowhere(run: Run) -> None:
    told = measure_context(run, replace(SMALL, stage="0"))
    assert told["horizon"]["last_passed"] is None
    assert tell_context(told).startswith("context horizon: none, at no distance tested\n  twice as")


def test_the_table_has_a_row_a_distance_and_fits_80_columns(run: Run) -> None:
    lines = tell_context(measure_context(run, SMALL)).splitlines()
    assert [line.split()[0] for line in lines[-4:]] == ["1", "2", "4", "8"]
    assert all(len(line) <= 80 for line in lines)


def test_progress_ends_with_all_places(run: Run) -> None:
    heard: list[tuple[int, int]] = []
    measure_context(run, SMALL, lambda done, total: heard.append((done, total)))
    assert (heard[0], heard[-1]) == ((0, 24), (24, 24))
    assert heard == sorted(heard)


def test_a_gain_that_rounds_to_nothing_has_no_sign(run: Run) -> None:
    told = measure_context(run, SMALL)
    told["gain_nats"] = [-0.0001] * 4
    assert " 0.000 ± " in tell_context(told)
    assert "-0.000" not in tell_context(told)


def test_distances_beyond_the_held_out_text_are_left_out_and_it_is_said(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    held_out = run.splits.validation.characters
    assert 256 <= held_out < 512
    outcome = run_context(run.path, replace(SMALL, furthest=100_000), quiet=False)
    note = f"measured up to 256 characters instead of 65,536: the held-out text has {held_out:,}"
    assert outcome.summary["notes"] == [note]
    assert outcome.summary["distances"][-1] == len(outcome.summary["gradient"]) == 256
    assert capsys.readouterr().err == f"note: {note}\n"


def test_distances_within_the_held_out_text_need_no_note(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_context(run.path, SMALL, quiet=False).summary["notes"] == []
    assert capsys.readouterr().err == ""
