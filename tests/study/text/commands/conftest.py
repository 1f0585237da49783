"""A trained run that many tests look at, and none changes."""

import pytest

from tests.study.text.commands.runs import small, write_book
from unroll.study.text.commands.train import train_book
from unroll.training.characters.run import Run, open_run
from unroll.training.characters.watcher import Unwatched


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("text")
    train_book(small(write_book(folder)), folder / "run", Unwatched())
    return open_run(folder / "run")
