"""The bench in this process: tiny cells, real training, a real store, round after round."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest

from tests.study.memory.test_plan import CELL
from tests.study.undrawn import carry_out
from unroll.errors import ConfigError
from unroll.records import Store
from unroll.study.bench.plan import plan_bench
from unroll.study.bench.settings import TUNING_SEED, BenchSettings
from unroll.study.running.inline import InlineExecutor
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.trial_job import TrialJob

P = ParamSpec("P")
R = TypeVar("R")

TINY = BenchSettings(
    cells=("rnn",),
    tasks=("palindrome",),
    seeds=2,
    hidden_size=4,
    rates=(1e-2, 1e-3),
    budget=12_800,
    longest=9,
)
FIRST_ROUND = 3
"""Calls for a training at each rate and for the size of the cell."""
FAILS = CELL.replace(
    "        h = 0.5", "        assert len(x) != 32, 'no batch of 32'\n        h = 0.5"
)


class Stopped(InlineExecutor):
    """Is interrupted at the call that follows so many."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self.most = calls

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        if self.calls == self.most:
            raise KeyboardInterrupt
        return super().submit(fn, *args, **kwargs)


def numbers(summary: dict[str, Any]) -> dict[str, Any]:
    """Return the cards without what the clock says."""
    cards = {}
    for cell, card in summary["cards"].items():
        tasks = {
            task: [
                {name: value for name, value in trial.items() if name != "seconds"}
                for trial in (*told["tuning"], *told["trials"])
            ]
            for task, told in card["tasks"].items()
        }
        cards[cell] = (card["hidden_size"], card["parameters"], card["state"], tasks)
    return cards


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], int]:
    out = tmp_path_factory.mktemp("bench") / "out"
    executor = InlineExecutor()
    summary = carry_out(TINY, out, executor).summary
    return out, summary, executor.calls


def test_a_rate_is_tried_once_each_and_the_best_with_every_seed(
    undisturbed: tuple[Path, dict[str, Any], int],
) -> None:
    out, summary, _ = undisturbed
    told = summary["cards"]["rnn"]["tasks"]["palindrome"]
    assert [(t["rate"], t["seed"]) for t in told["tuning"]] == [
        (1e-3, TUNING_SEED),
        (1e-2, TUNING_SEED),
    ]
    assert not told["rate_at_edge"]
    assert [(t["rate"], t["seed"]) for t in told["trials"]] == [
        (told["rate"], 0),
        (told["rate"], 1),
    ]
    best = max(told["tuning"], key=lambda t: (t["trained_to"], t["rate"] == told["rate"]))
    assert best["rate"] == told["rate"]
    with Store.read(out) as store:
        (request,) = store.requests()
        assert len(request.trials) == 4
        for key in request.trials:
            trial = store.find_trial(key)
            assert trial is not None
            (step, length), *_ = trial.lessons
            assert (step, length) == (1, 4)
            assert 32 * 4 * trial.steps <= TINY.budget


def test_the_same_command_again_runs_nothing(
    undisturbed: tuple[Path, dict[str, Any], int],
) -> None:
    out, summary, _ = undisturbed
    executor = InlineExecutor()
    again = carry_out(TINY, out, executor).summary
    assert executor.calls == 0
    assert again["cards"] == summary["cards"]
    assert again["missing"] == 0


