"""The gradient study in this process: tiny networks, a real store."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from torch.nn import functional

from tests.study.undrawn import carry_out, count_calls
from unroll.cells.source import find_cell
from unroll.errors import ConfigError
from unroll.records import Store
from unroll.report.section import Prose, Table
from unroll.seeding import make_generator
from unroll.study.document import build_document
from unroll.study.execute import RunOptions
from unroll.study.gradients.plan import plan_gradients
from unroll.study.gradients.settings import DEFAULT_INITS, GradientSettings
from unroll.study.gradients.view import Probe, load_gradients
from unroll.study.run import run_command
from unroll.study.running.inline import InlineExecutor
from unroll.study.running.network import build_network
from unroll.study.views import Views
from unroll.tasks import make_task

TINY = GradientSettings(
    cells=("lstm",), inits=("uniform",), length=9, seeds=1, sequences=3, hidden_size=6
)
OWN = """
from typing import NamedTuple
import torch
from torch import nn

class State(NamedTuple):
    {part}: torch.Tensor

class Leaky(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.mix = nn.Parameter(torch.randn(input_size + hidden_size, hidden_size) * 0.1)

    def initial_state(self, batch_size):
        return State(self.mix.new_zeros(batch_size, self.hidden_size))

    def forward(self, x, state):
        before = state.{part}
        after = 0.5 * before + 0.5 * torch.tanh(torch.cat([x, before], 1) @ self.mix)
        return after, State(after)
"""


def write_own(directory: Path, part: str = "h") -> str:
    (directory / "own.py").write_text(OWN.format(part=part))
    return f"{directory}/own.py:Leaky"


def networks(settings: GradientSettings, out: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = carry_out(settings, out).summary["networks"]
    return found


def test_every_cell_initialisation_and_seed_is_one_network() -> None:
    settings = replace(TINY, cells=("rnn", "gru"), inits=("uniform", "identity:2"), seeds=3)
    jobs = plan_gradients(settings).measurements
    found = [(j.settings["cell"], j.settings["initialisation"], j.settings["seed"]) for j in jobs]
    assert found == [
        (cell, name, seed)
        for cell in ("rnn", "gru")
        for name in ("uniform", "identity:2")
        for seed in range(3)
    ]
    assert len({job.key for job in jobs}) == len(jobs)
    assert {job.settings["condition"] for job in jobs} == {"untrained"}


def test_by_default_a_cell_begins_in_every_way_that_it_has_gates_for() -> None:
    plan = plan_gradients(GradientSettings(cells=("rnn", "lstm", "gru"), seeds=1))
    found = Counter(job.settings["cell"] for job in plan.measurements)
    assert found == {"rnn": 6, "lstm": 8, "gru": 8}
    of_rnn = [j.settings["initialisation"] for j in plan.measurements if j.source is not None]
    assert tuple(of_rnn[:6]) == tuple(DEFAULT_INITS[:6])
    assert tuple(of_rnn[6:14]) == DEFAULT_INITS == tuple(of_rnn[14:])


@pytest.mark.parametrize("name", ["forget-bias:1", "chrono"])
def test_an_initialisation_that_a_cell_lacks_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError) as raised:
        carry_out(replace(TINY, cells=("lstm", "rnn"), inits=(name,)), tmp_path / "out")
    assert str(raised.value) == (
        f"initialisation '{name}' sets the gate that keeps the state, and RNN has none: choose "
        "another, or leave that cell out"
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"length": 2}, "length must be 3 digits or more, got 2"),
        ({"length": 10**10}, "length must be 1,000,000,000 digits or less, got 10000000000"),
        ({"sequences": 0}, "sequences must be in 1 … 10,000, got 0"),
        ({"sequences": 10_001}, "sequences must be in 1 … 10,000, got 10001"),
        ({"inits": ("uniform", "uniform")}, "inits: uniform is given twice"),
        ({"seeds": 0}, "seeds must be 1 or more, got 0"),
        ({"cells": ("rnn", "rnn")}, "cells: rnn is given twice"),
        ({"hidden_size": 0}, "hidden-size must be 1 or more, got 0"),
        ({"max_steps": 0}, "max-steps must be 1 or more, got 0"),
        ({"trained_at": (1,)}, "trained-at: a length must be 2 digits or more, got 1"),
        (
            {"trained_at": (10**10,)},
            "trained-at: a length must be 1,000,000,000 digits or less, got 10000000000",
        ),
        ({"trained_at": (9, 9)}, "trained-at: 9 is given twice"),
        (
            {"trained_at": (3,), "recipe": "learned"},
            "trained-at: recipe learned starts at T = 4, got 3: train at T = 4 or more, or choose "
            "--recipe assignment",
        ),
        (
            {"recipe": "assignment-tuned"},
            "recipe assignment-tuned tries several rates, and gradients are looked at in one "
            "network a seed: choose --recipe assignment",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        replace(TINY, **change)  # type: ignore[arg-type] # by design
    assert str(raised.value) == message


def test_the_command_names_what_is_not_the_default() -> None:
    assert GradientSettings().command("runs") == "unroll gradients --out runs"
    settings = replace(TINY, trained_at=(9, 10), max_steps=5, recipe="learned")
    assert replace(settings, checkpoint=Path("w.safetensors")).command("a b") == (
        "unroll gradients --cells lstm --length 9 --inits uniform --trained-at 9 10 "
        "--checkpoint w.safetensors --seeds 1 --sequences 3 --recipe learned --max-steps 5 "
        "--hidden-size 6 --out 'a b'"
    )


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_closed_form_and_steps_agree_with_automatic_differentiation(
    tmp_path: Path, cell: str
) -> None:
    settings = replace(TINY, cells=(cell,), inits=("uniform", "orthogonal"), seeds=2)
    summary = carry_out(settings, tmp_path).summary
    # Sums of a few dozen roundings of 2e-16, of gradients around 1.
    assert 0 <= summary["max_abs_difference"] < 1e-10
    assert 0 <= summary["steps_difference"] < 1e-10
    assert max(n["largest_gradient"] for n in summary["networks"]) > 1e-3


def test_what_arrives_is_what_a_loop_by_hand_finds(tmp_path: Path) -> None:
    (network,) = networks(TINY, tmp_path)
    assert sorted(network["by_time"]) == ["c", "h"]
    assert {len(norms) for norms in network["by_time"].values()} == {TINY.length - 1}
    task = make_task("palindrome", TINY.length, "scalar")
    model = build_network(
        find_cell("lstm"), task=task, initialisation="uniform", hidden_size=6, seed=0
    ).double()
    generator = make_generator(0, f"probe palindrome {TINY.length}")
    batch = task.encode(task.sample(TINY.sequences, "evaluation", generator))
    cell: Any = model.cell
    state, states = cell.initial_state(TINY.sequences), []
    for x in batch.inputs.double().unbind(1):
        _, state = cell(x, state)
        for part in state:
            part.retain_grad()
        states.append(state)
    scores = state.h @ model.weight_p.T + model.bias_p
    # A sum over sequences: each keeps the gradient of its own loss.
    functional.cross_entropy(scores, batch.targets[:, 0], reduction="sum").backward()  # type: ignore[no-untyped-call]
    for part in ("h", "c"):
        wanted = [float(getattr(s, part).grad.norm(dim=1).mean()) for s in states]
        assert network["by_time"][part] == pytest.approx(wanted, rel=1e-9)
    mean = functional.cross_entropy(scores, batch.targets[:, 0]).item()
    assert network["loss_nats"] == pytest.approx(mean, rel=1e-12)


def test_each_parameter_has_one_term_a_step(tmp_path: Path) -> None:
    (network,) = networks(replace(TINY, cells=("rnn",)), tmp_path)
    assert sorted(network["per_step"]) == ["cell.bias", "cell.weight_h", "cell.weight_x"]
    assert {len(terms) for terms in network["per_step"].values()} == {TINY.length - 1}
    # h(0) = 0 stands behind the first term of W_hh.
    assert network["per_step"]["cell.weight_h"][0] == 0.0
    assert min(network["per_step"]["cell.weight_h"][1:]) > 0
    jacobian = network["jacobian"]
    assert len(jacobian["log10_norms"]) == TINY.length - 1
    assert jacobian["log10_norms"][-1] == pytest.approx(0, abs=1e-12)


def test_a_cell_of_the_users_begins_its_own_way_and_has_no_closed_form(tmp_path: Path) -> None:
    spec = write_own(tmp_path)
    summary = carry_out(replace(TINY, cells=(spec,), inits=(), seeds=2), tmp_path / "out").summary
    assert summary["max_abs_difference"] is None
    assert 0 <= summary["steps_difference"] < 1e-10
    assert [n["initialisation"] for n in summary["networks"]] == ["own", "own"]
    assert [n["max_abs_difference"] for n in summary["networks"]] == [None, None]
    assert [n["jacobian"] for n in summary["networks"]] == [None, None]
    assert [len(n["by_time"]["h"]) for n in summary["networks"]] == [8, 8]


def test_a_state_may_have_any_name(tmp_path: Path) -> None:
    spec = write_own(tmp_path, part="trace")
    result = carry_out(replace(TINY, cells=(spec,), inits=()), tmp_path / "out")
    assert len(result.summary["networks"][0]["by_time"]["trace"]) == 8
    with Store.read(tmp_path / "out") as store:
        assert build_document(Views.load(store)).sections


def test_a_gradient_that_is_not_finite_is_a_failure_of_one_line(tmp_path: Path) -> None:
    spec = write_own(tmp_path)
    text = (tmp_path / "own.py").read_text()
    # √|0·h| has a value, 0, and no gradient: 0 · ∞.
    text = text.replace("        return after", "        after = after + (0 * after).abs().sqrt()\n"
                        "        return after")  # fmt: skip
    (tmp_path / "own.py").write_text(text)
    result = carry_out(replace(TINY, cells=(spec,), inits=()), tmp_path / "out")
    assert result.summary["failures"] == [f"{spec}: its gradient is not finite"]
    assert not result.succeeded


def test_trials_are_those_of_the_memory_study(tmp_path: Path) -> None:
    settings = replace(TINY, trained_at=(9,), max_steps=2)
    assert plan_gradients(settings).trials[0].key
    assert count_calls(settings.training(), tmp_path) == 1
    # The trial is there already: two looks are all that is left.
    assert count_calls(settings, tmp_path) == 2
    untrained, trained = networks(settings, tmp_path)
    assert (untrained["trained_at"], untrained["accuracy"]) == (None, None)
    assert trained["trained_at"] == 9
    assert 0 <= trained["accuracy"] <= 1


def test_the_summary_is_json(tmp_path: Path) -> None:
    settings = replace(TINY, cells=("rnn", "lstm"), trained_at=(9,), max_steps=2)
    result = carry_out(settings, tmp_path)
    read = json.loads(json.dumps(result.summary, allow_nan=False))
    assert read["command"] == "gradients"
    assert read["max_abs_difference"] < 1e-10
    assert len(read["networks"]) == 4
    for network in read["networks"]:
        assert {"per_step", "by_time", "seed", "condition", "accuracy"} <= set(network)
    assert result.text.splitlines()[:2] == [
        "Gradient arriving at the first of 9 digits, and its factor a step back;",
        "median over seeds (least–greatest)",
    ]
    said = [line for line in result.text.splitlines() if str(tmp_path) not in line]
    assert all(len(line) <= 80 for line in said if "differ" not in line)


def test_what_underflows_is_zero_and_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Saturated units multiply by about 0.1 a step: nothing of 330 steps is left in float64.
    monkeypatch.setenv("COLUMNS", "120")
    settings = replace(
        TINY, cells=("rnn",), inits=("identity:2.5",), length=400, sequences=1, hidden_size=4
    )
    result = carry_out(settings, tmp_path)
    (network,) = result.summary["networks"]
    assert network["by_time"]["h"][0] == 0.0
    assert network["by_time"]["h"][-1] > 0
    assert json.dumps(result.summary, allow_nan=False)
    (row,) = (line for line in result.text.splitlines() if "identity:2.5" in line)
    assert "0 (underflow)" in row
    with Store.read(tmp_path) as store:
        document = build_document(Views.load(store))
    section = next(section for section in document.sections if section.number == "1.7")
    (table,) = (block for block in section.blocks if isinstance(block, Table))
    assert table.rows[0][2] == "0 (underflow)"
    measured = next(b for b in section.blocks if isinstance(b, Prose) and b.role == "measured")
    assert "(0: it underflowed)" in measured.text


def test_a_store_of_gradients_alone_has_a_report(tmp_path: Path) -> None:
    options = RunOptions(out=tmp_path, workers=1, quiet=True)
    result = run_command(replace(TINY, cells=("rnn",)), options, InlineExecutor())
    page = (tmp_path / "report.html").read_text()
    assert result.summary["report"] == str(tmp_path / "report.html")
    for told in ("The gradients, by hand", "How much gradient arrives"):
        assert told in page


def test_a_prediction_beyond_the_largest_number_does_not_lose_the_report(tmp_path: Path) -> None:
    # 3^698 is no number any more.
    settings = replace(
        TINY, cells=("rnn",), inits=("orthogonal:3",), length=700, sequences=1, hidden_size=4
    )
    carry_out(settings, tmp_path)
    with Store.read(tmp_path) as store:
        build_document(Views.load(store))


def test_where_every_look_fails_the_reasons_are_told(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        OWN.format(part="h").replace(
            "        before", "        if len(x) == 7: raise RuntimeError('seven')\n        before"
        )
    )
    settings = replace(TINY, cells=(f"{tmp_path}/own.py:Leaky",), inits=(), sequences=7)
    options = RunOptions(out=tmp_path / "out", workers=1, quiet=True)
    result = run_command(settings, options, InlineExecutor())
    assert not result.succeeded
    assert "RuntimeError: seven" in result.text


def test_a_cell_edited_takes_the_place_of_what_it_was(tmp_path: Path) -> None:
    spec = write_own(tmp_path)
    settings = replace(TINY, cells=(spec,), inits=())
    carry_out(settings, tmp_path / "out")
    (tmp_path / "own.py").write_text(OWN.format(part="h").replace("* 0.1", "* 0.3"))
    carry_out(settings, tmp_path / "out")
    assert len(probes_of(tmp_path / "out")) == 1


def test_budgets_are_told_apart(tmp_path: Path) -> None:
    for steps in (1, 2):
        carry_out(replace(TINY, trained_at=(9,), max_steps=steps), tmp_path)
    with Store.read(tmp_path) as store:
        views = load_gradients(store)
    assert [view.protocol["max_steps"] for view in views] == [2, 1]
    assert [len(view.probes) for view in views] == [2, 2]


def test_a_cell_is_one_however_it_is_spelt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = write_own(tmp_path)
    monkeypatch.chdir(tmp_path)
    settings = replace(TINY, inits=())
    with pytest.raises(ConfigError) as raised:
        plan_gradients(replace(settings, cells=(spec, "own.py:Leaky")))
    assert str(raised.value) == f"cells: {spec} and own.py:Leaky are the same cell"
    assert count_calls(replace(settings, cells=(spec,)), tmp_path / "out") == 1
    assert count_calls(replace(settings, cells=("own.py:Leaky",)), tmp_path / "out") == 0
    assert [probe.cell for probe in probes_of(tmp_path / "out")] == [spec]


def test_an_edit_taken_back_shows_what_was_there_first(tmp_path: Path) -> None:
    spec = write_own(tmp_path)
    settings = replace(TINY, cells=(spec,), inits=())
    first = networks(settings, tmp_path / "out")
    (tmp_path / "own.py").write_text(OWN.format(part="h").replace("* 0.1", "* 0.3"))
    assert networks(settings, tmp_path / "out") != first
    write_own(tmp_path)
    assert networks(settings, tmp_path / "out") == first


def test_what_reads_from_both_ends_has_no_way_back() -> None:
    with pytest.raises(ConfigError) as raised:
        plan_gradients(GradientSettings(cells=("rnn", "bidirectional:rnn")))
    assert str(raised.value) == (
        "cell 'bidirectional:rnn': gradients are followed from the last step back to the first, "
        "and a bidirectional network reads both ways; leave it out"
    )


def test_inits_are_read_even_where_no_cell_takes_them(tmp_path: Path) -> None:
    settings = replace(TINY, cells=(write_own(tmp_path),))
    with pytest.raises(ConfigError, match="unknown initialisation 'bogus'"):
        plan_gradients(replace(settings, inits=("bogus",)))
    said = plan_gradients(settings).intention
    assert said[1] == f"  {settings.cells[0]}: initialised by its own constructor"
    assert len(plan_gradients(TINY).intention) == 1


def probes_of(out: Path) -> tuple[Probe, ...]:
    with Store.read(out) as store:
        (view,) = load_gradients(store)
    return view.probes
