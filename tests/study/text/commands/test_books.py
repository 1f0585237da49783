from pathlib import Path

import pytest

from tests.study.text.commands.runs import TEXT, write_book
from unroll.study.text.commands.books import find_book
from unroll.text import BookError, default_book


def test_a_path_is_read_and_nothing_is_pythons_own_prose(tmp_path: Path) -> None:
    assert find_book(write_book(tmp_path)).text() == TEXT
    assert find_book(None) == default_book()


def test_a_beginning_is_a_book_of_its_own(tmp_path: Path) -> None:
    path = write_book(tmp_path)
    beginning = find_book(path, 1000)
    assert beginning.text() == TEXT[:1000]
    assert beginning.characters == 1000
    assert beginning.sha256 != find_book(path).sha256
    assert beginning.source == f"{path} (its first 1,000 characters)"
    assert find_book(path, 10**9) == find_book(path)


def test_one_character_is_told_as_one(tmp_path: Path) -> None:
    path = write_book(tmp_path)
    with pytest.raises(BookError) as error:
        find_book(path, 1)
    assert str(error.value).startswith(
        f"{path} (its first character): holds 1 character of text; a book needs"
    )


def test_a_fetched_book_is_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BookError) as error:
        find_book(Path("grimm"))
    assert str(error.value) == "grimm: not fetched yet; run `unroll text fetch grimm` first"
    folder = tmp_path / "unroll" / "books"
    folder.mkdir(parents=True)
    (folder / "pg2591.txt").write_text(TEXT, encoding="utf-8")
    book = find_book(Path("grimm"))
    assert (book.name, book.text()) == ("grimm", TEXT)


def test_a_path_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="no such file or folder"):
        find_book(tmp_path / "none.txt")
    with pytest.raises(BookError, match="no such file or folder"):
        find_book(Path("no-such-book"))
