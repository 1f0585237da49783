"""Directories that a command cannot use: told in a line, and left as they are."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.refusals import fail
from unroll.records import Store
from unroll.records.schema import SCHEMA_VERSION


def test_directories_that_cannot_be_used_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    command = ["memory", "--cells", "rnn", "--max-steps", "20", "--out"]
    assert fail([*command, str(file)], capsys) == (
        f"unroll: {file}: is a file; --out must be a directory"
    )
    assert fail([*command, str(tmp_path)], capsys) == (
        f"unroll: {tmp_path}: holds something that is not an unroll store (no unroll.sqlite); "
        "choose an empty or new directory"
    )
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
    assert file.read_text() == "mine"
    assert fail(["report", str(tmp_path)], capsys) == (
        f"unroll: {tmp_path}: no unroll store here (no unroll.sqlite); give the --out directory "
        "of an earlier run"
    )
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "unroll.sqlite").write_bytes(b"this is no database at all, not even nearly")
    for arguments in ([*command, str(damaged)], ["report", str(damaged)]):
        assert fail(arguments, capsys) == (
            f"unroll: {damaged / 'unroll.sqlite'}: damaged SQLite file (file is not a database); "
            "left as it is"
        )
    content = (damaged / "unroll.sqlite").read_bytes()
    assert content == b"this is no database at all, not even nearly"


def store_in(directory: Path) -> Path:
    """Make a store that nothing is recorded in, and return its file."""
    with Store.create(directory):
        pass
    return directory / "unroll.sqlite"


def test_a_store_of_another_version_is_refused_and_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = store_in(tmp_path)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = file.read_bytes()
    study = ["study", "--preset", "smoke", "--out", str(tmp_path)]
    for arguments in (study, ["report", str(tmp_path)]):
        assert fail(arguments, capsys) == (
            f"unroll: {file}: store version 99, this unroll reads {SCHEMA_VERSION}; use another "
            "directory or the unroll that wrote it"
        )
    assert file.read_bytes() == before


def test_a_store_of_which_half_is_there_is_refused_and_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = store_in(tmp_path)
    file.write_bytes(file.read_bytes()[:5000])
    before = file.read_bytes()
    study = ["study", "--preset", "smoke", "--out", str(tmp_path)]
    for arguments in (study, ["report", str(tmp_path)]):
        assert fail(arguments, capsys) == (
            f"unroll: {file}: damaged SQLite file (database disk image is malformed); left as it is"
        )
    assert file.read_bytes() == before


def test_a_directory_that_another_process_writes_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store.create(tmp_path):
        assert fail(["study", "--preset", "smoke", "--out", str(tmp_path)], capsys) == (
            f"unroll: {tmp_path}: is being written by another process; wait for it, or choose "
            "another directory"
        )
