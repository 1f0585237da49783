"""One playground for all tests of the page Write, so that each model is read once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.app.conftest import ADDRESS
from unroll.app.application import make_application
from unroll.app.playground import Playground
from unroll.app.settings import AppSettings
from unroll.training.characters.run import Run, open_run


@pytest.fixture(scope="package")
def client(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = AppSettings(runs=(trained,), out=tmp_path_factory.mktemp("write") / "app")
    with TestClient(make_application(Playground(settings=settings)), base_url=ADDRESS) as asking:
        yield asking


@pytest.fixture(scope="package")
def run(trained: Path) -> Run:
    """The LSTM, read as the command line reads it."""
    return open_run(trained / "text" / "lstm")


@pytest.fixture(scope="package")
def run_id(client: TestClient) -> str:
    """The LSTM, as a page asks for it."""
    runs = client.get("/api/runs").json()["runs"]
    (found,) = (one["id"] for one in runs if one["cell"] == "lstm")
    return str(found)
