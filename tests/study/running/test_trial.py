from dataclasses import asdict, replace

import pytest

from unroll.study.running.trial import TrialSettings
from unroll.training.curriculum import Curriculum

SETTINGS = TrialSettings(
    cell="rnn",
    cell_class="rnn",
    cell_sha256="0" * 64,
    task="palindrome",
    length=5,
    seed=0,
    encoding="scalar",
    initialisation="uniform",
    hidden_size=8,
    batch_size=4,
    optimiser="rmsprop",
    rate=1e-3,
    clip_norm=10.0,
    max_steps=10,
    stop_loss_nats=1e-3,
    engine="auto",
    device="cpu",
)


def test_the_key_is_the_same_in_every_process_and_version() -> None:
    # A store written today must be found again tomorrow: a new key retrains everything.
    assert SETTINGS.key == "de2e55511beb6e57de6725c2acf2a466"


@pytest.mark.parametrize(
    "change",
    [
        {"cell_sha256": "1" * 64},
        {"length": 6},
        {"seed": 1},
        {"rate": 2e-3},
        {"max_steps": 11},
        {"initialisation": "xavier"},
        {"engine": "plain"},
        {"task": "palindrome-half"},
        {"sequence_steps": 1_000},
        {"validated_at": "lesson"},
    ],
)
def test_whatever_changes_the_numbers_changes_the_key(change: dict[str, object]) -> None:
    assert replace(SETTINGS, **change).key != SETTINGS.key  # type: ignore[arg-type] # by design


def test_settings_added_later_leave_the_key_alone_at_their_defaults() -> None:
    later = {"curriculum": None, "trained": "all", "sequence_steps": None, "validated_at": "end"}
    assert replace(SETTINGS, **later).key == SETTINGS.key  # type: ignore[arg-type] # by design


def test_a_curriculum_that_revisits_nothing_has_the_key_that_it_always_had() -> None:
    before = {"start": 4, "factor": 1.3, "accuracy": 0.998, "window": 10}
    assert replace(SETTINGS, curriculum=before).key == "8f698647569f122bd9798dcd4a752b1b"
    assert asdict(Curriculum()) == {**before, "revisited": 0.0}
    now = replace(SETTINGS, curriculum=asdict(Curriculum()))
    assert now.key == replace(SETTINGS, curriculum=before).key
    other = replace(SETTINGS, curriculum=asdict(Curriculum(revisited=0.2)))
    assert other.key != now.key


def test_the_way_a_cell_is_spelt_does_not_change_the_key() -> None:
    assert replace(SETTINGS, cell="./cells/../rnn.py:RNN").key == SETTINGS.key
