"""What a refused training leaves: nothing that it wrote, and everything that was there."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from tests.records.test_store_refusals import as_nobody
from tests.training.characters.cases import TINY, train_tiny
from unroll.errors import ConfigError, StoreError, UnrollError
from unroll.training.characters import precision
from unroll.training.characters.lock import LOCK, locked


def refuse_threshold(out: Path) -> None:
    train_tiny(out, threshold=10**6, steps=None, minutes=1.0, on_measuring=too_late)


def refuse_precision(out: Path) -> None:
    train_tiny(
        out, replace(TINY, precision="bfloat16"), steps=None, minutes=1.0, on_measuring=too_late
    )


def refuse_window(out: Path) -> None:
    train_tiny(out, replace(TINY, window=3000), steps=None, minutes=1.0, on_measuring=too_late)


def refuse_cell(out: Path) -> None:
    train_tiny(out, replace(TINY, cell="lstmm"), steps=None, minutes=1.0, on_measuring=too_late)


def too_late() -> None:
    raise AssertionError("refused after time was measured")


def write_and_refuse(out: Path, name: str) -> None:
    def write() -> None:
        with locked(out):
            (out / name).touch()
            raise ConfigError("refused")

    with pytest.raises(ConfigError, match="refused"):
        write()


REFUSALS = [refuse_threshold, refuse_precision, refuse_window, refuse_cell]


@pytest.fixture(autouse=True)
def no_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "has_native_bfloat16", lambda: False)


@pytest.mark.parametrize("refuse", REFUSALS)
@pytest.mark.parametrize("name", ["run", "runs/deep/run"])
def test_a_refusal_leaves_no_directory(
    tmp_path: Path, refuse: Callable[[Path], None], name: str
) -> None:
    with pytest.raises(UnrollError):
        refuse(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("refuse", REFUSALS)
def test_a_directory_that_was_there_stays_empty(
    tmp_path: Path, refuse: Callable[[Path], None]
) -> None:
    (tmp_path / "run").mkdir()
    with pytest.raises(UnrollError):
        refuse(tmp_path / "run")
    assert list(tmp_path.rglob("*")) == [tmp_path / "run"]


def test_a_refused_book_makes_way_for_another(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^threshold: no character stands"):
        refuse_threshold(tmp_path / "run")
    train_tiny(tmp_path / "run", steps=2)


def test_time_is_measured_once_all_is_checked(tmp_path: Path) -> None:
    heard: list[str] = []

    def hear() -> None:
        heard.extend(sorted(path.name for path in tmp_path.iterdir()))

    train_tiny(tmp_path, steps=None, minutes=0.0005, on_measuring=hear)
    assert heard == [LOCK, "corpus"]


def test_a_beginning_of_before_stays_where_this_one_comes_to_nothing(tmp_path: Path) -> None:
    (tmp_path / LOCK).touch()
    (tmp_path / "corpus").mkdir()
    with pytest.raises(ConfigError), locked(tmp_path):
        raise ConfigError("refused")
    assert sorted(path.name for path in tmp_path.iterdir()) == [LOCK, "corpus"]


def test_a_run_stays_whatever_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "run"
    write_and_refuse(out, "run.json")
    assert sorted(path.name for path in out.iterdir()) == [LOCK, "run.json"]


def test_what_another_wrote_meanwhile_stays(tmp_path: Path) -> None:
    out = tmp_path / "run"
    write_and_refuse(out, "letters.txt")
    assert [path.name for path in out.iterdir()] == ["letters.txt"]


def test_the_lock_of_another_process_stays(tmp_path: Path) -> None:
    out = tmp_path / "run"
    code = (
        "import sys; from pathlib import Path; from unroll.training.characters.lock import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(out)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError, match="is being written by another process"), locked(out):
            pass
        assert [path.name for path in out.iterdir()] == [LOCK]
        holder.communicate()
    with FileLock(out / LOCK, timeout=0):
        pass


@pytest.mark.parametrize("name", ["", "new", "new/run"])
def test_a_directory_that_is_not_writable(name: str) -> None:
    # pytest's own directories are its user's only.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        out = Path(folder) / name
        with as_nobody(), pytest.raises(StoreError) as caught, locked(out):
            pass
        Path(folder).chmod(0o755)
    assert str(caught.value) == (
        f"{out}: not writable; choose another directory or mend its permissions"
    )
