from pathlib import Path

import pytest

from unroll.errors import ConfigError
from unroll.study.text.commands.beside import find_continuation


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.txt"
    path.write_text("One day the king\nsaid: go. And he went.", encoding="utf-8")
    return path


def test_a_line_may_break_within_the_prompt(book: Path) -> None:
    found = find_continuation(book, "the king said", 5)
    assert (found.position, found.text) == (8, ": go.")


def test_a_space_at_the_prompts_end_is_read(book: Path) -> None:
    assert find_continuation(book, "the ", 4).text == "king"
    assert find_continuation(book, "the", 5).text == " king"


def test_it_ends_with_the_book(book: Path) -> None:
    assert find_continuation(book, "And he", 100).text == " went."


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        (
            "The king",
            "--beside: 'The king' does not stand in {book}; give a prompt that does, in "
            "the same capitals",
        ),
        ("went.", "--beside: 'went.' is the end of {book}, and nothing follows it"),
    ],
)
def test_a_prompt_without_a_continuation_is_refused(book: Path, prompt: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        find_continuation(book, prompt, 10)
    assert str(error.value) == message.format(book=book)
