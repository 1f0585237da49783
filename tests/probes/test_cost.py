import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from unroll.probes import cost
from unroll.probes.cost import PeakMemory, time_repeatedly

MIB = 2**20
TOLERANCE = 1.5
"""MiB: pages that the C library keeps for itself, and large pages of 2 MiB begun but not filled."""


PROGRAM = """
import json
import sys
import torch
from unroll.probes.cost import PeakMemory

def fill(mib):
    return torch.ones(mib * 2**20 // 4)

def one_after_the_other():
    for _ in range(4):
        fill(40)

def at_once():
    return [fill(40) for _ in range(4)]

memory = PeakMemory("cpu")
computations = [lambda: fill(8), lambda: fill(64), one_after_the_other, at_once, lambda: fill(16)]
json.dump([memory.measure(compute) for compute in computations], sys.stdout)
"""


@pytest.fixture(scope="module")
def measured() -> dict[str, float]:
    """What was measured, in MiB, in a process of its own: as the bench measures.

    In one that ran other tests before, a freed place may be taken in part by something small; the
    next block then does not fit, and the process really holds both.
    """
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    names = ("8", "64", "one after the other", "at once", "16 at last")
    return dict(zip(names, (found / MIB for found in json.loads(done.stdout)), strict=True))


@pytest.mark.parametrize("mib", [8, 64])
def test_a_known_allocation_is_what_is_measured(measured: dict[str, float], mib: int) -> None:
    assert abs(measured[str(mib)] - mib) < TOLERANCE


def test_it_is_the_peak_and_not_the_sum(measured: dict[str, float]) -> None:
    assert abs(measured["one after the other"] - 40) < TOLERANCE
    assert abs(measured["at once"] - 160) < TOLERANCE


def test_a_smaller_computation_after_a_larger_one_is_measured_by_itself(
    measured: dict[str, float],
) -> None:
    assert abs(measured["16 at last"] - 16) < TOLERANCE


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
