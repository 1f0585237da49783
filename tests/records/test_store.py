"""What is recorded comes back as it was."""

import dataclasses
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from unroll.errors import StoreError
from unroll.records import (
    EvaluationRecord,
    MeasurementRecord,
    RequestRecord,
    Store,
    TrialRecord,
)
from unroll.records.schema import CurveKind, CurvePoint, WeightsKind

WEIGHTS = bytes(range(256)) * 40


def make_trial(key: str = "k1", **changes: Any) -> TrialRecord:
    trial = TrialRecord(
        key=key,
        settings={"cell": "lstm", "length": 20, "rate": 7e-4, "note": "ä → ü", "encoding": None},
        status="budget",
        engine="plain",
        parameters=67_850,
        steps=10_000,
        best_step=9_900,
        plateau_step=412,
        seconds=12.25,
        validation_seconds=0.5,
        weights_sha256=sha256(WEIGHTS).hexdigest(),
        lessons=((1, 4), (40, 20)),
        environment={"torch": "2.13", "processor": "one"},
    )
    return dataclasses.replace(trial, **changes)


def point(step: int, loss_nats: float | None = 2.3) -> CurvePoint:
    return CurvePoint(step=step, loss_nats=loss_nats, accuracy=0.1)


def score(length: int, weights: WeightsKind = "best", accuracy: float = 0.5) -> EvaluationRecord:
    return EvaluationRecord(
        weights=weights,
        length=length,
        accuracy=accuracy,
        loss_nats=1.25,
        count=10_000,
        held_out=length > 8,
        seconds=0.75,
    )


def request(kind: str = "memory", **settings: Any) -> RequestRecord:
    return RequestRecord(
        kind=kind,
        settings=settings,
        command="unroll memory --lengths 5 10",
        trials=("k2", "k1"),
        started="2026-01-02T03:04:05+00:00",
        measurements=("m1",),
    )


CURVES: dict[CurveKind, list[CurvePoint]] = {
    "training": [point(20), point(40, 1.5), point(60, None)],
    "validation": [point(0), point(60, None)],
}


def test_a_trial_comes_back_as_it_was(tmp_path: Path) -> None:
    scores = [score(5), score(20), score(5, "final"), score(300, "final")]
    with Store.create(tmp_path) as store:
        store.add_trial(make_trial(), weights=WEIGHTS, curves=CURVES, evaluations=scores)
    with Store.read(tmp_path) as store:
        trial = store.find_trial("k1")
        assert trial == make_trial()
        assert store.curve("k1", "training") == CURVES["training"]
        assert store.curve("k1", "validation") == CURVES["validation"]
        assert store.evaluations("k1") == [score(5), score(20)]
        assert store.evaluations("k1", "final") == [score(5, "final"), score(300, "final")]
        assert [type(s.held_out) for s in store.evaluations("k1")] == [bool, bool]
        assert store.load_weights(make_trial()) == WEIGHTS
        assert store.weights_path("k1") == tmp_path / "weights" / "k1.safetensors"


def test_a_failed_trial_comes_back_without_what_it_lacks(tmp_path: Path) -> None:
    failed = TrialRecord(key="k9", settings={}, status="failed", error="ValueError: no\ttabs")
    with Store.create(tmp_path) as store:
        store.add_trial(failed)
        assert store.find_trial("k9") == failed
        assert store.curve("k9", "training") == []
        assert store.evaluations("k9") == []
    assert not (tmp_path / "weights").exists()


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    with Store.create(tmp_path) as store:
        assert store.find_trial("k1") is None
        assert store.curve("k1", "training") == []
        assert store.requests() == []


def test_order_is_by_step_and_length_not_by_arrival(tmp_path: Path) -> None:
    with Store.create(tmp_path) as store:
        store.add_trial(
            make_trial(),
            curves={"training": [point(300), point(20), point(100)]},
            evaluations=[score(300), score(5), score(20)],
        )
        assert [p.step for p in store.curve("k1", "training")] == [20, 100, 300]
        assert [s.length for s in store.evaluations("k1")] == [5, 20, 300]


def test_a_trial_recorded_again_replaces_all_of_it(tmp_path: Path) -> None:
    again = make_trial(status="stopped", steps=5, weights_sha256=sha256(b"new").hexdigest())
    with Store.create(tmp_path) as store:
        store.add_trial(make_trial("k2"), curves=CURVES, evaluations=[score(5)])
        store.add_trial(make_trial(), weights=WEIGHTS, curves=CURVES, evaluations=[score(5)])
        store.add_trial(again, weights=b"new", curves={"training": [point(7)]})
        assert store.find_trial("k1") == again
        assert store.curve("k1", "training") == [point(7)]
        assert store.curve("k1", "validation") == []
        assert store.evaluations("k1") == []
        assert store.load_weights(again) == b"new"
        # The other trial is none of its business.
        assert store.find_trial("k2") == make_trial("k2")
        assert store.curve("k2", "training") == CURVES["training"]
        assert store.evaluations("k2") == [score(5)]


