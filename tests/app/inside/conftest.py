"""The run that the page Look inside is asked about, and who asks."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.app.inside.cases import Post
from unroll.app.catalogue.loading import LoadedRun, load_run
from unroll.training.characters.run import Run, open_run


@pytest.fixture
def lstm(client: TestClient) -> str:
    """The id of the run with two layers."""
    runs = client.get("/api/runs").json()["runs"]
    found: str = next(one["id"] for one in runs if one["cell"] == "lstm")
    return found


@pytest.fixture
def activity(client: TestClient, lstm: str) -> Post:
    def post(**asked: Any) -> Any:
        # In ASCII, because httpx2 would not send half of a surrogate pair.
        body = json.dumps({"run": lstm, **asked})
        kind = {"content-type": "application/json"}
        return client.post("/api/inside/activity", content=body, headers=kind)

    return post


@pytest.fixture
def run(trained: Path) -> Run:
    return open_run(trained / "text" / "lstm")


@pytest.fixture
def loaded(trained: Path) -> LoadedRun:
    return load_run(trained / "text" / "lstm", "best")
