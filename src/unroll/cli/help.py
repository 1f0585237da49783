"""What --help prints: an example first, and nothing wider than the terminal."""

import inspect
import shutil
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from unroll.cli.options import Option, options_of, texts_of

NARROWEST, WIDEST = 60, 100
"""Columns; a narrower terminal folds lines itself, and longer ones are hard to read."""
_MOST_WORDS = 24
"""Columns for an option's own words; the text of a longer one begins below it."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Commands that stand under one name."""

    summary: str
    """One line."""
    example: str
    """A command line to begin with."""
    commands: Mapping[str, "type | Group"]
    """The commands by name."""


def describe(command: "type | Group") -> tuple[str, str]:
    """Return a command's summary and its example, from its docstring."""
    if isinstance(command, Group):
        return command.summary, command.example
    summary, example = (inspect.getdoc(command) or "").split("\n\nExample: ")
    return " ".join(summary.split()), " ".join(example.split())


def help_of(command: "type | Group", called: str) -> str:
    """Return the help of a command; `called` is how it is called, as typed."""
    summary, example = describe(command)
    width = min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)
    if isinstance(command, Group):
        usage, body = "COMMAND", _list_commands(command, called, width)
    else:
        options = options_of(command)
        positional = [option.words for option in options if option.positional]
        usage = " ".join([*positional, "[OPTIONS]"])
        body = _list_options(options, texts_of(command), width)
    head = f"Example: {example}\nUsage:   {called} {usage}"
    return f"{head}\n\n{textwrap.fill(summary, width)}\n\n{body}"


def _list_commands(group: Group, called: str, width: int) -> str:
    column = max(map(len, group.commands)) + 4
    lines = [
        f"  {name:{column - 2}}{describe(command)[0]}" for name, command in group.commands.items()
    ]
    further = f"{called} COMMAND --help shows a command's example and options."
    if " " not in called:
        further += " unroll --version tells the version."
    return "\n".join([*lines, "", textwrap.fill(further, width)])


def _list_options(options: list[Option], texts: dict[str, str], width: int) -> str:
    longest = (len(option.words) for option in options)
    column = max(length for length in (*longest, 0) if length <= _MOST_WORDS) + 4
    described = (_describe_option(one, texts[one.name], column, width) for one in options)
    return "\n".join(described)


def _describe_option(option: Option, text: str, column: int, width: int) -> str:
    lines = textwrap.wrap(f"{text}{_default(option)}", width - column, break_on_hyphens=False)
    if len(option.words) > column - 4:
        lines.insert(0, "")
    first = f"  {option.words:{column - 2}}{lines[0]}".rstrip()
    return "\n".join([first, *(" " * column + line for line in lines[1:])])


def _default(option: Option) -> str:
    """Return what is told of a default that the text does not tell itself."""
    # 0 equals False, and is worth telling.
    if option.default in (None, ()) or option.default is False or option.is_required:
        return ""
    values = option.default if isinstance(option.default, tuple) else (option.default,)
    return f" Default: {' '.join(map(str, values))}."
