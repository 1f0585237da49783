"""From the words of a command line to a command; what does not fit is told in one line."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from unroll.cli.options import Option, make, options_of
from unroll.errors import ConfigError, unknown_name

_EXPECTED = {int: "a whole number", float: "a number", str: "a value", Path: "a path"}


def read_command(command: type, words: Sequence[str], called: str) -> Any:
    """Return the command that these words ask for; `called` is how it was called, as typed.

        --seeds 3   --seeds=3   --lengths 5 10 20   --json   grimm.txt

    An option given twice has its last value. A value that begins with -- is given as --prompt=--.

    Raises: ConfigError, in one line, for words that the command does not know or cannot use.
    """
    options = options_of(command)
    by_flag = {option.flag: option for option in options if option.positional is None}
    waiting = [option for option in options if option.positional is not None]
    values: dict[str, Any] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if word.startswith("--") and len(word) > 2:
            flag, has_value, value = word.partition("=")
            option = by_flag.get(flag.replace("_", "-"))
            if option is None:
                raise _unknown_option(flag, by_flag, called)
            values[option.name] = _take(option, [value] if has_value else None, left)
        elif waiting:
            option = waiting.pop(0)
            values[option.name] = _convert(option, word)
        else:
            raise ConfigError(f"'{word}' is one word too many: {called} --help lists what there is")
    for option in waiting:
        if option.is_required:
            raise ConfigError(
                f"{option.positional} is missing: {called} --help begins with an example"
            )
    return make(command, values)


def _take(option: Option, given: list[str] | None, left: list[str]) -> object:
    """Return an option's value, and take its words from those that are left."""
    if option.kind is bool:
        if given is not None:
            raise ConfigError(f"{option.flag} takes no value, got '{given[0]}': leave it out")
        return True
    if given is None:
        given = []
        while left and not left[0].startswith("--") and (option.many or not given):
            given.append(left.pop(0))
    if option.many:
        return tuple(_convert(option, word) for word in given)
    if not given:
        raise ConfigError(f"{option.flag} needs {_EXPECTED[option.kind]}, got nothing")
    return _convert(option, given[0])


def _convert(option: Option, word: str) -> object:
    if option.choices and word not in option.choices:
        raise unknown_name(option.name, word, option.choices)
    try:
        return option.kind(word)
    except ValueError:
        name = option.positional or option.flag
        raise ConfigError(f"{name} must be {_EXPECTED[option.kind]}, got '{word}'") from None


def _unknown_option(flag: str, known: dict[str, Option], called: str) -> ConfigError:
    near = difflib.get_close_matches(flag, known, n=1, cutoff=0.5)
    hint = f" (nearest: {near[0]})" if near else ""
    return ConfigError(f"unknown option '{flag}'{hint}: {called} --help lists what there is")
