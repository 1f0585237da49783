"""A disk that fails at any one call of a training: what is there can be gone on from."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.records.faults import faults
from tests.training.characters.cases import DROPPING, Recorder, lasting, train_tiny
from unroll.errors import StoreError
from unroll.training.characters import session
from unroll.training.characters.fit import resume
from unroll.training.characters.run import open_run

STEPS = 4


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return train_tiny(tmp_path_factory.mktemp("run") / "out", DROPPING, steps=STEPS)


def fail_and_go_on(out: Path, at: int, lasting_fault: bool) -> dict[str, Any]:
    """Train with a fault, then go on without."""
    with faults(at, lasting_fault), suppress(StoreError):
        train_tiny(out, DROPPING, steps=STEPS)
    if (out / "run.json").exists():
        if list((out / "checkpoints").glob("*.safetensors")):
            open_run(out).load_model("last")
        return resume(out, Recorder())
    return train_tiny(out, DROPPING, steps=STEPS)


def check(tmp_path: Path, undisturbed: dict[str, Any], first: int, every: int) -> None:
    with faults(at=0) as made:
        train_tiny(tmp_path / "counted", DROPPING, steps=STEPS)
    assert len(made) > 100
    for at in range(first, len(made) + 1, every):
        out = tmp_path / str(at)
        result = fail_and_go_on(out, at, lasting_fault=at % 2 == 0)
        assert lasting(result) == lasting(undisturbed)
        assert not list(out.rglob("*.part"))


@pytest.fixture(autouse=True)
def often_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_SAVE_SECONDS", 0.0)


def test_a_fault_at_every_seventeenth_call(tmp_path: Path, undisturbed: dict[str, Any]) -> None:
    check(tmp_path, undisturbed, first=3, every=17)


@pytest.mark.slow
def test_a_fault_at_every_call(tmp_path: Path, undisturbed: dict[str, Any]) -> None:
    check(tmp_path, undisturbed, first=1, every=1)
