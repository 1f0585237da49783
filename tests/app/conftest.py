"""The playground on small trained networks, asked without a network in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.app.trained import train_palindromes, train_texts
from unroll.app.application import make_application
from unroll.app.playground import Playground
from unroll.app.settings import AppSettings

ADDRESS = "http://localhost:8765"
"""What the client calls the playground: a name that the guard lets through."""


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with runs on a fable, `text/lstm` and `text/gru`, and a study, `palindromes`.

    Tests only read it; who damages a run copies it first.
    """
    folder = tmp_path_factory.mktemp("trained")
    train_texts(folder / "text")
    train_palindromes(folder / "palindromes")
    return folder


@pytest.fixture
def settings(trained: Path, tmp_path: Path) -> AppSettings:
    """What the playground is asked for."""
    return AppSettings(runs=(trained,), out=tmp_path / "app", port=0)


@pytest.fixture
def playground(settings: AppSettings) -> Iterator[Playground]:
    """What the rooms share, on the trained networks."""
    made = Playground(settings=settings)
    yield made
    made.close()


@pytest.fixture
def client(playground: Playground) -> Iterator[TestClient]:
    """Who asks the playground; an error of its own is raised in the test."""
    with TestClient(make_application(playground), base_url=ADDRESS) as asking:
        yield asking
