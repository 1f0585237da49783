"""Every command that a page tells its reader to type is run, in a smaller form."""

import importlib.util
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.brought import FETCHED, bring_a_store, bring_books, bring_files, bring_graphs
from tests.docs.likeness import missing
from tests.docs.pages import PAGES, ROOT, Shown, commands_of, inline_commands_of
from tests.docs.served import serve_once
from tests.docs.smaller import GRAPH, STUDY, TEXT, smaller
from tests.text.gutenberg_host import Answer, serving
from unroll.cli import main, parse
from unroll.cli.app import AppCommand
from unroll.cli.entry import UNROLL
from unroll.cli.help import Group
from unroll.cli.study import StudyCommand
from unroll.study.presets import find_preset
from unroll.study.running.inline import InlineExecutor

COMMANDS = {page: commands_of(page) for page in PAGES}
TARGETS = dict(re.findall(r"^([a-z-]+):(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE))


def ask_make(command: Shown, _: pytest.CaptureFixture[str]) -> None:
    """See what a target would do; it does nothing."""
    told = subprocess.run(
        ["make", "-n", "-C", str(ROOT), *command.words[1:]], capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    assert set(command.words[1:]) <= set(TARGETS)


def ask_python(command: Shown, capsys: pytest.CaptureFixture[str]) -> None:
    """Run a page's own program; ask a benchmark for its help, where its options must stand."""
    if command.words[1] != "-m":
        runpy.run_path(command.words[1])
        return
    module, *options = command.words[2:]
    assert module.startswith("benchmarks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [module, "--help"])
        patch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as ended:
            runpy.run_module(module, run_name="__main__", alter_sys=False)
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert [word for word in options if word.startswith("--") and word not in told] == []


def look_for_file(command: Shown, _: pytest.CaptureFixture[str]) -> None:
    """A page that is opened is one that `make study` writes; a script is in the environment."""
    (path,) = command.words[1:]
    written = {"runs/study/report.html"} if command.words[0] == "open" else set[str]()
    assert path in written or (ROOT / path).exists()


def look_for_program(command: Shown, _: pytest.CaptureFixture[str]) -> None:
    """The program is in the environment."""
    assert os.access(ROOT / command.words[0], os.X_OK)


OTHERS: dict[str, Callable[[Shown, pytest.CaptureFixture[str]], None]] = {
    "make": ask_make,
    "python": ask_python,
    "open": look_for_file,
    "source": look_for_file,
    ".venv/bin/pre-commit": look_for_program,
}
"""What is done with commands that are not ours."""


def stands_before(command: Shown) -> bool:
    """Whether an earlier page has the same command; those on text follow from one another."""
    pages = PAGES[: PAGES.index(command.page)]
    return not command.is_on_text and any(
        command.words == other.words for page in pages for other in COMMANDS[page]
    )


def carry_out(
    command: Shown,
    mirror: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if command.words[0] != "unroll":
        OTHERS[command.words[0]](command, capsys)
        capsys.readouterr()
        return
    asked = parse(command.words[1:])
    if isinstance(asked, StudyCommand) and asked.only is not None:
        find_preset(asked.preset).only(asked.only.split(","))
    bring_graphs(command.words, monkeypatch)
    bring_a_store(command, Path())
    capsys.readouterr()
    if isinstance(asked, AppCommand):
        served = serve_once(smaller(command.words, mirror), Path())
        assert (served.returncode, served.stderr) == (0, "")
        assert missing(command.output, served.stdout) == [], command
        return
    main(smaller(command.words, mirror))
    told = capsys.readouterr()
    assert told.out, command
    if command.into is not None:
        Path(command.into).write_text(told.out)
    if command.words[:3] != ("unroll", "text", "write"):
        assert missing(command.output, told.out + told.err) == [], command


@pytest.mark.parametrize("page", [page for page in PAGES if COMMANDS[page]])
def test_the_commands_of_a_page_run_one_after_another(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("unroll.study.execute.WorkerPool", lambda _: InlineExecutor())
    bring_books(tmp_path)
    bring_files(tmp_path, page)
    with serving({"/cache/epub/2591/pg2591.txt": [Answer(body=FETCHED.encode())]}) as host:
        for command in COMMANDS[page]:
            if not stands_before(command):
                carry_out(command, host.address, monkeypatch, capsys)


@pytest.mark.parametrize("page", PAGES)
def test_commands_in_the_prose_of_a_page_are_understood(page: str) -> None:
    for typed in inline_commands_of(page):
        program, *words = typed.split()
        if program == "make":
            assert words[0] in TARGETS, typed
        elif program == "python":
            assert importlib.util.find_spec(words[1]) is not None, typed
        else:
            command: type | Group = UNROLL
            while isinstance(command, Group) and words:
                command = command.commands[words.pop(0)]


def test_every_command_is_shown_on_some_page() -> None:
    shown = {
        command.words[1:3]
        for page in PAGES
        for command in COMMANDS[page]
        if command.words[0] == "unroll"
    }
    names = {group for group, _ in shown}
    assert names == set(UNROLL.commands)
    assert {name for group, name in shown if group == "text"} == set(TEXT)
    assert {name for group, name in shown if group == "graph"} == set(GRAPH)
    assert set(STUDY) | {"study", "text", "graph"} == names


def test_no_command_is_left_out() -> None:
    programs = {command.words[0] for page in PAGES for command in COMMANDS[page]}
    assert programs == {"unroll", *OTHERS}
