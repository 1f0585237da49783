"""The memory study in this process: tiny cells, real training, a real store."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.study.undrawn import carry_out
from unroll.errors import CellError, ConfigError, StoreError
from unroll.records import Store
from unroll.study.execute import RunOptions
from unroll.study.memory.settings import MemorySettings
from unroll.study.memory.view import load_views
from unroll.study.run import run_command
from unroll.study.running.inline import InlineExecutor

TINY = MemorySettings(
    cells=("rnn",), lengths=(3, 9), seeds=2, max_steps=40, batch_size=16, hidden_size=8
)

CELL = """
from typing import NamedTuple
import torch
from torch import nn

class State(NamedTuple):
    h: torch.Tensor

class Leaky(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.mix = nn.Parameter(torch.randn(input_size + hidden_size, hidden_size) * 0.1)

    def initial_state(self, batch_size):
        return State(self.mix.new_zeros(batch_size, self.hidden_size))

    def forward(self, x, state):
        h = 0.5 * state.h + 0.5 * torch.tanh(torch.cat([x, state.h], 1) @ self.mix)
        return h, State(h)
"""


def run(settings: MemorySettings, out: Path) -> tuple[dict[str, object], int]:
    """Return the summary, and how many trials had to be sent to the executor."""
    executor = InlineExecutor()
    summary = carry_out(settings, out, executor).summary
    return summary, executor.calls


def numbers(summary: dict[str, object]) -> list[dict[str, object]]:
    """Return the trials without what the clock says."""
    trials = summary["trials"]
    assert isinstance(trials, list)
    return [{k: v for k, v in t.items() if not k.endswith("seconds")} for t in trials]


def test_every_cell_length_and_seed_is_one_trial(tmp_path: Path) -> None:
    summary, calls = run(TINY, tmp_path)
    assert calls == 4
    found = [(t["cell"], t["length"], t["seed"]) for t in numbers(summary)]
    assert found == [("rnn", 3, 0), ("rnn", 3, 1), ("rnn", 9, 0), ("rnn", 9, 1)]
    first, last = numbers(summary)[0], numbers(summary)[-1]
    assert (first["held_out"], first["evaluated"]) == (False, 100)
    assert (last["held_out"], last["evaluated"]) == (True, 10_000)
    assert first["steps"] == 40
    assert first["parameters"] == 8 * (1 + 8 + 1) + 10 * (8 + 1)
    assert first["engine"] == "closed-form"


def test_the_same_command_again_runs_nothing_and_says_the_same(tmp_path: Path) -> None:
    first, _ = run(TINY, tmp_path)
    second, calls = run(TINY, tmp_path)
    assert calls == 0
    assert second["trials"] == first["trials"]


def test_the_same_seed_gives_the_same_numbers_in_another_directory(tmp_path: Path) -> None:
    first, _ = run(TINY, tmp_path / "a")
    second, calls = run(TINY, tmp_path / "b")
    assert calls == 4
    assert numbers(second) == numbers(first)


def test_what_is_added_is_all_that_runs(tmp_path: Path) -> None:
    run(TINY, tmp_path)
    assert run(replace(TINY, lengths=(3, 9, 10)), tmp_path)[1] == 2
    assert run(replace(TINY, lengths=(3, 9, 10), seeds=3), tmp_path)[1] == 3
    assert run(replace(TINY, cells=("rnn", "gru")), tmp_path)[1] == 4


def test_another_test_length_is_evaluated_without_training(tmp_path: Path) -> None:
    before, _ = run(TINY, tmp_path)
    after, calls = run(replace(TINY, test_lengths=(4, 11)), tmp_path)
    assert calls == 4
    for old, new in zip(numbers(before), numbers(after), strict=True):
        assert (new["accuracy"], new["steps"]) == (old["accuracy"], old["steps"])
        tested = new["tested"]
        assert isinstance(tested, list)
        assert [t["length"] for t in tested] == sorted({new["length"], 4, 11})  # type: ignore[type-var]
    assert run(replace(TINY, test_lengths=(4, 11)), tmp_path)[1] == 0
    together, _ = run(replace(TINY, test_lengths=(4, 11)), tmp_path / "at-once")
    assert numbers(together) == numbers(after)


def test_the_best_rate_is_chosen_on_validation(tmp_path: Path) -> None:
    settings = replace(TINY, recipe="assignment-tuned", lengths=(3,), max_steps=120)
    summary, calls = run(settings, tmp_path)
    assert calls == 4 * 2
    search = summary["rate_search"]
    assert isinstance(search, list)
    assert len(search) == 8
    means = {
        rate: sum(c["validation_accuracy"] for c in search if c["rate"] == rate) / 2
        for rate in (1e-3, 7e-4, 4e-4, 1e-4)
    }
    chosen = {t["rate"] for t in numbers(summary)}
    assert len(chosen) == 1
    assert means[chosen.pop()] == max(means.values())  # type: ignore[index]


def test_a_cell_of_the_users_runs_and_is_trained_anew_when_edited(tmp_path: Path) -> None:
    file = tmp_path / "cells.py"
    file.write_text(CELL)
    spec = f"{file}:Leaky"
    settings = replace(TINY, cells=("rnn", spec), lengths=(9,))
    summary, calls = run(settings, tmp_path / "out")
    assert calls == 4
    theirs = [t for t in numbers(summary) if t["cell"] == spec]
    assert [t["engine"] for t in theirs] == ["plain", "plain"]
    assert [t["initialisation"] for t in theirs] == ["own", "own"]
    assert theirs[0]["parameters"] == 9 * 8 + 10 * (8 + 1)
    file.write_text(CELL.replace("0.5 * state.h + 0.5", "0.9 * state.h + 0.1"))
    edited, calls = run(settings, tmp_path / "out")
    assert calls == 2
    assert [t["cell"] for t in numbers(edited)] == ["rnn", "rnn", spec, spec]
    assert numbers(edited)[-1]["loss_nats"] != theirs[-1]["loss_nats"]


def test_a_cell_that_breaks_in_the_middle_fails_its_trials_alone(tmp_path: Path) -> None:
    file = tmp_path / "cells.py"
    broken = "\n        if len(x) == 16: raise RuntimeError('sixteen\\nis too many')"
    file.write_text(
        CELL.replace("def forward(self, x, state):", f"def forward(self, x, state):{broken}")
    )
    settings = replace(TINY, cells=("rnn", f"{file}:Leaky"), lengths=(9,), seeds=1)
    summary, _ = run(settings, tmp_path / "out")
    mine, theirs = numbers(summary)
    assert mine["status"] == "budget"
    assert (theirs["status"], theirs["error"]) == ("failed", "RuntimeError: sixteen is too many")
    assert (theirs["accuracy"], theirs["solved"]) == (None, False)
    assert summary["horizon"][f"{file}:Leaky"]["per_seed"] == [None]  # type: ignore[index]


def test_a_cell_that_breaks_at_another_length_keeps_its_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cells.py"
    # A leaky count of steps: beyond 20 the cell gives up.
    broken = """
        self.steps = self.steps + 1 if state.h.abs().sum() else 1
        if self.steps > 20: raise RuntimeError('too far')"""
    code = CELL.replace(
        "self.hidden_size = hidden_size", "self.hidden_size = hidden_size; self.steps = 0"
    )
    file.write_text(
        code.replace("def forward(self, x, state):", f"def forward(self, x, state):{broken}")
    )
    settings = replace(TINY, cells=(f"{file}:Leaky",), lengths=(9,), seeds=1, test_lengths=(40,))
    for told in ("accuracy", "test at T = 40 failed"):
        (trial,) = carry_out(settings, tmp_path / "out", quiet=False).summary["trials"]
        assert trial["status"] == "budget"
        assert [tested["length"] for tested in trial["tested"]] == [9]
        errors = capsys.readouterr().err
        assert told in errors
        assert "test at T = 40 failed: RuntimeError: too far" in errors


def test_a_cell_edited_back_is_the_cell_that_is_told_of(tmp_path: Path) -> None:
    file = tmp_path / "cells.py"
    spec = f"{file}:Leaky"
    settings = replace(TINY, cells=(spec,), lengths=(9,), seeds=1)
    other = CELL.replace("0.5 * state.h + 0.5", "0.9 * state.h + 0.1")
    hashes = []
    for code, lengths in ((CELL, (9,)), (other, (9,)), (CELL, (9, 10))):
        file.write_text(code)
        run(replace(settings, lengths=lengths), tmp_path / "out")
        with Store.read(tmp_path / "out") as store:
            (view,) = load_views(store)
        hashes.append({trial.settings.cell_sha256 for trial in view.trials})
    assert len(hashes[0] | hashes[1]) == 2
    assert hashes[2] == hashes[0]


def test_one_cell_is_one_column_however_it_is_spelt(tmp_path: Path) -> None:
    (tmp_path / "cells.py").write_text(CELL)
    settings = replace(TINY, cells=(f"{tmp_path}/cells.py:Leaky",), lengths=(9,), seeds=1)
    run(settings, tmp_path / "out")
    again = f"{tmp_path}/../{tmp_path.name}/cells.py:Leaky"
    run(replace(settings, cells=(again,), seeds=2), tmp_path / "out")
    with Store.read(tmp_path / "out") as store:
        (view,) = load_views(store)
    assert len(view.cells) == 1
    assert [trial.settings.seed for trial in view.chosen] == [0, 1]


def test_a_cell_that_cannot_be_built_at_its_real_size_is_refused(tmp_path: Path) -> None:
    limit = "super().__init__()\n        if hidden_size > 8: raise ValueError('too wide')"
    (tmp_path / "cells.py").write_text(CELL.replace("super().__init__()", limit))
    spec = f"{tmp_path}/cells.py:Leaky"
    with pytest.raises(CellError) as raised:
        run(replace(TINY, cells=(spec,), hidden_size=16), tmp_path / "out")
    assert str(raised.value) == (
        f"cell '{spec}': cannot be built with input_size=1, hidden_size=16; it raised "
        "ValueError: too wide"
    )
    assert not (tmp_path / "out").exists()


def test_missing_weights_are_trained_again(tmp_path: Path) -> None:
    settings = replace(TINY, lengths=(9,), seeds=1)
    before, _ = run(settings, tmp_path)
    (file,) = (tmp_path / "weights").iterdir()
    file.unlink()
    after, calls = run(settings, tmp_path)
    assert calls == 1
    assert numbers(after) == numbers(before)
    assert file.exists()


def test_the_report_tells_of_the_task_that_was_run(tmp_path: Path) -> None:
    settings = replace(TINY, task="palindrome-half", lengths=(9,), seeds=1)
    run_command(settings, RunOptions(out=tmp_path, workers=1, quiet=True), InlineExecutor())
    page = (tmp_path / "report.html").read_text()
    assert "has to say each digit of the second half" in page
    assert "has to say the last" not in page
    assert "chosen for this run, the recipe has 128" in page


def test_a_rate_that_explodes_is_recorded_as_diverged(tmp_path: Path) -> None:
    summary, _ = run(replace(TINY, cells=("rnn",), lengths=(9,), seeds=1, rate=1e30), tmp_path)
    (trial,) = numbers(summary)
    assert trial["status"] == "diverged"
    assert trial["steps"] < 40  # type: ignore[operator]
    assert trial["accuracy"] is not None


def test_the_harder_task_asks_for_the_second_half(tmp_path: Path) -> None:
    summary, _ = run(replace(TINY, task="palindrome-half", lengths=(9,)), tmp_path)
    assert len(numbers(summary)) == 2
    with Store.read(tmp_path) as store:
        assert store.requests()[0].settings["task"] == "palindrome-half"


@pytest.mark.parametrize("engine", ["plain", "torch", "closed-form"])
def test_the_engine_asked_for_is_the_engine_used(tmp_path: Path, engine: str) -> None:
    summary, _ = run(replace(TINY, lengths=(9,), seeds=1, engine=engine), tmp_path)
    assert numbers(summary)[0]["engine"] == engine


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"cells": ("lstmm",)},
            ConfigError,
            "unknown cell 'lstmm': expected one of FILE.py:CLASS, MODULE:CLASS, "
            "bidirectional:CELL, gru, linear, lstm, min-gru, min-lstm, peephole, rnn "
            "(nearest: lstm)",
        ),
        (
            {"cells": ("bidirectional:lstm",), "hidden_size": 7},
            ConfigError,
            "bidirectional: hidden-size must be even, one half for each direction, got 7",
        ),
        (
            {"cells": ("rnn", "bidirectional:rnn"), "task": "palindrome-half"},
            ConfigError,
            "palindrome-half: a bidirectional network reads the digits it is to predict; leave out "
            "one of them",
        ),
        (
            {"cells": ("bidirectional:rnn",), "init": "forget-bias:1"},
            ConfigError,
            "initialisation 'forget-bias:1' sets the gate that keeps the state, and RNN has none: "
            "choose another, or leave that cell out",
        ),
        ({"cells": ("no.py:Cell",)}, CellError, "cell 'no.py:Cell': there is no file no.py"),
        (
            {"task": "palindrom"},
            ConfigError,
            "unknown task 'palindrom': expected one of palindrome, palindrome-half "
            "(nearest: palindrome)",
        ),
        (
            {"init": ""},
            ConfigError,
            "unknown initialisation '': expected one of chrono, forget-bias, identity, "
            "latch, orthogonal, thresholds, uniform, xavier",
        ),
        (
            {"init": "forget-bias:1"},
            ConfigError,
            "initialisation 'forget-bias:1' sets the gate that keeps the state, and RNN has none: "
            "choose another, or leave that cell out",
        ),
        (
            {"device": "cuda"},
            ConfigError,
            "device cuda: PyTorch sees no CUDA device here; use --device cpu",
        ),
    ],
)
def test_a_mistake_is_told_before_anything_is_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, object],
    error: type[Exception],
    message: str,
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(error) as raised:
        run(replace(TINY, **change), tmp_path / "out")  # type: ignore[arg-type] # by design
    assert str(raised.value) == message
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cells": ()}, "cells must name at least one cell, such as rnn"),
        ({"lengths": ()}, "lengths must name at least one length, such as 5"),
        ({"lengths": (5, 1)}, "lengths: a length must be 2 digits or more, got 1"),
        ({"test_lengths": (0,)}, "test-lengths: a length must be 2 digits or more, got 0"),
        ({"lengths": (5, 5)}, "lengths: 5 is given twice"),
        ({"cells": ("rnn", "rnn")}, "cells: rnn is given twice"),
        ({"seeds": 0}, "seeds must be 1 or more, got 0"),
        ({"seeds": -2}, "seeds must be 1 or more, got -2"),
        ({"batch_size": 0}, "batch-size must be 1 or more, got 0"),
        ({"max_steps": -1}, "max-steps must be 1 or more, got -1"),
        ({"hidden_size": 0}, "hidden-size must be 1 or more, got 0"),
        ({"rate": 0.0}, "rate must be a number above 0, got 0.0"),
        ({"rate": 1e300}, "rate must be at most 1e+30, got 1e+300"),
        ({"seeds": 10**6}, "seeds must be at most 10,000, got 1000000"),
        (
            {"lengths": (10**10,)},
            "lengths: a length must be 1,000,000,000 digits or less, got 10000000000",
        ),
        (
            {"rate": 1e-2, "recipe": "assignment-tuned"},
            "recipe assignment-tuned tries rates of its own: leave --rate out, or choose "
            "--recipe assignment",
        ),
        ({"rate": float("nan")}, "rate must be a number above 0, got nan"),
        (
            {"recipe": "asignment"},
            "unknown recipe 'asignment': expected one of assignment, assignment-tuned, "
            "latch, learned, learned-scalar (nearest: assignment)",
        ),
        (
            {"engine": "torsch"},
            "unknown engine 'torsch': expected one of auto, closed-form, parallel, plain, torch "
            "(nearest: torch)",
        ),
        ({"device": "tpu"}, "unknown device 'tpu': expected one of cpu, cuda (nearest: cpu)"),
    ],
)
def test_settings_that_cannot_be_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        replace(TINY, **change)  # type: ignore[arg-type] # by design
    assert str(raised.value) == message


def test_a_trial_that_two_recipes_share_runs_once(tmp_path: Path) -> None:
    tuned = replace(TINY, recipe="assignment-tuned", lengths=(9,), seeds=1)
    run(replace(TINY, lengths=(9,), seeds=1), tmp_path)
    assert run(tuned, tmp_path)[1] == 3


def test_one_cell_in_two_spellings_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cells.py").write_text(CELL)
    one, two = f"{tmp_path}/cells.py:Leaky", f"{tmp_path}/../{tmp_path.name}/cells.py:Leaky"
    with pytest.raises(ConfigError) as raised:
        run(replace(TINY, cells=(one, two)), tmp_path / "out")
    assert str(raised.value) == f"cells: {one} and {two} are the same cell"


def test_damaged_weights_are_named_and_left(tmp_path: Path) -> None:
    run(replace(TINY, lengths=(9,), seeds=1), tmp_path)
    (file,) = (tmp_path / "weights").iterdir()
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(StoreError, match="damaged") as raised:
        run(replace(TINY, lengths=(9,), seeds=1, test_lengths=(11,)), tmp_path)
    assert str(file) in str(raised.value)
    assert file.read_bytes() == bytes(data)


def test_a_cell_that_latch_cannot_set_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cells.py").write_text(CELL)
    for cell, name in ((f"{tmp_path}/cells.py:Leaky", "Leaky"), ("linear", "linear")):
        with pytest.raises(ConfigError) as raised:
            run(replace(TINY, cells=("rnn", cell), recipe="latch"), tmp_path / "out")
        assert str(raised.value) == (
            f"recipe latch sets the weights of rnn, lstm and peephole, and {name} keeps its own: "
            "choose another recipe, or leave that cell out"
        )
    assert not (tmp_path / "out").exists()
