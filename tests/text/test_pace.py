from pathlib import Path

from unroll.text.pace import Pace


class Clock:
    """A clock that moves when somebody sleeps."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_requests_are_two_seconds_apart(tmp_path: Path) -> None:
    clock = Clock()
    pace = Pace(tmp_path, 2.0, clock, clock.sleep)
    pace.wait()
    assert clock.slept == []
    clock.now += 0.5
    pace.wait()
    assert clock.slept == [1.5]
    clock.now += 2.0
    pace.wait()
    assert clock.slept == [1.5]


def test_another_process_keeps_the_pace(tmp_path: Path) -> None:
    clock = Clock()
    Pace(tmp_path, 2.0, clock, clock.sleep).wait()
    Pace(tmp_path, 2.0, clock, clock.sleep).wait()
    assert clock.slept == [2.0]


def test_a_longer_wait_that_is_asked_for_is_kept(tmp_path: Path) -> None:
    clock = Clock()
    pace = Pace(tmp_path, 2.0, clock, clock.sleep)
    pace.wait(8.0)
    pace.wait(1.0)
    pace.wait(16.0)
    assert clock.slept == [8.0, 2.0, 16.0]


def test_a_clock_that_was_set_back_holds_nobody_up(tmp_path: Path) -> None:
    clock = Clock()
    pace = Pace(tmp_path, 2.0, clock, clock.sleep)
    pace.wait()
    clock.now -= 86_400
    pace.wait()
    assert clock.slept == [2.0]
