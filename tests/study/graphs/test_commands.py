"""Each command of part 3 whole, in small: measured, recorded, told."""

import json
from pathlib import Path
from typing import Any

import pytest

from unroll.study.execute import RunOptions
from unroll.study.graphs.settings import (
    ClassifySettings,
    CompareSettings,
    DepthSettings,
    HopSettings,
)
from unroll.study.questions import StudySettings
from unroll.study.result import Result
from unroll.study.run import run_command
from unroll.study.running.inline import InlineExecutor


def run(settings: StudySettings, folder: Path) -> Result:
    options = RunOptions(out=folder / "out", workers=1, quiet=True)
    result = run_command(settings, options, InlineExecutor())
    assert result.succeeded
    assert max(map(len, result.text.partition("\n\nreport:")[0].splitlines())) <= 80
    summary: dict[str, Any] = json.loads(json.dumps(result.summary))
    assert summary["missing"] == 0
    assert summary["problems"] == []
    return result


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("model", ["gcn", "gat"])
def test_classify_tells_fractions_by_seed(model: str, tmp_path: Path) -> None:
    result = run(ClassifySettings(model=model, seeds=2, epochs=3), tmp_path)
    accuracy = result.summary["accuracy"]
    assert len(accuracy["per_seed"]) == 2
    assert all(0 <= value <= 1 for value in accuracy["per_seed"])
    assert accuracy["mean"] == pytest.approx(sum(accuracy["per_seed"]) / 2)
    assert "% of 32 test nodes right\nmean ± standard deviation of 2 seeds, " in result.text


def test_what_is_recorded_is_not_measured_again(tmp_path: Path) -> None:
    settings = ClassifySettings(seeds=2, epochs=2)
    run(settings, tmp_path)
    again = InlineExecutor()
    run_command(settings, RunOptions(out=tmp_path / "out", workers=1, quiet=True), again)
    assert again.calls == 0


def test_the_horizon_is_told_in_hops(tmp_path: Path) -> None:
    settings = HopSettings(shapes=("path",), models=("gcn",), distances=(1, 2), seeds=2, steps=5)
    told = run(settings, tmp_path).summary["networks"]
    assert [(one["shape"], one["model"], one["residual"]) for one in told] == [
        ("path", "gcn", "plain"),
        ("path", "gcn", "residual"),
    ]
    for one in told:
        assert one["horizon"]["unit"] == "hops"
        assert len(one["horizon"]["per_seed"]) == 2
        assert [at["distance"] for at in one["distances"]] == [1, 2]


def test_depth_stands_beside_pure_smoothing(tmp_path: Path) -> None:
    told = run(DepthSettings(depths=(1, 2), seeds=1, epochs=2), tmp_path).summary["depths"]
    assert {one["variant"] for one in told} == {"plain", "residual", "smoothing"}
    assert {one["depth"] for one in told} == {1, 2}


@pytest.mark.parametrize("name", ["distance", "before", "palindrome", "images"])
def test_experiments_on_sequence_or_graph(name: str, tmp_path: Path) -> None:
    check_experiment(name, tmp_path)


@pytest.mark.parametrize("name", ["signal", "expressions"])
def test_experiments_on_both_in_one(name: str, tmp_path: Path) -> None:
    check_experiment(name, tmp_path)


def check_experiment(name: str, folder: Path) -> None:
    result = run(CompareSettings(experiment=name, seeds=1, steps=2), folder)
    contestants = result.summary["contestants"]
    assert len(contestants) > 1
    for variant in {name for one in contestants.values() for name in one["parameters"]}:
        known = [one["parameters"] for one in contestants.values()]
        counts = [parameters[variant] for parameters in known if variant in parameters]
        assert max(counts) <= 1.05 * min(counts)
    assert all(len(values) == 1 for one in contestants.values() for values in one["cases"].values())
