"""The way in: find the command, read its options, carry it out, print.

Nothing here imports torch before a command runs, so that --help answers at once.
"""

import errno
import io
import os
import sys
from collections.abc import Sequence
from typing import TypeAlias

from unroll.cli.app import INTERRUPTED_EXIT, AppCommand, run_app
from unroll.cli.check import CheckCommand, run_check
from unroll.cli.graph import GRAPH, GraphCommand, run_graph
from unroll.cli.help import Group, help_of
from unroll.cli.reading import read_command, split_words
from unroll.cli.study import (
    AblationCommand,
    BenchCommand,
    GatesCommand,
    GradientsCommand,
    MemoryCommand,
    OptimisersCommand,
    ReportCommand,
    StudyCommand,
    StudyCommands,
    run_study,
)
from unroll.cli.text import TEXT, TextCommand, run_text
from unroll.errors import ConfigError, UnrollError, unknown_name
from unroll.version import __version__

FAILED_EXIT = 1
USAGE_EXIT = 2
_HELP = {"-h", "--help"}

Command: TypeAlias = StudyCommands | TextCommand | GraphCommand | AppCommand | CheckCommand

UNROLL = Group(
    summary="How far does information travel in a network, and what stops it?",
    example="unroll study --preset quick --out runs/study",
    commands={
        "study": StudyCommand,
        "memory": MemoryCommand,
        "gradients": GradientsCommand,
        "optimisers": OptimisersCommand,
        "gates": GatesCommand,
        "ablation": AblationCommand,
        "check": CheckCommand,
        "bench": BenchCommand,
        "text": TEXT,
        "graph": GRAPH,
        "report": ReportCommand,
        "app": AppCommand,
    },
)
"""Every command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, print, and exit.

    Exit codes: 1 where every trial failed or nothing can be printed, 2 for a user's mistake,
    130 for Ctrl-C.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that lacks a character is shown its code, as on standard error.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        if words == ["--version"]:
            print(f"unroll {__version__}", flush=True)
            return
        if _HELP & {*split_words(words)[0]}:
            print(_help(words), flush=True)
            sys.exit(0)
        output, succeeded = _run(parse(words))
        if output:
            print(output)
        sys.stdout.flush()
        if not succeeded:
            sys.exit(FAILED_EXIT)
    except UnrollError as error:
        print(f"unroll: {error}", file=sys.stderr)
        sys.exit(USAGE_EXIT)
    except BrokenPipeError:
        # The reader of a pipe has gone; Python would complain once more when it closes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED_EXIT)
    except OSError as error:
        # What else the system refuses is told of where it is met, with the file's name.
        if error.errno != errno.ENOSPC:
            raise
        print("unroll: no space left for what is printed: free some", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED_EXIT)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED_EXIT)


def parse(words: Sequence[str]) -> Command:
    """Return the command that these words, those after `unroll`, ask for.

    Raises: ConfigError, in one line, for words that cannot be used.
    """
    command, called, rest = _find(words)
    if isinstance(command, Group):
        names = ", ".join(command.commands)
        raise ConfigError(
            f"a command is missing: name one of {names}; {called} --help tells what they do"
        )
    asked: Command = read_command(command, rest, called)
    return asked


def _help(words: Sequence[str]) -> str:
    command, called, _ = _find([word for word in words if word not in _HELP])
    return help_of(command, called)


def _find(words: Sequence[str]) -> tuple[type | Group, str, list[str]]:
    """Return the command that is meant, how it is called, and the words that follow."""
    command: type | Group = UNROLL
    called, left = "unroll", list(words)
    while isinstance(command, Group) and left:
        name = left.pop(0)
        if name not in command.commands:
            raise unknown_name("command", name, command.commands)
        command, called = command.commands[name], f"{called} {name}"
    return command, called, left


def _run(command: Command) -> tuple[str, bool]:
    """Carry out a command; return what belongs on standard output, and whether it succeeded.

    The output is empty where a command has written it already, as `unroll text write` does.
    """
    if isinstance(command, TextCommand):
        return run_text(command)
    if isinstance(command, GraphCommand):
        return run_graph(command)
    if isinstance(command, CheckCommand):
        return run_check(command)
    if isinstance(command, AppCommand):
        run_app(command)
    return run_study(command)
