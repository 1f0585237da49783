"""Looks at gates in this process: tiny networks, real training, a real store."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from unroll.errors import ConfigError
from unroll.records import Store
from unroll.study.execute import RunOptions, execute
from unroll.study.gates.plan import answers_silenced, explained_share, measure_gates, plan_gates
from unroll.study.gates.settings import GateSettings
from unroll.study.gates.summary import gates_overview, overview_notes, summarise_gates
from unroll.study.gates.view import GateView, load_gates
from unroll.study.memory.plan import plan_memory
from unroll.study.running.checkpoint import unpack_weights
from unroll.study.running.inline import InlineExecutor
from unroll.study.running.network import build_model
from unroll.tasks import make_task

TINY = GateSettings(length=9, max_steps=20, batch_size=16, hidden_size=6)


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no report, which takes seconds, and which nothing here looks at."""
    monkeypatch.setattr(
        "unroll.study.execute.write_document", lambda store: store.directory / "report.html"
    )


def run(settings: GateSettings, out: Path) -> tuple[GateView, int]:
    """Return what came out, and how many jobs had to be sent to the executor."""
    executor = InlineExecutor()
    # The memory study shares all trials: it adds none of its own.
    plans = [plan_memory(settings.as_memory()), plan_gates(settings)]
    execute(plans, RunOptions(out=out, workers=1, quiet=True), executor)
    with Store.read(out) as store:
        return load_gates(store)[0], executor.calls


def test_each_network_is_looked_into_before_and_after_training(tmp_path: Path) -> None:
    view, calls = run(replace(TINY, cells=("lstm", "gru"), seeds=2), tmp_path)
    assert calls == 4 + 4 + 1
    found = [(look.settings.cell, look.settings.seed) for look in view.looks]
    assert found == [("lstm", 0), ("lstm", 1), ("gru", 0), ("gru", 1)]
    assert (view.problems, view.missing) == ((), 0)
    lstm, gru = view.of_cell("lstm")[0], view.of_cell("gru")[0]
    assert (sorted(lstm.maps), sorted(gru.maps)) == (sorted("ifogc"), sorted("rznh"))
    assert (lstm.count, lstm.held_out, lstm.distance) == (500, True, 7)
    for look in (lstm, gru):
        assert look.palindrome == look.palindrome[::-1]
        assert len(look.palindrome) == 9
        assert {(len(rows), len(rows[0])) for rows in look.maps.values()} == {(6, 8)}
        for network in (look.before, look.after):
            assert 0 <= network.accuracy <= 1
            assert {len(gate["mean"]) for gate in network.gates.values()} == {8}
            assert len(network.time_constants) == len(network.kept) == 6
        assert look.before != look.after


def test_the_same_command_again_runs_nothing_and_says_the_same(tmp_path: Path) -> None:
    first, calls = run(TINY, tmp_path)
    assert calls == 3
    second, calls = run(TINY, tmp_path)
    assert calls == 0
    assert second == first


def test_trials_are_those_of_the_memory_study(tmp_path: Path) -> None:
    plan = plan_gates(TINY)
    assert plan.keys == plan_memory(TINY.as_memory()).keys
    options = RunOptions(out=tmp_path, workers=1, quiet=True)
    execute([plan_memory(TINY.as_memory())], options, InlineExecutor())
    assert run(TINY, tmp_path)[1] == 2


def test_a_palindrome_of_the_users_own_is_drawn_without_training_again(tmp_path: Path) -> None:
    before, _ = run(TINY, tmp_path)
    after, calls = run(replace(TINY, digits="314151413"), tmp_path)
    assert calls == 1
    assert after.looks[0].palindrome == (3, 1, 4, 1, 5, 1, 4, 1, 3)
    assert after.looks[0].after == before.looks[0].after
    assert after.looks[0].maps != before.looks[0].maps
    with Store.read(tmp_path) as store:
        assert [view.protocol["digits"] for view in load_gates(store)] == ["314151413", None]


def test_further_cells_join_the_view_of_their_protocol(tmp_path: Path) -> None:
    run(TINY, tmp_path)
    view, _ = run(replace(TINY, cells=("gru",)), tmp_path)
    assert view.cells == ("lstm", "gru")
    assert len(view.parameters) == 60


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_what_is_recorded_is_what_the_trained_network_does(tmp_path: Path, cell: str) -> None:
    view, _ = run(replace(TINY, cells=(cell,)), tmp_path)
    (look,) = view.looks
    (trial,) = plan_gates(replace(TINY, cells=(cell,))).trials
    model = build_model(trial.settings, trial.source)
    with Store.read(tmp_path) as store:
        record = store.find_trial(trial.key)
        assert record is not None
        model.load_state_dict(unpack_weights(store.load_weights(record), "best"))
    inputs = make_task("palindrome", 9, "scalar").encode(torch.tensor([look.palindrome])).inputs
    assert look.answer == int(model(inputs)[0, -1].argmax())
    keep = torch.tensor(look.maps["f" if cell == "lstm" else "z"])
    assert ((keep >= 0) & (keep <= 1)).all()
    memory = torch.tensor(look.maps["c" if cell == "lstm" else "h"])
    if cell == "lstm":
        written = torch.tensor(look.maps["i"]) * torch.tensor(look.maps["g"])
    else:
        written = (1 - keep) * torch.tensor(look.maps["n"])
    # Every number is rounded to 3 digits: two products and a sum of numbers below 9.
    wanted = keep[:, 1:] * memory[:, :-1] + written[:, 1:]
    assert (memory[:, 1:] - wanted).abs().max() < 0.01


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_what_is_silenced_is_taken_away(cell: str) -> None:
    (trial,) = plan_gates(replace(TINY, cells=(cell,), hidden_size=16)).trials
    model = build_model(trial.settings, trial.source)
    inputs = torch.randn(40, 8, 1, generator=torch.Generator().manual_seed(0))
    scores = model(inputs)[:, -1]
    for silent in ("written", "kept"):
        # From a step after the last on, nothing is taken away.
        assert torch.equal(answers_silenced(model, inputs, silent, 9), scores.argmax(-1))
    # With nothing written from step 1 on, the state stays 0, and the bias alone answers.
    bias_says = int(model.bias_p.argmax())
    assert answers_silenced(model, inputs, "written", 1).tolist() == [bias_says] * 40
    # With nothing kept from step 1 on, only what h carries into the gates is left of the past:
    # on a single step nothing is.
    one = inputs[:, :1]
    kept_away = answers_silenced(model, one, "kept", 1)
    assert torch.equal(kept_away, model(one)[:, -1].argmax(-1))


