"""The help of every command, as its reader meets it in a terminal."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.refusals import fail
from unroll.cli import main, parse
from unroll.cli.entry import UNROLL
from unroll.cli.help import Group, describe
from unroll.cli.options import options_of, texts_of


def pages(group: Group, *words: str) -> list[list[str]]:
    """Return the words of each page of help: of a group, and of all that is under it."""
    found = [[*words]]
    for name, command in group.commands.items():
        if isinstance(command, Group):
            found += pages(command, *words, name)
        else:
            found.append([*words, name])
    return found


PAGES = pages(UNROLL)
COMMANDS = [words for words in PAGES if words not in ([], ["text"], ["graph"])]


def read(words: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out.splitlines()


def command_of(words: list[str]) -> type:
    command: type | Group = UNROLL
    for word in words:
        assert isinstance(command, Group)
        command = command.commands[word]
    assert not isinstance(command, Group)
    return command


def test_there_is_a_page_for_every_command() -> None:
    text = [f"text {name}" for name in "fetch train write score copies context".split()]
    graph = [f"graph {name}" for name in "classify reach horizon depth compare".split()]
    part_1 = ["memory", "gradients", "optimisers", "gates", "ablation", "check", "bench"]
    all_of_them = ["", "study", *part_1, "text", *text, "graph", *graph, "report", "app"]
    assert [" ".join(words) for words in PAGES] == all_of_them


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
@pytest.mark.parametrize("columns", [80, 160])
def test_help_begins_with_an_example_and_fits_the_terminal(
    words: list[str],
    columns: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    told = read(words, capsys)
    called = " ".join(["unroll", *words])
    assert told[0].startswith(f"Example: {called}")
    assert told[1].startswith(f"Usage:   {called}")
    assert max(map(len, told)) <= min(columns, 100)
    assert len(told) <= (24 if words == [] else 50)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_example_is_a_command_that_is_understood(words: list[str]) -> None:
    _, example = describe(command_of(words))
    typed = shlex.split(example)
    assert typed[: len(words) + 1] == ["unroll", *words]
    assert type(parse(typed[1:])) is command_of(words)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_option_is_listed_with_its_text(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    told = read(words, capsys)
    command = command_of(words)
    texts = texts_of(command)
    for option in options_of(command):
        assert any(line.startswith(f"  {option.words}") for line in told), option.name
        assert texts[option.name].endswith("."), option.name
    assert " ".join(" ".join(texts.values()).split()) == " ".join(texts.values())


def test_the_page_of_one_command_in_full(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert read(["report"], capsys) == [
        "Example: unroll report runs/study --format md",
        "Usage:   unroll report DIR [OPTIONS]",
        "",
        "Draw a report again from its records; nothing is trained.",
        "",
        "  DIR                       Directory that a study wrote.",
        "  --format html|md|figures  One page, Markdown with LaTeX formulas, or each",
        "                            figure as SVG and CSV for a document of your own.",
        "                            Default: html.",
    ]


@pytest.mark.parametrize("words", [[], ["memory"], ["graph", "reach"]], ids=" ".join)
@pytest.mark.parametrize("columns", ["1", "20", "0"])
def test_help_is_told_on_a_terminal_of_any_width(
    words: list[str],
    columns: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert read(words, capsys)[0].startswith("Example: unroll")


@pytest.mark.parametrize(
    "words", ["-h memory", "memory -h", "memory --lengths 5 -h", "memory --help --xyzzy x"]
)
def test_help_may_be_asked_for_anywhere(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert ended.value.code == 0
    assert capsys.readouterr().out.splitlines() == read(["memory"], capsys)


def test_after_two_dashes_no_help_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    told = fail("report -- --help".split(), capsys)
    assert told.startswith("unroll: --help: no unroll store here")


def test_help_of_a_command_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    told = fail("memry --help".split(), capsys)
    assert told.startswith("unroll: unknown command 'memry': expected one of ")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_option_can_be_read_and_told(words: list[str]) -> None:
    options = options_of(command_of(words))
    assert len({option.flag for option in options}) == len(options)
    for option in options:
        assert option.kind in (int, float, str, Path, bool), option.name
        # Without its name it can be asked for, and not be asked away.
        assert option.kind is not bool or option.default is False, option.name
        assert not option.is_required or option.positional, option.name


@pytest.mark.parametrize("words", [[], ["memory"], ["text", "train"], ["graph", "classify"]])
def test_help_does_not_import_torch(words: list[str]) -> None:
    program = (
        "import sys, unroll.cli\n"
        f"try:\n    unroll.cli.main({[*words, '--help']})\nexcept SystemExit:\n    pass\n"
        "sys.exit(sorted({'torch', 'numpy', 'altair'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