def test_a_bench_interrupted_in_its_second_round_goes_on_there(
    tmp_path: Path,
    undisturbed: tuple[Path, dict[str, Any], int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, summary, calls = undisturbed
    with pytest.raises(KeyboardInterrupt):
        carry_out(TINY, tmp_path, Stopped(FIRST_ROUND + 1), quiet=False)
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"interrupted: 2 of 4 trials and 1 of 1 measurement are recorded in {tmp_path}; run the "
        "same command again to go on"
    )
    executor = InlineExecutor()
    again = carry_out(TINY, tmp_path, executor).summary
    with Store.read(tmp_path) as store:
        assert len(store.requests()) == 1
    assert numbers(again) == numbers(summary)
    # What the second round had sent and not recorded is done again, and nothing else.
    assert executor.calls == calls - FIRST_ROUND


def test_a_cell_that_fails_does_not_cost_the_others(
    tmp_path: Path, undisturbed: tuple[Path, dict[str, Any], int]
) -> None:
    (tmp_path / "own.py").write_text(FAILS)
    spec = f"{tmp_path}/own.py:Leaky"
    result = carry_out(replace(TINY, cells=("rnn", spec), seeds=1, rates=(1e-2,)), tmp_path / "out")
    assert result.succeeded
    told = result.summary["cards"][spec]["tasks"]["palindrome"]
    assert told["problems"] == ["AssertionError: no batch of 32"]
    assert (told["rate"], told["trials"]) == (None, [])
    assert "Leaky, palindrome: failed: AssertionError: no batch of 32" in result.text.splitlines()
    mine, undisturbed_mine = (
        [t for t in s["cards"]["rnn"]["tasks"]["palindrome"]["tuning"] if t["rate"] == 1e-2]
        for s in (result.summary, undisturbed[1])
    )
    assert [t["lessons"] for t in mine] == [t["lessons"] for t in undisturbed_mine]


def test_a_training_that_takes_long_has_three_seeds_and_nothing_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Longer than none at all is long.
    monkeypatch.setattr("unroll.study.bench.rounds.SLOW_SECONDS", 0.0)
    summary = carry_out(replace(TINY, seeds=5, rates=(1e-2,)), tmp_path).summary
    told = summary["cards"]["rnn"]["tasks"]["palindrome"]
    assert [trial["seed"] for trial in told["trials"]] == [0, 1, 2]
    assert summary["missing"] == 0


def test_a_cell_that_is_nan_diverges_at_every_rate_and_the_card_says_so(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(CELL.replace("h = 0.5", "h = float('nan') * x.sum() + 0.5"))
    spec = f"{tmp_path}/own.py:Leaky"
    result = carry_out(replace(TINY, cells=(spec,)), tmp_path / "out")
    told = result.summary["cards"][spec]["tasks"]["palindrome"]
    assert {t["status"] for t in (*told["tuning"], *told["trials"])} == {"diverged"}
    assert told["learned"]["by_seed"] == {"0": None, "1": None}
    lines = result.text.splitlines()
    assert "Leaky, palindrome: training diverged in 2 trials" in lines
    assert "Palindrome: no cell learns the shortest length tested." in lines


def test_time_is_foreseen_for_what_the_cell_really_holds() -> None:
    # A minGRU as large as an LSTM in parameters has 14 times the units, and no weight between
    # them: its readout weighs more, and that is all.
    settings = replace(TINY, cells=("lstm", "min-gru"), tasks=("bits", "cost"), hidden_size=64)
    work = {
        (job.kind, job.settings["cell"]): job.work
        for job in plan_bench(settings).measurements
        if "cell" in job.settings
    }
    assert 0.5 < work["bench-bits", "min-gru"] / work["bench-bits", "lstm"] < 6
    later = [job for job in plan_bench(settings).later if isinstance(job, MeasurementJob)]
    assert all(job.work > 0 for job in later)
    assert {job.kind for job in later} == {"bench-bits", "bench-cost"}


def test_later_rounds_are_counted_from_the_start(tmp_path: Path) -> None:
    settings = replace(TINY, cells=("lstm", "peephole"), tasks=("palindrome", "gradient", "cost"))
    plan = plan_bench(settings)
    trainings = [job for job in plan.later if isinstance(job, TrialJob) and job.weights is None]
    tests = [job for job in plan.later if isinstance(job, TrialJob) and job.weights is not None]
    measured = Counter(job.kind for job in plan.later if isinstance(job, MeasurementJob))
    assert (len(trainings), len(tests)) == (4, 4)
    assert {job.lengths for job in tests} == {(5, 7)}
    # A look at each trained network; both cells' cost, and the LSTM's by the loop of the other.
    assert measured == {"bench-gradient": 4, "bench-cost": 3}
    with Store.create(tmp_path) as store:
        assert plan.grow is not None
        assert len(plan.grow(plan, store).later) == len(plan.later)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"budget": 12_799},
            "budget must be 12,800 sequence-steps or more, a hundred steps on 32 sequences of "
            "T = 4, got 12,799",
        ),
        ({"longest": 3}, "longest must be 4 or more for palindrome, got 3"),
        (
            {"cells": ("lstm", "bidirectional:lstm"), "tasks": ("palindrome-half",)},
            "palindrome-half: a bidirectional network reads the digits it is to predict; leave "
            "out one of them",
        ),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_written(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    out = tmp_path / "out"
    with pytest.raises(ConfigError) as raised:
        carry_out(replace(TINY, **change), out)
    assert str(raised.value) == message
    assert not out.exists()
