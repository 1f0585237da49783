"""The gradient over time of a cell whose gradient is known: h' = a·h + W x."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.study.running.test_trial import SETTINGS
from unroll.cells.source import CellSource, find_cell
from unroll.study.bench.gradient import gradient_jobs, measure_gradient, why_no_gradient
from unroll.study.bench.gradient_view import read_gradient
from unroll.study.running.checkpoint import pack_weights
from unroll.study.running.measurement import run_measurement
from unroll.study.running.network import build_network
from unroll.study.running.trial_job import TrialJob
from unroll.tasks import make_task

CELL = """
from typing import NamedTuple
import torch
from torch import nn

class State(NamedTuple):
    m: torch.Tensor

class Halving(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.enter = nn.Linear(input_size, hidden_size)
        self.kept = nn.Parameter(torch.tensor(0.5))

    def initial_state(self, batch_size):
        return State(self.enter.bias.new_zeros(batch_size, self.enter.out_features))

    def forward(self, x, state):
        m = self.kept * state.m + self.enter(x)
        return m, State(m)
"""


@pytest.fixture
def source(tmp_path: Path) -> CellSource:
    path = tmp_path / "halving.py"
    path.write_text(CELL)
    return find_cell(f"{path}:Halving")


def test_a_cell_that_halves_its_state_halves_its_gradient(source: CellSource) -> None:
    T = 20
    (job,) = gradient_jobs(source, 6, (0,), length=T, sequences=4)
    values = measure_gradient(job)
    # T − 1 digits are read; from the last of them to the first are T − 2 steps.
    assert len(values["by_time"]["m"]) == T - 1
    assert values["factor"] == {"m": pytest.approx(0.5)}
    assert values["share"] == {"m": pytest.approx(0.5 ** (T - 2))}


def test_a_cell_that_breaks_in_float64_is_left_out_before_anything_is_measured(
    tmp_path: Path,
) -> None:
    path = tmp_path / "single.py"
    path.write_text(
        CELL.replace("self.enter(x)", "self.enter(x) @ torch.eye(len(self.enter.bias))")
    )
    spec = f"{path}:Halving"
    assert gradient_jobs(find_cell(spec), 6, (0,)) == ()
    reason = why_no_gradient(find_cell(spec))
    assert reason.startswith("it is measured in float64, and there a step fails: RuntimeError: ")
    assert reason.endswith(f"; `unroll check {spec}` says more")


def test_a_trained_network_is_looked_at_with_its_weights(source: CellSource) -> None:
    settings = replace(
        SETTINGS,
        cell=source.spec,
        cell_class=source.class_name,
        cell_sha256=source.sha256,
        encoding="one-hot",
        initialisation="own",
        length=12,
        hidden_size=6,
        seed=3,
    )
    trial = TrialJob(settings=settings, source=source, lengths=(12,), parameters=1)
    untrained, trained = gradient_jobs(source, 6, (0,), length=8, sequences=4, trials=(trial,))
    assert (untrained.needs, trained.needs) == (None, trial.key)
    model = build_network(
        source,
        task=make_task("palindrome", 12, "one-hot"),
        initialisation="own",
        hidden_size=6,
        seed=3,
    )
    weights = model.state_dict() | {"cell.kept": torch.tensor(0.9)}
    data = pack_weights(settings, {"best": weights})
    records = [run_measurement(job) for job in (untrained, replace(trained, weights=data))]
    (found,) = read_gradient(records)
    assert found.factor() == pytest.approx(0.5)
    assert found.factor(trained=True) == pytest.approx(0.9)
    assert found.share(trained=True) == pytest.approx(0.9**6)
    assert [look.trained_at for look in (*found.untrained, *found.trained)] == [None, 12]
    assert found.trained[0].seed == 3


def test_a_gradient_that_is_not_finite_is_told_of(source: CellSource) -> None:
    jobs = gradient_jobs(source, 4, (0, 1), length=5, sequences=2)
    model = build_network(
        source,
        task=make_task("palindrome", 5, "one-hot"),
        initialisation="own",
        hidden_size=4,
        seed=0,
    )
    weights = model.state_dict() | {"cell.kept": torch.tensor(float("nan"))}
    data = pack_weights(SETTINGS, {"best": weights})
    (found,) = read_gradient([run_measurement(replace(job, weights=data)) for job in jobs])
    assert found.failures == ("untrained: its gradient is not finite",)
    assert (found.untrained, found.factor(), found.share()) == ((), None, None)


def test_a_cell_that_reads_from_both_ends_is_left_out_with_a_reason() -> None:
    source = find_cell("bidirectional:rnn")
    assert gradient_jobs(source, 4, (0,)) == ()
    assert why_no_gradient(source) == (
        "bidirectional:rnn reads from both ends: every step is the first of one half and near the "
        "loss in the other, so that no one norm tells how far back the gradient goes"
    )
    assert why_no_gradient(find_cell("rnn")) == ""


def test_every_seed_is_another_network() -> None:
    jobs = gradient_jobs(find_cell("gru"), 4, range(3))
    assert len({job.key for job in jobs}) == 3
    assert jobs[2].label == "gradient of gru at T = 100, untrained, seed 2"
