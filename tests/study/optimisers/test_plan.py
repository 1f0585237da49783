"""The comparison of optimisers in this process: a tiny cell, real training, a real store."""

import math
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from unroll.errors import ConfigError
from unroll.probes import Ravine, descend
from unroll.records import Store
from unroll.study.optimisers import plan as optimisers
from unroll.study.optimisers.plan import plan_optimisers
from unroll.study.optimisers.sentences import NAMES
from unroll.study.optimisers.settings import GRIDS, OptimiserSettings
from unroll.study.optimisers.view import OptimiserView, load_optimisers
from unroll.study.running.inline import InlineExecutor
from unroll.study.running.measurement import run_measurement
from unroll.study.running.plan import describe_request, missing_jobs
from unroll.study.running.runner import run_jobs
from unroll.training.optimisers import OPTIMISERS

TINY = OptimiserSettings(
    length=3, seeds=2, rates=(0.01, 0.1), max_steps=120, batch_size=16, hidden_size=8
)


class Silent:
    """Follows a run and tells nothing."""

    def stepped(self, key: str, step: int) -> None: ...

    def finished(self, *told: object) -> None: ...

    def measured(self, *told: object) -> None: ...

    def tick(self) -> None: ...


@pytest.fixture(autouse=True)
def few_descents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimisers, "DESCENT_RATES", (0.01, 0.0316))
    monkeypatch.setattr(optimisers, "DESCENT_STEPS", 30)


def run(settings: OptimiserSettings, out: Path) -> tuple[OptimiserView, int]:
    """Return what is told afterwards, and how many jobs had to be sent to the executor."""
    executor = InlineExecutor()
    plan = plan_optimisers(settings)
    with Store.create(out) as store:
        store.add_request(describe_request(plan, out))
        jobs = missing_jobs([plan], store)
        run_jobs(jobs, store=store, executor=executor, watcher=Silent())
        return load_optimisers(store)[0], executor.calls


def test_every_optimiser_rate_and_seed_is_one_trial() -> None:
    plan = plan_optimisers(OptimiserSettings())
    rates = sum(len(grid) for grid in GRIDS.values())
    assert len(plan.trials) == len(set(plan.keys)) == 3 * rates
    assert [job.label for job in plan.measurements] == [
        "ravine along the axes",
        "ravine turned by 45°",
    ]
    assert plan.intention == (
        "optimisers: sgd, momentum, rmsprop and adam on rnn at T = 5; 21 rates in all, 3 seeds "
        "each; recipe assignment, 600 steps a trial",
    )
    for optimiser, grid in GRIDS.items():
        mine = {t.settings.rate for t in plan.trials if t.settings.optimiser == optimiser}
        assert mine == set(grid)


def test_rates_that_are_given_are_tried_by_all() -> None:
    plan = plan_optimisers(replace(TINY, optimisers=("adam", "sgd")))
    found = [(t.settings.optimiser, t.settings.rate, t.settings.seed) for t in plan.trials]
    assert found == [
        (name, rate, seed) for name in ("adam", "sgd") for rate in (0.01, 0.1) for seed in (0, 1)
    ]


def test_the_grids_are_those_of_the_optimisers_that_there_are() -> None:
    assert tuple(GRIDS) == OPTIMISERS
    assert tuple(NAMES) == OPTIMISERS
    assert all(list(grid) == sorted(grid) for grid in GRIDS.values())
    assert GRIDS["sgd"] == pytest.approx([10 * rate for rate in GRIDS["momentum"]], rel=1e-12)


def test_the_recipe_gives_all_but_optimiser_rate_stop_and_curriculum() -> None:
    trial = plan_optimisers(OptimiserSettings(recipe="learned", optimisers=("sgd",))).trials[0]
    settings = trial.settings
    assert (settings.encoding, settings.clip_norm) == ("one-hot", 1.0)
    assert settings.initialisation == "identity:1"
    assert (settings.curriculum, settings.stop_loss_nats) == (None, 0.0)


def test_a_tiny_comparison_is_trained_recorded_and_told(tmp_path: Path) -> None:
    view, calls = run(TINY, tmp_path)
    assert calls == 4 * 2 * 2 + 2
    assert view.optimisers == OPTIMISERS
    assert view.missing == 0
    assert {trial.record.steps for trial in view.trials} == {120}
    assert all(math.isfinite(view.median_loss(name, 0.01)) for name in OPTIMISERS)
    # The same seed begins with the same weights whatever trains them; another seed does not.
    starts = view.starts()
    assert [len(points) for points in starts.values()] == [8, 8]
    assert [len(set(points)) for points in starts.values()] == [1, 1]
    assert starts[0][0] != starts[1][0]
    assert [(walk.optimiser, walk.angle_degrees) for walk in view.walks] == [
        (name, angle) for angle in (0.0, 45.0) for name in OPTIMISERS
    ]


def test_the_same_batches_are_read_whatever_the_optimiser(tmp_path: Path) -> None:
    # With a rate this small no weight moves, so that equal losses can only be equal batches.
    view, _ = run(replace(TINY, rates=(1e-30,), seeds=1), tmp_path)
    curves = {trial.training for trial in view.trials}
    assert len(view.trials) == 4
    assert len(curves) == 1


def test_the_same_command_again_runs_nothing_and_says_the_same(tmp_path: Path) -> None:
    first, _ = run(TINY, tmp_path)
    second, calls = run(TINY, tmp_path)
    assert calls == 0
    assert second == first


