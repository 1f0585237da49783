"""Which folders are searched, and how they are known."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from unroll.app import search as search_module
from unroll.app.search import (
    Searched,
    is_file,
    known_as,
    search,
    signature,
    tellable,
    without_paths,
)

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


def test_a_folder_that_may_not_be_entered_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, other = make(tmp_path / "locked"), make(tmp_path / "other")
    look = Path.stat

    def look_outside(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.parent == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return look(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", look_outside)

    assert search([tmp_path], FILE) == [other]
    assert not is_file(locked / FILE)
    assert signature(locked / FILE) is None


def test_who_asks_during_a_search_hears_what_was_found_before() -> None:
    begun, may_end = threading.Event(), threading.Event()
    found = iter(("old", "new"))

    def find() -> str:
        one = next(found)
        if one == "new":
            begun.set()
            may_end.wait(30)
        return one

    searched = Searched(find, 0)
    assert searched.get() == "old"
    with ThreadPoolExecutor(1) as pool:
        searching = pool.submit(searched.get)
        begun.wait(30)
        assert searched.get() == "old"
        may_end.set()
    assert searching.result() == "new"


def test_a_search_that_took_long_is_not_soon_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    searches = []

    def find() -> int:
        now[0] += 10
        searches.append(now[0])
        return len(searches)

    searched = Searched(find, 0.5)

    assert searched.get() == 1
    now[0] = 30.4  # it ended at 10, and rests for half a second and twice its 10 seconds
    assert searched.get() == 1
    now[0] = 30.5
    assert searched.get() == 2


def test_a_search_that_failed_is_done_again() -> None:
    def fail() -> int:
        raise ValueError("no")

    searched = Searched(fail, 60)

    for _ in range(2):
        with pytest.raises(ValueError, match=r"^no$"):
            searched.get()
