"""What a store refuses, in one line each, and what it leaves as it was."""

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from tests.records.test_store import CURVES, WEIGHTS, make_trial, point, request, score
from unroll.errors import StoreError
from unroll.records import Store
from unroll.records.schema import SCHEMA_VERSION

openers = pytest.mark.parametrize("open_store", [Store.create, Store.read])
NOBODY = 65_534


def refuse(directory: Path, open_store: Callable[[Path], Store] = Store.create) -> str:
    with pytest.raises(StoreError) as caught:
        open_store(directory)
    return str(caught.value)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a directory with one trial in it."""
    with Store.create(tmp_path / "run") as store:
        store.add_trial(make_trial(), weights=WEIGHTS, curves=CURVES, evaluations=[score(5)])
    return tmp_path / "run"


def sqlite_file(run: Path) -> Path:
    return run / "unroll.sqlite"


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine")
    assert refuse(path) == f"{path}: is a file; --out must be a directory"
    assert path.read_text() == "mine"


def test_a_directory_below_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine")
    assert refuse(path / "run") == f"{path / 'run'}: Not a directory"


def test_a_directory_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    assert refuse(tmp_path) == (
        f"{tmp_path}: holds something that is not an unroll store (no unroll.sqlite); choose an "
        "empty or new directory"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_an_empty_directory_is_taken(tmp_path: Path) -> None:
    Store.create(tmp_path).__exit__(None, None, None)
    assert sqlite_file(tmp_path).is_file()


@pytest.mark.parametrize("name", ["", "none"])
def test_a_directory_without_a_store_cannot_be_read(tmp_path: Path, name: str) -> None:
    directory = tmp_path / name
    assert refuse(directory, Store.read) == (
        f"{directory}: no unroll store here (no unroll.sqlite); give the --out directory of an "
        "earlier run"
    )
    assert list(tmp_path.iterdir()) == []


@openers
@pytest.mark.parametrize("data", [b"no database, but a file of mine\n" * 100, b"x" * 99])
def test_garbage_is_named_and_left_alone(
    tmp_path: Path, open_store: Callable[[Path], Store], data: bytes
) -> None:
    path = sqlite_file(tmp_path)
    path.write_bytes(data)
    assert refuse(tmp_path, open_store) == (
        f"{path}: damaged SQLite file (file is not a database); left as it is"
    )
    assert path.read_bytes() == data


def test_a_single_byte_is_left_alone(tmp_path: Path) -> None:
    # SQLite takes it for an empty file.
    path = sqlite_file(tmp_path)
    path.write_bytes(b"x")
    assert refuse(tmp_path) == (
        f"{path}: damaged SQLite file (file is not a database); left as it is"
    )
    assert path.read_bytes() == b"x"


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    path = sqlite_file(tmp_path)
    path.write_bytes(b"")
    assert refuse(tmp_path, Store.read) == (
        f"{path}: an empty file, no results in it; give the --out directory of an earlier run"
    )


@openers
def test_a_foreign_database_is_left_alone(
    tmp_path: Path, open_store: Callable[[Path], Store]
) -> None:
    path = sqlite_file(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE mine (x)")
    before = path.read_bytes()
    assert refuse(tmp_path, open_store) == (
        f"{path}: a SQLite file, but not an unroll store; left as it is"
    )
    assert path.read_bytes() == before


@openers
@pytest.mark.parametrize("version", [0, SCHEMA_VERSION + 1])
def test_another_version_is_left_alone(
    run: Path, open_store: Callable[[Path], Store], version: int
) -> None:
    path = sqlite_file(run)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    before = path.read_bytes()
    assert refuse(run, open_store) == (
        f"{path}: store version {version}, this unroll reads {SCHEMA_VERSION}; use another "
        "directory or the unroll that wrote it"
    )
    assert path.read_bytes() == before


@openers
@pytest.mark.parametrize("share", [0.25, 0.5, 0.9])
def test_a_truncated_file_is_named_and_left_alone(
    run: Path, open_store: Callable[[Path], Store], share: float
) -> None:
    path = sqlite_file(run)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    before = path.read_bytes()
    message = refuse(run, open_store)
    assert message.startswith(f"{path}: damaged SQLite file (")
    assert message.endswith("); left as it is")
    assert path.read_bytes() == before


@openers
def test_a_scribbled_page_is_named_and_left_alone(
    run: Path, open_store: Callable[[Path], Store]
) -> None:
    path = sqlite_file(run)
    data = bytearray(path.read_bytes())
    # The second page is a table's root: 4,096 is SQLite's usual size of a page.
    data[4096 : 4096 + 64] = b"?" * 64
    path.write_bytes(data)
    message = refuse(run, open_store)
    assert message.startswith(f"{path}: damaged SQLite file (")
    assert path.read_bytes() == bytes(data)


def test_a_refused_store_is_not_left_locked(run: Path) -> None:
    path = sqlite_file(run)
    whole = path.read_bytes()
    path.write_bytes(b"?" * 5000)
    refuse(run)
    path.write_bytes(whole)
    with Store.create(run) as store:
        assert store.find_trial("k1") == make_trial()


@pytest.mark.parametrize("position", [0, 5_000, len(WEIGHTS) - 1])
def test_flipped_weights_are_named_and_left_alone(run: Path, position: int) -> None:
    path = run / "weights" / "k1.safetensors"
    data = bytearray(WEIGHTS)
    data[position] ^= 1
    path.write_bytes(data)
    with Store.read(run) as store, pytest.raises(StoreError) as caught:
        store.load_weights(make_trial())
    assert str(caught.value) == (
        f"{path}: damaged (its SHA-256 is not the recorded one); left as it is: remove it to have "
        "that trial trained again, or use another directory"
    )
    assert path.read_bytes() == bytes(data)


def test_missing_weights_are_named(run: Path) -> None:
    path = run / "weights" / "k1.safetensors"
    path.unlink()
    with Store.read(run) as store, pytest.raises(StoreError) as caught:
        store.load_weights(make_trial())
    assert str(caught.value) == f"{path}: weights cannot be read (No such file or directory)"


def test_weights_that_do_not_fit_on_the_disk_leave_no_row(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Store.create(run) as store:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fail)
            with pytest.raises(StoreError) as caught:
                store.add_trial(make_trial("k2"), weights=WEIGHTS)
        path = store.weights_path("k2")
        assert str(caught.value) == (
            f"{path}: no disk space left; free some and run the command again"
        )
        assert store.find_trial("k2") is None
        assert [p.name for p in path.parent.iterdir()] == ["k1.safetensors"]


def test_a_full_disk_leaves_the_old_trial_whole(run: Path) -> None:
    with Store.create(run) as store:
        # SQLite itself stops at this many pages, with the error that a full disk gives.
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError) as caught:
            store.add_trial(
                make_trial(status="stopped"),
                curves={"training": [point(step) for step in range(10_000)]},
            )
        assert str(caught.value) == (
            f"{sqlite_file(run)}: no disk space left; free some and run again"
        )
        assert store.find_trial("k1") == make_trial()
        assert store.curve("k1", "training") == CURVES["training"]
        assert store.evaluations("k1") == [score(5)]


def test_a_row_that_breaks_a_rule_is_no_damage_to_the_file(run: Path) -> None:
    # A mistake in unroll itself: to be seen as one, and not blamed on the user's file.
    with Store.create(run) as store:
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            store.add_trial(make_trial(), curves={"training": [point(20), point(20)]})
        assert store.curve("k1", "training") == CURVES["training"]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a directory that everybody may enter: pytest's own are its user's only."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Give up root's rights meanwhile: nothing is unwritable to root."""
    user = os.geteuid()
    with ExitStack() as afterwards:
        afterwards.callback(os.seteuid, user)
        if user == 0:
            os.seteuid(NOBODY)
        yield


