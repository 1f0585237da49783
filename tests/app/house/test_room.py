"""What there is, as a page is told."""

import json
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.app.conftest import ADDRESS
from unroll.app.application import make_application
from unroll.app.playground import Playground
from unroll.app.settings import AppSettings


def test_tells_the_runs_and_which_to_begin_with(client: TestClient) -> None:
    told = client.get("/api/runs").json()

    runs = {run["cell"]: run for run in told["runs"]}
    assert runs.keys() == {"lstm", "gru"}
    bits = runs["lstm"].pop("bits_per_char")
    assert 0 < bits < 5
    assert told["default"] == runs["lstm"].pop("id")
    assert runs["lstm"] == {
        "title": "fable · LSTM 2 × 24",
        "book": "fable",
        "cell": "lstm",
        "layers": 2,
        "hidden_size": 24,
        "steps": 120,
        "stages": [0, 1, 3, 10, 30, 100, 120],
        "state": "finished",
        "problem": None,
    }


def test_tells_the_networks_and_which_to_begin_with(client: TestClient) -> None:
    told = client.get("/api/networks").json()

    networks = {network["cell"]: network for network in told["networks"]}
    assert told["default"] in {network["id"] for network in told["networks"]}
    del networks["rnn"]["id"], networks["rnn"]["accuracy"]
    assert networks["rnn"] == {
        "title": "RNN, T = 5, uniform start",
        "cell": "rnn",
        "recipe": "other",
        "trained_length": 5,
        "encoding": "scalar",
        "hidden_size": 8,
    }


def test_trains_nothing_that_nobody_asked_for(client: TestClient) -> None:
    assert client.get("/api/training").json() == {"trainings": []}


def test_where_there_is_nothing_says_so(tmp_path: Path) -> None:
    playground = Playground(settings=AppSettings(runs=(tmp_path / "none",), out=tmp_path / "app"))
    with TestClient(make_application(playground), base_url=ADDRESS) as client:
        assert client.get("/api/runs").json() == {"runs": [], "default": None}
        assert client.get("/api/networks").json() == {"networks": [], "default": None}


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("result.json", "validation", {"bits_per_char": float("nan")}),
        ("run.json", "book", {"name": "half a character: \ud800"}),
        ("run.json", "book", {"name": "</script><script>alert(1)</script>"}),
        ("run.json", "recipe", {"cell": "/home/somebody/secret.py:Cell"}),
    ],
)
def test_whatever_a_run_says_of_itself_is_told_as_json_without_a_path(
    trained: Path, tmp_path: Path, name: str, key: str, value: dict[str, object]
) -> None:
    shutil.copytree(trained / "text" / "gru", tmp_path / "runs" / "caf\udce9")
    file = tmp_path / "runs" / "caf\udce9" / name
    facts = json.loads(file.read_text())
    file.write_text(json.dumps({**facts, key: {**facts[key], **value}}))
    playground = Playground(settings=AppSettings(runs=(tmp_path / "runs",), out=tmp_path / "app"))

    with TestClient(make_application(playground), base_url=ADDRESS) as client:
        answer = client.get("/api/runs")

    assert answer.status_code == 200
    assert len(answer.json()["runs"]) == 1
    assert str(tmp_path) not in answer.text
    assert "/home" not in answer.text
