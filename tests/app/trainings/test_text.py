"""The playground's own character model: trained, killed in the middle, gone on with."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.trained import fable
from unroll.app.catalogue.catalogue import Catalogue
from unroll.app.search import known_as
from unroll.app.trainings.text import train_text
from unroll.app.trainings.wanted import lacks_text, text_folder
from unroll.decoding import SamplingSettings, sample
from unroll.errors import StoreError
from unroll.text import BookError
from unroll.training.characters import fit, session

MINUTES = 0.01


class KilledError(Exception):
    """Ends a training in the middle."""


@pytest.fixture(autouse=True, scope="module")
def short_book() -> Iterator[None]:
    """Let the book that Python carries be a short one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "default_book", fable)
        yield


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished training; who damages it copies it first."""
    out = tmp_path_factory.mktemp("own")
    train_text(out, ignore, MINUTES)
    return out


def lacks(out: Path) -> bool:
    return lacks_text(Catalogue([out]).runs(), out)


def ignore(done: float, said: str) -> None:
    """Hear nothing."""


def test_trains_tells_how_far_it_is_and_can_then_write(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    assert lacks(tmp_path)

    said = train_text(tmp_path, lambda done, said: told.append((done, said)), MINUTES)

    shares = [done for done, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert [said for _, said in told][:2] == [
        "reading a book",
        "measuring how fast this machine is",
    ]
    result = json.loads((text_folder(tmp_path) / "result.json").read_text())
    bits = result["validation"]["bits_per_char"]
    steps = result["steps"]
    assert said == f"{steps:,} steps, {bits:.2f} bits per character on text it has not read"
    assert told[-1][1] == f"step {steps:,} of {steps:,}"
    assert not lacks(tmp_path)
    loaded = Catalogue([tmp_path]).load(known_as(text_folder(tmp_path)))
    step, state = loaded.new_step()
    (written,) = sample(step, state, [1], settings=SamplingSettings(), length=20, seed=0)
    assert len(written.tokens) == 20


def test_a_training_that_was_killed_goes_on_from_where_it_stood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # After every step: on a busy machine the whole training is over before the usual two seconds.
    monkeypatch.setattr(session, "_SAVE_SECONDS", 0.0)

    def kill(done: float, said: str) -> None:
        if done > 0.5:
            raise KilledError(said)

    with pytest.raises(KilledError):
        train_text(tmp_path, kill, MINUTES)
    assert lacks(tmp_path)
    run = json.loads((text_folder(tmp_path) / "run.json").read_text())

    told: list[float] = []
    train_text(tmp_path, lambda done, _said: told.append(done), MINUTES)

    assert 0 < told[0] <= 0.6
    assert told[-1] == 1
    assert json.loads((text_folder(tmp_path) / "run.json").read_text()) == run
    assert not lacks(tmp_path)
    assert [folder.name for folder in (tmp_path / "text").iterdir()] == ["python-docs"]


@pytest.mark.parametrize("name", ["run.json", "corpus/corpus.ids", "checkpoints/best.safetensors"])
def test_a_run_that_is_damaged_does_not_count(own: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(own / "text", tmp_path / "text")
    assert not lacks(tmp_path)
    file = tmp_path / "text" / "python-docs" / name
    data = bytearray(file.read_bytes())
    data[-2] ^= 255
    file.write_bytes(data)

    assert lacks(tmp_path)
    assert text_folder(tmp_path) == tmp_path / "text" / "python-docs-2"


def test_a_damaged_run_is_left_and_another_trained_beside_it(own: Path, tmp_path: Path) -> None:
    shutil.copytree(own / "text", tmp_path / "text")
    damaged = tmp_path / "text" / "python-docs" / "run.json"
    damaged.write_text("{")

    train_text(tmp_path, ignore, MINUTES)

    assert not lacks(tmp_path)
    assert damaged.read_text() == "{"
    assert (tmp_path / "text" / "python-docs-2" / "result.json").exists()


def test_a_run_of_somebody_else_is_enough_unless_it_is_damaged(
    trained: Path, tmp_path: Path
) -> None:
    (run, other) = Catalogue([trained]).runs()
    out = tmp_path / "app"

    assert not lacks_text((run,), out)
    assert lacks_text((), out)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "run.json").write_text("{")
    assert lacks_text(Catalogue([broken]).runs(), out)
    assert not lacks_text((*Catalogue([broken]).runs(), other), out)


def test_a_python_without_a_book_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> None:
        raise BookError("this Python carries no documentation to read")

    monkeypatch.setattr(fit, "default_book", absent)

    with pytest.raises(BookError, match=r"^this Python carries no documentation to read$"):
        train_text(tmp_path, ignore, MINUTES)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("a file where the folder should be")

    with pytest.raises(StoreError, match="text"):
        train_text(tmp_path, ignore, MINUTES)


def test_where_nothing_may_be_looked_at_it_has_its_first_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Path.stat

    def look_outside(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if tmp_path / "text" in path.parents:
            raise PermissionError(13, "Permission denied", str(path))
        return look(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", look_outside)

    assert text_folder(tmp_path) == tmp_path / "text" / "python-docs"
