"""Every command that a page tells its reader to type is run as it is written.

Those with a time in minutes or hours beside or above them are marked `hours`, the others `slow`.
Of `make`, `make study` alone is run: the other targets are this suite, or change its environment.
"""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from tests.docs.brought import BOOKS, bring_a_store, bring_files, bring_real_books, write_tables
from tests.docs.likeness import masked, missing
from tests.docs.pages import PAGES, ROOT, Shown, commands_of
from tests.docs.served import serve_once

COMMANDS = [
    command
    for page in PAGES
    for command in commands_of(page)
    if command.words[0] in ("unroll", "python") or command.words == ("make", "study")
]
LONG = {command.words for command in COMMANDS if command.is_long}


def case(command: Shown, place: int) -> object:
    mark = pytest.mark.hours if command.words in LONG else pytest.mark.slow
    return pytest.param(place, id=f"{command.page}: {shlex.join(command.words)}", marks=mark)


def folder_of(page: str, factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which a page's commands run, whichever process runs which of them."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "written" / page.replace("/", "-").removesuffix(".md")
    with FileLock(f"{base.parent}/written.lock"):
        if not folder.exists():
            folder.mkdir(parents=True)
            bring_real_books(folder)
            bring_files(folder, page)
            write_tables(folder / "tales")
    return folder


def absent(command: Shown, folder: Path) -> str | None:
    """Return why a command cannot be run on this machine, or None."""
    if command.words[:3] == ("unroll", "text", "fetch"):
        return "a book would be fetched from the network"
    needed = [*BOOKS, "planetoid"] if command.is_on_text else ["planetoid"]
    asked = [name for name in needed if name in command.words]
    asked += ["grimm.txt"] if command.is_on_text else []
    gone = [name for name in asked if not (folder / name).exists()]
    return f"{gone[0]} is not on this machine" if gone else None


def run_as_written(command: Shown, folder: Path) -> None:
    """Run a command in its page's folder, once, and keep what came of it."""
    program, *words = command.words
    if program == "unroll":
        bring_a_store(command, folder)
        typed = [sys.executable, "-m", "unroll.cli", *words]
    elif program == "python":
        typed = [sys.executable, *words]
    else:
        out = folder / "runs/study"
        typed = ["make", "-C", str(ROOT), "-o", ".venv/.ready", *words, f"OUT={out}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    environment |= {"XDG_CACHE_HOME": str(folder / "cache")}
    if words[:1] == ["app"]:
        done = serve_once([*words, "--port", "0"], folder, environment)
    else:
        done = subprocess.run(typed, cwd=folder, env=environment, capture_output=True, text=True)
    if command.into is not None:
        (folder / command.into).write_text(done.stdout)
    kept = {"exit": done.returncode, "out": done.stdout, "err": done.stderr}
    note_of(command, folder).write_text(json.dumps(kept))


def note_of(command: Shown, folder: Path) -> Path:
    return folder / f".command-{COMMANDS.index(command)}.json"


@pytest.mark.parametrize("place", [case(command, n) for n, command in enumerate(COMMANDS)])
def test_a_command_as_it_is_written(place: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    command = COMMANDS[place]
    folder = folder_of(command.page, tmp_path_factory)
    if reason := absent(command, folder):
        pytest.skip(reason)
    # A command may go on with what earlier ones of its page left; each of them is run once.
    with FileLock(folder / ".lock"):
        for earlier in COMMANDS[: place + 1]:
            wanted = earlier is command or earlier.words not in LONG
            if earlier.page != command.page or not wanted or absent(earlier, folder):
                continue
            if not note_of(earlier, folder).exists():
                run_as_written(earlier, folder)
    came = json.loads(note_of(command, folder).read_text())
    assert came["exit"] == 0, came["err"]
    printed = came["out"] + came["err"]
    assert command.words[0] == "python" or printed
    if command.into is None and command.words[:3] != ("unroll", "text", "write"):
        shown = [line for line in command.output if "…" not in line]
        assert missing(command.output, printed) == []
        assert [
            masked(line)
            for line in shown[:1]
            if masked(line) not in map(masked, printed.splitlines())
        ] == []