def test_further_scores_join_those_there(tmp_path: Path) -> None:
    with Store.create(tmp_path) as store:
        store.add_trial(make_trial(), evaluations=[score(5), score(20)])
        store.add_evaluations("k1", [score(10), score(20, accuracy=0.75), score(20, "final")])
        assert store.evaluations("k1") == [score(5), score(10), score(20, accuracy=0.75)]
        assert store.evaluations("k1", "final") == [score(20, "final")]


def test_an_environment_is_stored_once_for_all_that_share_it(tmp_path: Path) -> None:
    other = {"torch": "2.6", "processor": "two"}
    with Store.create(tmp_path) as store:
        for key in ("k1", "k2", "k3"):
            store.add_trial(make_trial(key))
        store.add_trial(make_trial("k4", environment=other))
        found = [store.find_trial(key) for key in ("k1", "k3", "k4")]
        assert found == [make_trial("k1"), make_trial("k3"), make_trial("k4", environment=other)]
        count = store._connection.execute("SELECT count(*) FROM environments").fetchone()
    assert count == (2,)


def test_requests_come_back_oldest_first_and_again_is_last(tmp_path: Path) -> None:
    first, second = request(lengths=[5, 10], cells=["rnn"]), request(lengths=[5])
    later = dataclasses.replace(first, command="unroll memory", started="2026-02-02T00:00:00")
    with Store.create(tmp_path) as store:
        for asked in (first, second, request("text", lengths=[5])):
            store.add_request(asked)
        store.add_request(later)
    with Store.read(tmp_path) as store:
        assert store.requests() == [second, request("text", lengths=[5]), later]


def test_a_measurement_comes_back_as_it_was_and_a_new_one_replaces_it(tmp_path: Path) -> None:
    failed = MeasurementRecord(
        key="m1",
        kind="gradients",
        settings={"cell": "rnn", "length": 100},
        values=None,
        error="it broke",
        environment={"torch": "2.13"},
    )
    measured = dataclasses.replace(
        failed, values={"by_time": {"h": [1e-300, 0.0, 1.5]}}, error=None, seconds=0.25
    )
    with Store.create(tmp_path) as store:
        for measurement in (failed, measured):
            store.add_measurement(measurement)
            assert store.find_measurement("m1") == measurement
        assert store.find_measurement("m2") is None


def test_a_measurement_that_json_cannot_hold_is_refused(tmp_path: Path) -> None:
    endless = MeasurementRecord(key="m", kind="k", settings={}, values={"norm": float("inf")})
    with Store.create(tmp_path) as store:
        with pytest.raises(ValueError, match="not JSON compliant"):
            store.add_measurement(endless)
        assert store.find_measurement("m") is None


def test_a_store_is_opened_again_with_what_it_holds(tmp_path: Path) -> None:
    for key in ("k1", "k2"):
        with Store.create(tmp_path / "new" / "run") as store:
            store.add_trial(make_trial(key))
    with Store.read(tmp_path / "new" / "run") as store:
        assert store.find_trial("k1") == make_trial("k1")
        assert store.find_trial("k2") == make_trial("k2")


def test_others_may_read_while_one_writes(tmp_path: Path) -> None:
    with Store.create(tmp_path) as writer, Store.read(tmp_path) as reader:
        assert reader.find_trial("k1") is None
        writer.add_trial(make_trial(), curves=CURVES)
        assert reader.find_trial("k1") == make_trial()
        assert reader.curve("k1", "training") == CURVES["training"]


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    Store.create(tmp_path).__exit__(None, None, None)
    with Store.read(tmp_path) as reader, pytest.raises(StoreError) as caught:
        reader.add_request(request())
    path = tmp_path / "unroll.sqlite"
    assert str(caught.value) == f"{path}: not writable; mend its permissions"


OPEN_STORE = """
import sys
from pathlib import Path
from unroll.records import Store

Store.create(Path(sys.argv[1])).__exit__(None, None, None)
"""


def test_a_second_writer_is_refused_in_another_process(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN_STORE, str(tmp_path)]
    with Store.create(tmp_path) as store:
        refused = subprocess.run(command, capture_output=True, text=True)
        store.add_trial(make_trial())
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == (
        f"unroll.errors.StoreError: {tmp_path}: is being written by another process; wait for it, "
        "or choose another directory"
    )
    # Once the first has left, another may write.
    accepted = subprocess.run(command, capture_output=True, text=True)
    assert (accepted.returncode, accepted.stderr) == (0, "")


def test_a_second_writer_is_refused_in_the_same_process(tmp_path: Path) -> None:
    with Store.create(tmp_path), pytest.raises(StoreError) as caught:
        Store.create(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: is being written by another process; wait for it, or choose another directory"
    )
    Store.create(tmp_path).__exit__(None, None, None)
