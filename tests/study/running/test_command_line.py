from dataclasses import dataclass, field
from pathlib import Path

from unroll.study.running.command_line import command_line, given_words


@dataclass(frozen=True, kw_only=True)
class Asked:
    book: Path | None = field(default=None, metadata={"positional": "BOOK"})
    cells: tuple[str, ...] = ("rnn",)
    max_steps: int | None = None
    directed: bool = False


def test_only_what_is_not_the_default_is_typed() -> None:
    assert given_words(Asked()) == []
    assert given_words(Asked(max_steps=5, cells=("rnn", "gru"))) == [
        "--cells",
        "rnn",
        "gru",
        "--max-steps",
        "5",
    ]


def test_what_always_stands_there_stands_there() -> None:
    assert given_words(Asked(), always=["cells"]) == ["--cells", "rnn"]


def test_a_positional_value_has_no_name_and_a_flag_no_value() -> None:
    asked = Asked(book=Path("my book.txt"), directed=True)
    assert command_line("text train", asked, "runs/a") == (
        "unroll text train 'my book.txt' --directed --out runs/a"
    )
