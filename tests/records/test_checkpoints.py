import errno
import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from tests.records.faults import faults
from unroll.errors import StoreError
from unroll.records import checkpoints
from unroll.records.checkpoints import (
    ENTRY,
    CheckpointError,
    CheckpointFile,
    find_newest,
    read_checkpoint,
    remove_older,
    remove_unfinished,
    step_name,
    step_of,
    steps_in,
    write_checkpoint,
)


def packed(step: int, fill: float = 0.0, facts: Any = None) -> bytes:
    told = {"step": step} if facts is None else facts
    tensors = {"weights": np.full(50, fill, dtype=np.float32)}
    return safetensors.numpy.save(tensors, {ENTRY: json.dumps(told)})


def put(folder: Path, *steps: int) -> None:
    for step in steps:
        write_checkpoint(folder / step_name(step), packed(step))


def step_in(file: CheckpointFile) -> int:
    return int(file.facts["step"])


def refusal(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        read_checkpoint(path)
    return str(caught.value)


def test_what_is_written_is_read_and_its_hash_is_sha256sums(tmp_path: Path) -> None:
    path, data = tmp_path / step_name(7), packed(7)
    write_checkpoint(path, data)
    assert read_checkpoint(path) == CheckpointFile(path=path, data=data, facts={"step": 7})
    beside = tmp_path / "step-00000007.safetensors.sha256"
    assert beside.read_text() == f"{hashlib.sha256(data).hexdigest()}  {path.name}\n"
    write_checkpoint(path, packed(7, fill=1.0))
    digest = hashlib.sha256(packed(7, fill=1.0)).hexdigest()
    assert beside.read_text() == f"{digest}  {path.name}\n"
    assert sorted(tmp_path.iterdir()) == [path, beside]


def test_every_flipped_byte_is_found(tmp_path: Path) -> None:
    path, data = tmp_path / step_name(7), packed(7)
    write_checkpoint(path, data)
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 0x10
        path.write_bytes(changed)
        assert refusal(path).startswith(f"{path}: ")
    path.write_bytes(data[:-1] + b"!")
    assert refusal(path) == f"{path}: damaged: its SHA-256 is not the one beside it"


def test_one_that_is_replaced_while_it_is_read_is_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "best.safetensors"
    write_checkpoint(path, packed(7))
    really, reads = checkpoints._read_hashes, []

    def late(of: Path) -> str:
        reads.append(of)
        if len(reads) == 1:
            write_checkpoint(path, packed(8))
        return really(of)

    monkeypatch.setattr(checkpoints, "_read_hashes", late)
    assert read_checkpoint(path).facts == {"step": 8}


def test_every_truncation_is_found(tmp_path: Path) -> None:
    path, data = tmp_path / step_name(7), packed(7)
    write_checkpoint(path, data)
    for length in range(len(data)):
        path.write_bytes(data[:length])
        assert refusal(path).startswith(f"{path}: ")
    path.write_bytes(data[:-4])
    assert refusal(path) == f"{path}: truncated: {len(data) - 4:,} of {len(data):,} bytes"
    path.write_bytes(data[:20])
    assert refusal(path) == f"{path}: damaged: 20 bytes without a whole header"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"some notes",
        b"\xff" * 40,
        safetensors.numpy.save({"a": np.zeros(3)}),
        safetensors.numpy.save({"a": np.zeros(3)}, {"other": "{}"}),
        safetensors.numpy.save({"a": np.zeros(3)}, {ENTRY: "[]"}),
        safetensors.numpy.save({"a": np.zeros(3)}, {ENTRY: "{"}),
    ],
)
def test_a_foreign_file_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "best.safetensors"
    path.write_bytes(data)
    assert refusal(path) == f"{path}: not a checkpoint of unroll; left as it is"
    assert path.read_bytes() == data


def test_a_file_without_its_hash_or_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / step_name(1)
    assert refusal(path) == f"{path}: there is no such checkpoint"
    path.write_bytes(packed(1))
    assert refusal(path) == f"{path}: no SHA-256 beside it (step-00000001.safetensors.sha256)"
    (tmp_path / "best.safetensors").mkdir()
    best = tmp_path / "best.safetensors"
    assert refusal(best) == f"{best}: cannot be read: Is a directory"


def test_a_step_is_in_the_name() -> None:
    assert step_of(Path("folder") / step_name(123_456_789)) == 123_456_789
    assert step_of(Path("best.safetensors")) is None
    assert step_of(Path("step-00000001.safetensors.sha256")) is None


def test_steps_are_listed_in_order(tmp_path: Path) -> None:
    assert steps_in(tmp_path / "none") == ()
    put(tmp_path, 30, 4)
    write_checkpoint(tmp_path / "best.safetensors", packed(9))
    assert steps_in(tmp_path) == (4, 30)


