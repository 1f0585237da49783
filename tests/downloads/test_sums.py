import hashlib
from pathlib import Path

import pytest

from unroll.downloads import (
    DownloadError,
    WrongSumError,
    check_sum,
    coming_beside,
    read_sum,
    record_sum,
)


def test_a_sum_is_recorded_and_read(tmp_path: Path) -> None:
    path, record = tmp_path / "file", tmp_path / "file.sha256"
    path.write_bytes(b"all")
    assert read_sum(record) is None
    assert record_sum(record, path) == read_sum(record) == hashlib.sha256(b"all").hexdigest()


@pytest.mark.parametrize("content", ["", "0" * 63, "G" * 64, "\ufffd" * 64])
def test_a_record_without_a_sum_is_refused(tmp_path: Path, content: str) -> None:
    record = tmp_path / "file.sha256"
    record.write_text(f"{content}  file\n")
    with pytest.raises(DownloadError) as caught:
        read_sum(record)
    assert str(caught.value) == f"{record}: damaged: no SHA-256 in it; delete it and fetch again"


def test_only_the_known_sum_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"all")
    check_sum("host/file", path, None)
    check_sum("host/file", path, hashlib.sha256(b"all").hexdigest())
    with pytest.raises(WrongSumError) as caught:
        check_sum("host/file", path, "0" * 64)
    assert str(caught.value) == (
        f"host/file: not the file whose SHA-256 is {'0' * 64}; what came was thrown away"
    )


def test_what_did_not_come_whole_is_not_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with coming_beside(path) as coming:
        coming.write_bytes(b"half")
    assert list(tmp_path.iterdir()) == []
    with coming_beside(path) as coming:
        coming.write_bytes(b"all")
        coming.replace(path)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
