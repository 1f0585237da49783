"""Curricula and frozen cells through the whole study, in this process."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.study.undrawn import carry_out, count_calls
from unroll.errors import ConfigError
from unroll.records import Store, TrialRecord
from unroll.study.memory.plan import plan_memory
from unroll.study.memory.settings import MemorySettings
from unroll.study.running.checkpoint import Checkpoint, unpack_weights
from unroll.study.running.network import build_model

TINY = MemorySettings(
    cells=("rnn",), lengths=(9,), seeds=1, max_steps=8, batch_size=16, hidden_size=6
)
LEARNED = replace(TINY, recipe="learned")


def train(settings: MemorySettings, out: Path) -> tuple[TrialRecord, bytes]:
    """Return what is recorded of the one trial of a study, and its weights."""
    carry_out(settings, out)
    (key,) = plan_memory(settings).keys
    with Store.read(out) as store:
        record = store.find_trial(key)
        assert record is not None
        return record, store.load_weights(record)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_frozen_cell_stays_bit_for_bit_as_it_began(tmp_path: Path, cell: str) -> None:
    settings = replace(LEARNED, cells=(cell,), train="readout")
    record, data = train(settings, tmp_path)
    (job,) = plan_memory(settings).trials
    before: dict[str, Tensor] = dict(build_model(job.settings, job.source).state_dict())
    assert record.settings["trained"] == "readout"
    for kind in ("best", "final"):
        after = unpack_weights(data, kind)
        assert sorted(after) == sorted(before)
        for name, tensor in after.items():
            if name.startswith("cell."):
                assert torch.equal(tensor, before[name]), name
    final = unpack_weights(data, "final")
    for name in ("weight_p", "bias_p"):
        assert not torch.equal(final[name], before[name]), name


def test_a_trained_cell_moves_from_the_same_start(tmp_path: Path) -> None:
    _, data = train(TINY, tmp_path)
    (job,) = plan_memory(replace(TINY, train="readout")).trials
    before = build_model(job.settings, job.source).state_dict()
    final = unpack_weights(data, "final")
    assert not torch.equal(final["cell.weight_h"], before["cell.weight_h"])


def test_a_frozen_trial_is_a_trial_of_its_own(tmp_path: Path) -> None:
    assert count_calls(TINY, tmp_path) == 1
    assert count_calls(replace(TINY, train="readout"), tmp_path) == 1
    assert count_calls(replace(TINY, train="readout", test_lengths=(11,)), tmp_path) == 1
    with Store.read(tmp_path) as store:
        assert [request.settings["trained"] for request in store.requests()] == ["all", "readout"]


def test_a_curriculum_is_recorded_and_ends_at_the_length_asked_for(tmp_path: Path) -> None:
    # With one digit to read the answer is that digit: a few dozen steps at a large rate.
    settings = replace(
        LEARNED, lengths=(3,), curriculum_start=2, rate=0.03, max_steps=300, hidden_size=16
    )
    record, data = train(settings, tmp_path)
    (first, start), (second, end) = record.lessons
    assert (first, start, end) == (1, 2, 3)
    # Ten batches are needed at least to see that a length is understood.
    assert 10 < second <= record.steps
    file = tmp_path / "copy.safetensors"
    file.write_bytes(data)
    assert Checkpoint.read(file).settings.curriculum == {
        "start": 2,
        "factor": 1.3,
        "accuracy": 0.998,
        "window": 10,
        "revisited": 0.0,
    }


def test_a_curriculum_that_gets_stuck_says_where(tmp_path: Path) -> None:
    record, _ = train(LEARNED, tmp_path)
    assert record.lessons == ((1, 4),)
    assert record.steps == 8


@pytest.mark.parametrize("recipe", ["assignment", "learned"])
def test_curriculum_start_0_trains_at_full_length(tmp_path: Path, recipe: str) -> None:
    record, _ = train(replace(TINY, recipe=recipe, curriculum_start=0), tmp_path)
    assert record.lessons == ((1, 9),)
    assert record.settings["curriculum"] is None


def test_no_curriculum_is_what_the_assignment_has(tmp_path: Path) -> None:
    assert count_calls(TINY, tmp_path) == 1
    assert count_calls(replace(TINY, curriculum_start=0), tmp_path) == 0
    assert count_calls(replace(TINY, curriculum_start=3), tmp_path) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"lengths": (30, 10), "curriculum_start": 20},
            "curriculum: it starts at T = 20, above its end T = 10: train at T = 20 or more, or "
            "start lower",
        ),
        (
            {"lengths": (3,), "recipe": "learned"},
            "curriculum: it starts at T = 4, above its end T = 3: train at T = 4 or more, or "
            "start lower",
        ),
        (
            {"curriculum_start": -1},
            "curriculum-start must be a length of 2 digits or more, or 0 for no curriculum, got -1",
        ),
        ({"curriculum_start": 1}, "curriculum: the first length must be 2 or more, got 1"),
        (
            {"train": "readouts"},
            "unknown parameters to train 'readouts': expected one of all, readout "
            "(nearest: readout)",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        replace(TINY, **change)  # type: ignore[arg-type] # by design
    assert str(raised.value) == message


def test_the_command_names_curriculum_and_control() -> None:
    settings = replace(LEARNED, curriculum_start=0, train="readout")
    assert settings.command("out").endswith(
        "--recipe learned --max-steps 8 --batch-size 16 --hidden-size 6 --curriculum-start 0 "
        "--train readout --out out"
    )
    assert "curriculum" not in LEARNED.command("out")