@pytest.fixture
def sealed(open_folder: Path) -> Iterator[Path]:
    """Return an empty directory in which nobody may write."""
    folder = open_folder / "sealed"
    folder.mkdir()
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


@pytest.mark.parametrize("name", ["", "new"])
def test_a_directory_that_is_not_writable(sealed: Path, name: str) -> None:
    with as_nobody():
        message = refuse(sealed / name)
    assert message == (
        f"{sealed / name}: not writable; choose another directory or mend its permissions"
    )


@pytest.fixture
def hidden(open_folder: Path) -> Iterator[Path]:
    """Return a directory with a store that nobody may enter."""
    folder = open_folder / "hidden"
    Store.create(folder).__exit__(None, None, None)
    folder.chmod(0o000)
    yield folder
    folder.chmod(0o755)


def test_a_directory_that_cannot_be_entered(hidden: Path) -> None:
    path = hidden / "unroll.sqlite"
    with as_nobody():
        messages = [refuse(hidden / "run"), refuse(hidden, Store.read)]
    assert messages == [
        f"{hidden / 'run'}: not writable; choose another directory or mend its permissions",
        f"{path}: cannot be read (Permission denied)",
    ]


@pytest.fixture
def read_only(open_folder: Path) -> Iterator[Path]:
    """Return a directory in which the store itself may be read and not written."""
    folder = open_folder / "run"
    with Store.create(folder) as store:
        store.add_trial(make_trial())
    (folder / ".unroll.lock").touch()
    for path in folder.iterdir():
        path.chmod(0o666)
    sqlite_file(folder).chmod(0o444)
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o755)


def test_a_store_that_is_not_writable_is_refused_before_any_work(read_only: Path) -> None:
    path = sqlite_file(read_only)
    with as_nobody():
        message = refuse(read_only)
        with Store.read(read_only) as store:
            assert store.find_trial("k1") == make_trial()
    assert message == f"{path}: not writable; mend its permissions"


def test_a_copied_directory_is_the_same_store(run: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    with Store.create(copy) as store:
        store.add_request(request())
        assert store.load_weights(make_trial()) == WEIGHTS
        assert store.find_trial("k1") == make_trial()


def test_a_training_of_text_is_named_as_such(tmp_path: Path) -> None:
    run = tmp_path / "my run"
    run.mkdir()
    (run / "run.json").touch()
    assert refuse(run, Store.read) == (
        f"{run}: holds a training of unroll text, not a study; unroll text copies '{run}' and "
        f"unroll text context '{run}' measure it, and unroll.open_results('{run}') shows it in "
        "Python"
    )
