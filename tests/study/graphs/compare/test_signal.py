import math
from typing import Any

import pytest
import torch
from torch import Tensor

from unroll.study.graphs.compare import signal
from unroll.study.graphs.compare.signal import EXPERIMENT
from unroll.tasks.signal import SignalBatch, Signals

PARTS = [(name, variant) for name, of in EXPERIMENT.contestants.items() for variant in of]


def measure(contestant: str, variant: str, steps: int = 2) -> dict[str, Any]:
    return EXPERIMENT.measure(variant, contestant, 0, steps, id)


@pytest.fixture(autouse=True)
def few_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "TESTED_NODES", 64)
    monkeypatch.setattr(signal, "TESTED_SIGNALS", 2)


@pytest.mark.parametrize(("contestant", "variant"), PARTS)
def test_a_measurement_has_the_cases_of_its_variant_and_passes_its_checks(
    contestant: str, variant: str
) -> None:
    steps: list[int] = []
    values = EXPERIMENT.measure(variant, contestant, 0, 2, steps.append)
    wanted = [case.name for case in EXPERIMENT.cases if case.variant == variant]
    assert [case["case"] for case in values["cases"]] == wanted
    assert all(case["examples"] == 128 and case["value"] > 0 for case in values["cases"])
    assert [point["step"] for point in values["curve"]] == steps == [1, 2]
    assert [check["passed"] for check in values["checks"]] == [True]
    for name in ("best", "persistence", "least_squares"):
        assert list(values["notes"][name]) == wanted
    assert values["notes"]["variance of the noise"] == pytest.approx(0.04)


def test_contestants_have_as_many_parameters_within_three_percent() -> None:
    counts = {name: measure(name, "main", 1)["parameters"] for name in EXPERIMENT.contestants}
    assert counts == {"GCN + LSTM": 4513, "LSTM": 4385, "GCN": 4463}
    assert max(counts.values()) < 1.03 * min(counts.values())


def test_the_same_seed_measures_the_same() -> None:
    first, second = (measure("GCN + LSTM", "main") for _ in range(2))
    assert first["cases"] == second["cases"]
    assert first["curve"] == second["curve"]


def test_all_contestants_are_tested_on_the_same_signals() -> None:
    first, second = (signal.make_cases("main", 0) for _ in range(2))
    assert list(first) == ["16 nodes", "64 nodes"]
    for name, batches in first.items():
        for a, b in zip(batches, second[name], strict=True):
            assert torch.equal(a.positions, b.positions)
            assert a.matrix.nodes == 64


def test_least_squares_reach_what_each_view_can_tell() -> None:
    cases = {
        "x": Signals().sample(16, 60, torch.Generator().manual_seed(7), signals=4),
    }
    task = Signals()
    errors = {
        name: signal.errors(signal.fit_least_squares(task, name, 0), cases)["x"] or math.inf
        for name in EXPERIMENT.contestants
    }
    # The floor is 1 with a standard error of 0.7% here. Another way to the other two: the past
    # alone misses what neighbours do, the present alone the velocity, and no fit brings it back.
    assert abs(errors["GCN + LSTM"] - 1) < 0.03
    assert 4 < errors["LSTM"] < 5
    assert 9 < errors["GCN"] < 11


def test_a_contestant_that_reads_more_than_it_should_fails_its_check() -> None:
    def both(batch: SignalBatch) -> Tensor:
        return Signals().best_prediction(batch)

    for contestant, passed in (("GCN + LSTM", True), ("LSTM", False), ("GCN", False)):
        (check,) = signal.check_view(contestant, both, 0)
        assert check["passed"] == passed


@pytest.mark.slow
def test_past_and_neighbours_together_beat_each_alone() -> None:
    for seed in (0, 1):
        error = {
            name: EXPERIMENT.measure("main", name, seed, 80, id)["cases"][0]["value"]
            for name in EXPERIMENT.contestants
        }
        assert 3 * error["GCN + LSTM"] < error["LSTM"] < error["GCN"]