def test_what_is_added_is_all_that_runs(tmp_path: Path) -> None:
    run(TINY, tmp_path)
    view, calls = run(replace(TINY, rates=(0.01, 0.03, 0.1)), tmp_path)
    assert calls == 4 * 2
    assert view.rates("sgd") == (0.01, 0.03, 0.1)
    # The second command asks for all that the first does.
    (command,) = view.commands
    assert "--rates 0.01 0.03 0.1" in command


def test_two_lengths_are_two_views_the_newest_in_front(tmp_path: Path) -> None:
    small = replace(TINY, optimisers=("adam",), rates=(0.1,), seeds=1)
    run(small, tmp_path)
    run(replace(small, length=4), tmp_path)
    with Store.read(tmp_path) as store:
        assert [view.protocol["length"] for view in load_optimisers(store)] == [4, 3]


def test_a_ravine_keeps_the_best_path_as_far_as_the_goal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimisers, "DESCENT_STEPS", 120)
    job = plan_optimisers(replace(TINY, optimisers=("sgd", "momentum"))).measurements[0]
    values = run_measurement(job).values
    assert values is not None
    sgd, momentum = values["walks"]
    expected = descend(Ravine(), "sgd", 0.0316, steps=120)
    assert (sgd["rate"], sgd["steps_to_goal"]) == (0.0316, expected.steps_to_goal)
    assert sgd["equal_steps_to_goal"] == expected.steps_to_goal
    assert len(sgd["points"]) == len(sgd["losses"]) == sgd["steps_to_goal"] + 1
    assert sgd["points"][0] == [-10.0, 1.0]
    assert sgd["losses"][-1] <= 1e-3 * sgd["losses"][0] < sgd["losses"][-2]
    assert momentum["steps_to_goal"] < sgd["steps_to_goal"]


def test_a_descent_that_never_arrives_keeps_its_whole_path() -> None:
    job = plan_optimisers(replace(TINY, optimisers=("rmsprop",))).measurements[0]
    values = run_measurement(job).values
    assert values is not None
    (walk,) = values["walks"]
    assert walk["steps_to_goal"] is None
    assert len(walk["points"]) == 31


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (OptimiserSettings(), ""),
        (
            OptimiserSettings(optimisers=("adam", "sgd"), rates=(1e-5, 0.1), max_steps=90),
            "--optimisers adam sgd --rates 1e-05 0.1 --max-steps 90",
        ),
        (
            OptimiserSettings(cell="lstm", length=10, seeds=1, batch_size=8, hidden_size=4),
            "--cell lstm --length 10 --seeds 1 --batch-size 8 --hidden-size 4",
        ),
    ],
)
def test_the_command_has_only_what_is_not_the_default(
    settings: OptimiserSettings, words: str
) -> None:
    command = ["unroll", "optimisers", *shlex.split(words), "--out", "a b"]
    assert settings.command("a b") == shlex.join(command)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"optimisers": ("addam",)},
            "unknown optimiser 'addam': expected one of adam, momentum, rmsprop, sgd "
            "(nearest: adam)",
        ),
        ({"optimisers": ()}, "optimisers must name at least one, such as adam"),
        ({"optimisers": ("sgd", "sgd")}, "optimisers: sgd is given twice"),
        ({"rates": (0.1, 0.1)}, "rates: 0.1 is given twice"),
        ({"rates": (0.0,)}, "rates: a rate must be a number above 0, got 0.0"),
        ({"rates": (-1.0,)}, "rates: a rate must be a number above 0, got -1.0"),
        ({"rates": (math.nan,)}, "rates: a rate must be a number above 0, got nan"),
        ({"rates": (1e31,)}, "rates: a rate must be at most 1e+30, got 1e+31"),
        ({"rates": (math.inf,)}, "rates: a rate must be at most 1e+30, got inf"),
        ({"length": 1}, "length must be 2 digits or more, got 1"),
        ({"length": 10**10}, "length must be 1,000,000,000 digits or less, got 10000000000"),
        ({"seeds": 0}, "seeds must be 1 or more, got 0"),
        ({"max_steps": 0}, "max-steps must be 1 or more, got 0"),
        ({"hidden_size": 10**6}, "hidden-size must be at most 10,000, got 1000000"),
        ({"batch_size": 0}, "batch-size must be 1 or more, got 0"),
        (
            {"recipe": "asignment"},
            "unknown recipe 'asignment': expected one of assignment, assignment-tuned, latch, "
            "learned, learned-scalar (nearest: assignment)",
        ),
        (
            {"recipe": "assignment-tuned"},
            "recipe assignment-tuned differs from assignment in its rates alone, and here every "
            "optimiser has its own: choose --recipe assignment",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        replace(TINY, **change)  # type: ignore[arg-type] # by design
    assert str(raised.value) == message


def test_an_unknown_cell_is_refused_before_anything_is_written() -> None:
    with pytest.raises(ConfigError) as raised:
        plan_optimisers(replace(TINY, cell="rnnn"))
    assert str(raised.value) == (
        "unknown cell 'rnnn': expected one of FILE.py:CLASS, MODULE:CLASS, bidirectional:CELL, "
        "gru, linear, lstm, min-gru, min-lstm, peephole, rnn (nearest: rnn)"
    )
