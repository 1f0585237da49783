"""How long a run will take, from made-up speeds."""

from dataclasses import replace

import pytest

from tests.study.running.test_trial import SETTINGS
from unroll.cells.source import find_cell
from unroll.study.running.estimate import LEAST_USES, OVERHEAD, STARTUP_SECONDS, estimate_seconds
from unroll.study.running.trial_job import TrialJob


@pytest.fixture(autouse=True)
def speed(monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setattr("unroll.study.running.estimate._matmul_flops_per_second", lambda: 1e9)
    return 1e9


def job(parameters: int) -> TrialJob:
    settings = replace(SETTINGS, cell="lstm", batch_size=32, max_steps=10**6, sequence_steps=32_000)
    return TrialJob(settings=settings, source=find_cell("lstm"), lengths=(), parameters=parameters)


def test_a_training_costs_six_operations_for_each_use_of_a_parameter(speed: float) -> None:
    large = 100_000
    seconds = 6 * large * 32_000 * OVERHEAD / speed
    assert estimate_seconds([job(large)], 1) == pytest.approx(STARTUP_SECONDS + seconds)


def test_steps_of_a_small_network_take_a_time_of_their_own(speed: float) -> None:
    # A thousand steps, whatever the network, and as long for 100 parameters as for 1,000.
    seconds = 6 * 1_000 * LEAST_USES * OVERHEAD / speed
    for parameters in (100, 1_000):
        assert estimate_seconds([job(parameters)], 1) == pytest.approx(STARTUP_SECONDS + seconds)