def test_the_shortest_palindromes_are_not_held_out(tmp_path: Path) -> None:
    (look,) = run(replace(TINY, length=3), tmp_path)[0].looks
    assert (look.count, look.held_out, look.distance) == (100, False, 1)
    assert [(one["silent"], one["from"]) for one in look.after.silencings] == [
        ("written", 2),
        ("kept", 2),
    ]


def test_share_explained_by_classes() -> None:
    classes = torch.tensor([0, 0, 7, 7])
    values = torch.tensor([[1.0, 1.0, 3.0, 0.0], [1.0, 2.0, 3.0, 1.0], [5.0, 1.0, 3.0, 2.0]])
    columns = torch.cat([values, torch.tensor([[5.0, 2.0, 3.0, 3.0]])])
    # Last column: means 0.5 and 2.5 around 1.5 give 4 of a total of 2.25 + 0.25 + 0.25 + 2.25 = 5.
    assert explained_share(columns, classes).tolist() == pytest.approx([1, 0, 0, 0.8])


def test_a_trial_that_fails_leaves_a_problem_and_no_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_named: object) -> None:
        raise RuntimeError("out of\norder")

    monkeypatch.setattr("unroll.study.running.worker.fit", broken)
    view, _ = run(TINY, tmp_path)
    assert view.looks == ()
    assert [(p.label, p.error) for p in view.problems] == [
        ("LSTM, seed 0", "RuntimeError: out of order")
    ]
    assert len(view.parameters) == 60


def test_a_look_without_weights_says_so() -> None:
    job = plan_gates(TINY).measurements[0]
    with pytest.raises(ValueError, match="the weights of its trial are needed"):
        measure_gates(job)


def test_the_summary_can_be_read_in_80_columns_and_as_json(tmp_path: Path) -> None:
    view, _ = run(TINY, tmp_path)
    summary = summarise_gates(view)
    assert (summary["parameters"]["checked"], summary["parameters"]["equal"]) == (60, 60)
    (network,) = summary["networks"]
    assert (network["cell"], network["length"], network["evaluated"]) == ("lstm", 9, 500)
    assert len(network["trained"]["time_constant_steps"]) == 6
    assert len(gates_overview(view).rows) == 6
    above, below = overview_notes(view)
    assert all(len(line) <= 80 for line in (above, *below.splitlines()))
    assert below.endswith("parameter formula right for 60 of 60 models")


def test_the_command_names_what_is_not_the_default() -> None:
    assert GateSettings().command("runs") == "unroll gates --out runs"
    assert replace(TINY, cells=("lstm", "gru"), digits="314151413").command("a b") == (
        "unroll gates --cells lstm gru --length 9 --max-steps 20 --batch-size 16 --hidden-size 6 "
        "--digits 314151413 --out 'a b'"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cells": ()}, "cells must name at least one cell: lstm or gru"),
        ({"cells": ("rnn",)}, "cells: 'rnn' has no gates that are known here: choose lstm or gru"),
        ({"cells": ("gru", "gru")}, "cells: gru is given twice"),
        ({"length": 2}, "length must be 3 to 100 digits for gates to be drawn, got 2"),
        ({"length": 101}, "length must be 3 to 100 digits for gates to be drawn, got 101"),
        ({"seeds": 0}, "seeds must be 1 or more, got 0"),
        ({"max_steps": 0}, "max-steps must be 1 or more, got 0"),
        (
            {"recipe": "assignment-tuned"},
            "recipe assignment-tuned tries several rates, and gates are drawn of one network: "
            "choose --recipe assignment",
        ),
        (
            {"recipe": "learnd"},
            "unknown recipe 'learnd': expected one of assignment, assignment-tuned, latch, "
            "learned, learned-scalar (nearest: learned)",
        ),
        ({"digits": "3141 413"}, "digits must be digits 0–9 and nothing else, got '3141 413'"),
        ({"digits": ""}, "digits must be digits 0–9 and nothing else, got ''"),
        ({"digits": "٣"}, "digits must be digits 0–9 and nothing else, got '٣'"),
        (
            {"digits": "31415"},
            "digits must be a palindrome, the same from both ends, got '31415'; '314151413' is one",
        ),
        (
            {"digits": "3141413"},
            "digits must be as many as the palindromes trained on have, T = 9, got 7: choose "
            "--length 7, or another palindrome",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        replace(TINY, **change)  # type: ignore[arg-type] # by design
    assert str(raised.value) == message
