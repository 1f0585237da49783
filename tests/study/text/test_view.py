"""What is told of one book that was asked about more than once."""

from pathlib import Path
from typing import Any

from tests.study.text.made_up import BOOK, trained, writing
from unroll.records import MeasurementRecord, RequestRecord, Store
from unroll.study.text.view import KINDS, TextView, load_texts
from unroll.training.characters import TEXT_PRESETS


def request(name: str, steps: int, keys: list[str], sha256: str = "a") -> RequestRecord:
    seeds = [{kind: f"{key} {kind}" for kind in KINDS} for key in keys]
    training = {
        "name": name,
        "recipe": TEXT_PRESETS["quick"].as_dict(),
        "steps": steps,
        "characters": BOOK["characters"],
        "command": "unroll text train",
        "seeds": seeds,
    }
    return RequestRecord(
        kind="text",
        settings={"book": BOOK | {"sha256": sha256}, "trainings": [training]},
        command=f"unroll study {steps}",
        trials=(),
        measurements=tuple(key for by_kind in seeds for key in by_kind.values()),
        started="2026-01-01T00:00:00+00:00",
    )


def record(key: str, kind: str, values: dict[str, Any] | None, why: str | None = None) -> Any:
    return MeasurementRecord(key=f"{key} {kind}", kind=kind, settings={}, values=values, error=why)


def load(out: Path, requests: list[RequestRecord], records: list[Any]) -> list[TextView]:
    with Store.create(out) as store:
        for one in requests:
            store.add_request(one)
        for one in records:
            store.add_measurement(one)
        return load_texts(store)


def test_of_two_ways_of_one_name_the_later_is_told_once_there_is_something(tmp_path: Path) -> None:
    first, second = request("quick", 10, ["a"]), request("quick", 20, ["b"])
    early = [record("a", "text-training", trained())]
    (view,) = load(tmp_path / "early", [first, second], early)
    assert [training.steps for training in view.trainings] == [10]
    assert view.missing == 4
    assert view.commands == ("unroll study 10", "unroll study 20")
    both = [*early, record("b", "text-training", trained())]
    (view,) = load(tmp_path / "both", [first, second], both)
    assert [training.steps for training in view.trainings] == [20]


def test_two_books_are_two_views_the_last_asked_for_in_front(tmp_path: Path) -> None:
    asked = [request("quick", 10, ["a"], "one"), request("quick", 10, ["b"], "two")]
    views = load(tmp_path, asked, [record(key, "text-training", trained()) for key in "ab"])
    assert [view.book["sha256"] for view in views] == ["two", "one"]


def test_what_failed_is_told_once_with_its_reason(tmp_path: Path) -> None:
    asked = [request("quick", 10, ["a", "b"])]
    records = [
        record("a", "text-training", trained()),
        record("a", "text-writing", writing()),
        record("a", "text-copies", None, "no index"),
        record("b", "text-training", None, "no luck"),
        record("b", "text-writing", None, "what it looks into failed: no luck"),
    ]
    (view,) = load(tmp_path, asked, records)
    assert [(problem.label, problem.error) for problem in view.problems] == [
        ("quick, seed 0, could not be measured for copying", "no index"),
        ("quick, seed 1, could not be trained", "no luck"),
    ]
    (training,) = view.trainings
    assert [network.seed for network in training.networks] == [0]
    assert training.networks[0].writing is not None
