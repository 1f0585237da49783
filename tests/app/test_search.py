"""Which folders are searched, and how they are known."""

from pathlib import Path

import pytest

from unroll.app import search as search_module
from unroll.app.search import known_as, search, signature, tellable, without_paths

FILE = "run.json"


def make(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text("{}")
    return folder


def test_finds_folders_down_to_four_below_the_root(tmp_path: Path) -> None:
    near = make(tmp_path / "a")
    deep = make(tmp_path / "b" / "c" / "d" / "e")
    make(tmp_path / "b" / "c" / "d" / "f" / "g")

    assert search([tmp_path], FILE) == [near, deep]


def test_finds_a_root_that_is_one_itself(tmp_path: Path) -> None:
    make(tmp_path)
    make(tmp_path / "inside of what was found")

    assert search([tmp_path], FILE) == [tmp_path]


def test_passes_over_what_is_hidden_and_what_is_inside_of_a_run(tmp_path: Path) -> None:
    for name in (".hidden", "corpus", "checkpoints", "stages", "weights"):
        make(tmp_path / name)

    assert search([tmp_path], FILE) == []


def test_follows_links_and_comes_out_of_a_circle(tmp_path: Path) -> None:
    root = tmp_path / "root"
    elsewhere = make(tmp_path / "elsewhere")
    root.mkdir()
    (root / "again").symlink_to(root)
    (root / "link").symlink_to(elsewhere)
    (root / "other link").symlink_to(elsewhere)

    assert search([root, root], FILE) == [root / "link"]


def test_looks_into_so_many_folders_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [make(tmp_path / f"{number}") for number in range(5)]
    monkeypatch.setattr(search_module, "MOST_FOLDERS", 3)

    assert search([tmp_path], FILE) == made[:2]


def test_passes_over_a_root_that_is_not_there(tmp_path: Path) -> None:
    assert search([tmp_path / "none", make(tmp_path / "one")], FILE) == [tmp_path / "one"]


def test_is_known_by_twelve_digits_whichever_way_it_is_reached(tmp_path: Path) -> None:
    folder = make(tmp_path / "one")
    (tmp_path / "link").symlink_to(folder)

    assert known_as(folder) == known_as(tmp_path / "link")
    assert known_as(folder) != known_as(tmp_path)
    assert len(known_as(folder)) == 12
    assert set(known_as(folder)) <= set("0123456789abcdef")


def test_a_signature_changes_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "file"

    assert signature(file) is None
    file.write_text("a")
    before = signature(file)
    file.write_text("ab")
    assert None not in (before, signature(file))
    assert before != signature(file)


def test_a_message_loses_where_the_folder_is(tmp_path: Path) -> None:
    folder = tmp_path / "run"

    assert (
        without_paths(f"{folder}/run.json: damaged\n twice", folder)
        == "run/run.json: damaged twice"
    )
    assert str(tmp_path) not in without_paths(f"unroll text train --resume {folder}", folder)


def test_a_name_that_utf8_cannot_tell_is_told_with_question_marks() -> None:
    assert tellable("caf\udce9 \ud800") == "caf? ?"
