from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from tests.training.characters.cases import TINY, tiny_book
from unroll.text import Extent, encode_book, split_text
from unroll.training.characters.calibration import Calibration, calibrate
from unroll.training.characters.looks import plan_looks


@pytest.mark.parametrize("minutes", [0.001, 0.1, 5.0])
def test_steps_and_looks_take_the_time_that_there_is(minutes: float) -> None:
    calibration = Calibration(step_seconds=0.01, read_seconds=1e-6)
    recipe, tuning = replace(TINY, batch_size=8, window=48), Extent(0, 53_000)
    steps = calibration.steps_in(minutes, recipe, tuning)
    looks = plan_looks(recipe, steps, tuning)
    taken = 0.01 * steps + 1e-6 * looks.extent.characters * len(looks.steps)
    # A step more or less, and one look: their number jumps.
    assert taken == pytest.approx(60 * minutes, abs=0.02 + 0.053)


def test_there_is_at_least_one_step() -> None:
    calibration = Calibration(step_seconds=10.0, read_seconds=1.0)
    assert calibration.steps_in(0.01, TINY, Extent(0, 50_000)) == 1


def test_what_is_timed_is_the_median_step(tmp_path: Path) -> None:
    corpus = encode_book(tiny_book(), tmp_path / "corpus")
    splits = split_text(len(corpus.ids), TINY.window)
    ticks = count()
    timed = calibrate(TINY, corpus, splits, 1e-6, "float32", clock=lambda: float(next(ticks)))
    read = splits.tuning.characters - 1
    assert timed.as_dict() == {"step_seconds": 1.0, "read_seconds": 1 / read}