def test_the_newest_whole_one_is_found_and_the_others_are_told(tmp_path: Path) -> None:
    assert find_newest(tmp_path, step_in) is None
    put(tmp_path, 3, 20, 100)
    assert find_newest(tmp_path, step_in) is not None
    (tmp_path / step_name(100)).write_bytes(packed(100)[:-1])
    found = find_newest(tmp_path, step_in)
    assert found is not None
    assert (found.path, found.content) == (tmp_path / step_name(20), 20)
    size = len(packed(100))
    assert found.skipped == (
        f"{tmp_path / step_name(100)}: truncated: {size - 1:,} of {size:,} bytes",
    )


def test_the_best_one_counts_at_its_step(tmp_path: Path) -> None:
    put(tmp_path, 3, 20)
    best = tmp_path / "best.safetensors"
    for step, newest in ((25, best), (20, tmp_path / step_name(20)), (3, tmp_path / step_name(20))):
        write_checkpoint(best, packed(step))
        found = find_newest(tmp_path, step_in)
        assert found is not None
        assert found.path == newest
    write_checkpoint(best, packed(0, facts={}))
    found = find_newest(tmp_path, step_in)
    assert found is not None
    assert found.skipped == (f"{best}: does not say which step it is from",)


def test_one_that_is_not_accepted_is_skipped(tmp_path: Path) -> None:
    put(tmp_path, 3, 20)

    def older(file: CheckpointFile) -> int:
        if step_in(file) > 10:
            raise CheckpointError("too new")
        return step_in(file)

    found = find_newest(tmp_path, older)
    assert found is not None
    assert (found.content, found.skipped) == (3, ("too new",))


def test_when_none_can_be_used_all_are_told(tmp_path: Path) -> None:
    put(tmp_path, 3, 20)
    for step in (3, 20):
        (tmp_path / step_name(step)).write_bytes(b"")
    with pytest.raises(CheckpointError) as caught:
        find_newest(tmp_path, step_in)
    told = [
        f"{tmp_path / step_name(step)}: damaged: 0 bytes without a whole header" for step in (20, 3)
    ]
    assert str(caught.value) == f"{tmp_path}: no checkpoint can be used: {'; '.join(told)}"


def test_older_ones_are_removed_with_their_hashes(tmp_path: Path) -> None:
    put(tmp_path, 1, 2, 3, 4, 5)
    write_checkpoint(tmp_path / "best.safetensors", packed(1))
    remove_older(tmp_path, (2, 4))
    # 5 is newer than what is kept: it is not whole, or it would have been gone on from.
    names = ["best.safetensors", step_name(2), step_name(4), step_name(5)]
    expected = sorted([*names, *(f"{name}.sha256" for name in names)])
    assert sorted(path.name for path in tmp_path.iterdir()) == expected


def test_one_that_cannot_be_removed_stays(tmp_path: Path) -> None:
    put(tmp_path, 1, 2)
    with faults(at=1):
        remove_older(tmp_path, (2,))
    assert steps_in(tmp_path) == (1, 2)


def test_what_was_left_half_written_is_removed(tmp_path: Path) -> None:
    put(tmp_path, 1)
    before = sorted(tmp_path.iterdir())
    (tmp_path / ".best.safetensors.123.part").write_bytes(b"half")
    with faults(at=1), pytest.raises(StoreError, match="no disk space left"):
        remove_unfinished(tmp_path)
    remove_unfinished(tmp_path)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("is_there", [False, True])
def test_a_fault_at_any_call_leaves_the_old_or_the_new(
    tmp_path: Path, is_there: bool, lasting: bool
) -> None:
    count, calls, failed = 0, 1, 0
    while count < calls:
        count += 1
        folder = tmp_path / str(count)
        folder.mkdir()
        path = folder / "best.safetensors"
        if is_there:
            write_checkpoint(path, packed(1))
        with faults(count, lasting) as made, suppress(StoreError):
            write_checkpoint(path, packed(2))
            failed -= 1
        calls, failed = len(made), failed + 1
        assert [step_in(read_checkpoint(one)) for one in folder.glob("*.safetensors")] in (
            [[1], [2]] if is_there else [[], [2]]
        )
        write_checkpoint(path, packed(3))
        assert step_in(read_checkpoint(path)) == 3
    # Hash, file, and the hash once more where both had stood; each is opened, written, synced,
    # renamed and its folder synced. The last calls are those of a write that fails and cleans up.
    assert failed == (15 if is_there else 10)


def test_a_full_disk_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "best.safetensors"
    with faults(at=7), pytest.raises(StoreError) as caught:
        write_checkpoint(path, packed(2))
    assert str(caught.value) == f"{path}: no disk space left; free some and run the command again"


def test_a_folder_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(CheckpointError) as caught:
        steps_in(tmp_path)
    assert str(caught.value) == f"{tmp_path}: cannot be read: Permission denied"


def test_no_folder_has_no_steps(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert steps_in(tmp_path / "none") == steps_in(tmp_path / "file") == ()
