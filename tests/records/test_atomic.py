import errno
import os
import stat
from pathlib import Path
from typing import Any, Never

import pytest

from unroll.errors import StoreError
from unroll.records.atomic import describe_os_error, write_atomically


def fail_with(number: int) -> Any:
    def fail(*_: Any, **__: Any) -> Never:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("data", [b"", b"new", bytes(range(256)) * 1000])
def test_a_file_is_made_and_replaced_whole(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    write_atomically(path, data)
    assert path.read_bytes() == data
    write_atomically(path, b"another")
    assert path.read_bytes() == b"another"
    assert list(tmp_path.iterdir()) == [path]


def test_data_is_on_disk_before_the_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, told = tmp_path / "file", []
    path.write_bytes(b"old")
    really_sync, really_replace = os.fsync, Path.replace

    def sync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        told.append(("sync folder" if is_folder else "sync file", path.read_bytes()))
        really_sync(descriptor)

    def replace(self: Path, target: Path) -> Path:
        told.append(("rename", path.read_bytes()))
        return really_replace(self, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", replace)
    write_atomically(path, b"new")
    assert told == [("sync file", b"old"), ("rename", b"old"), ("sync folder", b"new")]


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "no disk space left; free some and run the command again"),
        (errno.EDQUOT, "no disk space left; free some and run the command again"),
        (errno.EACCES, "not writable; choose another directory or mend its permissions"),
        (errno.EPERM, "not writable; choose another directory or mend its permissions"),
        (errno.EROFS, "not writable; choose another directory or mend its permissions"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_an_error_of_the_system_is_one_line_that_names_the_file(number: int, message: str) -> None:
    error = describe_os_error(Path("runs/file"), OSError(number, os.strerror(number)))
    assert type(error) is StoreError
    assert str(error) == f"runs/file: {message}"


def test_an_error_without_a_number_still_says_why() -> None:
    assert str(describe_os_error(Path("file"), OSError("odd"))) == "file: odd"


@pytest.mark.parametrize("call", ["fsync", "replace", "open"])
def test_a_write_that_fails_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(os if call == "fsync" else Path, call, fail_with(errno.ENOSPC))
    with pytest.raises(StoreError) as caught:
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert str(caught.value) == (f"{path}: no disk space left; free some and run the command again")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_write_cut_short_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    # /dev/full takes no byte: a full disk, as the system itself tells of it. The name is that of
    # the temporary file.
    (tmp_path / f".file.{os.getpid()}.part").symlink_to("/dev/full")
    with pytest.raises(StoreError) as caught:
        write_atomically(path, b"new")
    assert str(caught.value) == (f"{path}: no disk space left; free some and run the command again")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "none" / "file"
    with pytest.raises(StoreError) as caught:
        write_atomically(path, b"new")
    assert str(caught.value) == (
        f"{path}: cannot be written: its directory is not there; it may have been removed meanwhile"
    )
