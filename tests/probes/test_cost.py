import math
from pathlib import Path

import pytest
import torch

from unroll.probes import cost
from unroll.probes.cost import PeakMemory, time_repeatedly

MIB = 2**20
TOLERANCE = 1.5 * MIB
"""Pages that the C library keeps for itself, and large pages of 2 MiB begun but not filled."""


def fill(mib: int) -> torch.Tensor:
    return torch.ones(mib * MIB // 4)


@pytest.mark.parametrize("mib", [8, 64])
def test_a_known_allocation_is_what_is_measured(mib: int) -> None:
    memory = PeakMemory("cpu")
    assert abs(memory.measure(lambda: fill(mib)) - mib * MIB) < TOLERANCE


def test_it_is_the_peak_and_not_the_sum() -> None:
    # Above 32 MiB the C library maps each block by itself; of smaller ones a freed place may be
    # too narrow for the next, and then the process does hold both.
    def one_after_the_other() -> None:
        for _ in range(4):
            fill(40)

    def at_once() -> list[torch.Tensor]:
        return [fill(40) for _ in range(4)]

    memory = PeakMemory("cpu")
    assert abs(memory.measure(one_after_the_other) - 40 * MIB) < TOLERANCE
    assert abs(memory.measure(at_once) - 160 * MIB) < TOLERANCE


def test_a_smaller_computation_after_a_larger_one_is_measured_by_itself() -> None:
    memory = PeakMemory("cpu")
    memory.measure(lambda: fill(128))
    assert abs(memory.measure(lambda: fill(16)) - 16 * MIB) < TOLERANCE


def test_where_the_peak_cannot_be_forgotten_its_rise_is_counted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    levels = iter([100, 350, 90])
    monkeypatch.setattr(cost, "RESET", tmp_path / "missing")
    monkeypatch.setattr(cost, "_highest_level", lambda: next(levels))
    memory = PeakMemory("cpu")
    assert memory.measure(lambda: None) == 250
    assert memory.measure(lambda: None) == 0


@pytest.mark.parametrize(("enough", "times"), [(0.0, 3), (math.inf, 7)])
def test_a_computation_is_repeated_a_few_times(enough: float, times: int) -> None:
    calls: list[int] = []
    found = time_repeatedly(
        lambda: calls.append(1), device="cpu", fewest=3, most=7, enough_seconds=enough
    )
    assert len(calls) == len(found) == times
    assert all(timing.seconds >= 0 and timing.wall_seconds >= 0 for timing in found)
