import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from unroll.records import Store
from unroll.records.schema import SCHEMA_VERSION

VERSION_1 = Path(__file__).with_name("version_1.sql").read_text()
"""A store as version 1 made it, with one trial."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "unroll.sqlite")) as connection:
        connection.executescript(VERSION_1)
    return tmp_path


@pytest.mark.parametrize("opened", [Store.create, Store.read])
def test_a_store_of_version_1_is_read_whole(old: Path, opened: type) -> None:
    with opened(old) as store:
        trial = store.find_trial("k")
        assert trial is not None
        assert (trial.settings, trial.steps, trial.lessons) == ({"length": 5}, 40, ())
        assert trial.environment == {"unroll": "0.1.0"}
        assert [p.loss_nats for p in store.curve("k", "training")] == [0.5]
        assert [e.accuracy for e in store.evaluations("k")] == [0.99]
        (request,) = store.requests()
        assert (request.trials, request.measurements) == (("k",), ())
        assert store.find_measurement("k") is None
    with closing(sqlite3.connect(old / "unroll.sqlite")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_an_upgraded_store_has_the_tables_of_a_new_one(old: Path, tmp_path: Path) -> None:
    Store.create(old).__exit__(None, None, None)
    Store.create(tmp_path / "new").__exit__(None, None, None)

    def columns(path: Path) -> dict[str, set[tuple[str, str, int]]]:
        with closing(sqlite3.connect(path / "unroll.sqlite")) as connection:
            names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            return {
                name: {
                    (row[1], row[2], row[3])
                    for row in connection.execute(f"PRAGMA table_info({name})")
                }
                for (name,) in names.fetchall()
            }

    assert columns(old) == columns(tmp_path / "new")
