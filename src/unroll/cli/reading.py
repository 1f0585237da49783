"""From the words of a command line to a command; what does not fit is told in one line."""

import difflib
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from unroll.cli.options import Option, make, options_of
from unroll.errors import ConfigError, unknown_name

_EXPECTED = {int: "a whole number", float: "a number", str: "a value", Path: "a path"}
_LONG = re.compile(r"--[^\s=]\S*|--[^\s=]+=.*", re.DOTALL)
"""What is read as an option; with a blank in front of its `=` it is a value in quotation marks."""
_SHORT = re.compile(r"-[^\W\d_]")
"""What an option of one letter begins with; a negative number does not."""


def read_command(command: type, words: Sequence[str], called: str) -> Any:
    """Return the command that these words ask for; `called` is how it was called, as typed.

        --seeds 3   --seeds=3   --lengths 5 10 20   --json   grimm.txt

    An option that takes values is given once. A value that looks like an option is given as
    --prompt=--x. After -- no word is an option.

    Raises: ConfigError, in one line, for words that the command does not know or cannot use.
    """
    options = options_of(command)
    by_flag = {option.flag: option for option in options if option.positional is None}
    values: dict[str, Any] = {}
    plain: list[str] = []
    left, after = split_words(words)
    while left:
        word = left.pop(0)
        if not (_LONG.fullmatch(word) or _SHORT.match(word)):
            plain.append(word)
            continue
        flag, has_value, value = word.partition("=")
        option = by_flag.get(flag.replace("_", "-"))
        if option is None:
            raise _unknown_option(flag, options, called)
        taken = _take(option, [value] if has_value else None, left)
        if option.name in values and option.kind is not bool:
            raise _given_twice(option, values[option.name], taken)
        values[option.name] = taken
    values |= _place([*plain, *after], options, called)
    for option in options:
        if option.is_required and option.name not in values:
            name = option.positional or option.flag
            some = "name at least one; " if option.many else ""
            raise ConfigError(f"{name} is missing: {some}{called} --help begins with an example")
    return make(command, values)


def split_words(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the words before the first --, among which are options, and those after it."""
    end = words.index("--") if "--" in words else len(words)
    return list(words[:end]), list(words[end + 1 :])


def _place(words: Sequence[str], options: Sequence[Option], called: str) -> dict[str, object]:
    """Return the values of the options that are given without a name."""
    waiting = [option for option in options if option.positional is not None]
    if waiting and waiting[-1].many:
        *single, many = waiting
        first, rest = words[: len(single)], words[len(single) :]
        placed = _place(first, single, called)
        return placed | ({many.name: tuple(_convert(many, word) for word in rest)} if rest else {})
    if len(words) > len(waiting):
        word = words[len(waiting)]
        raise ConfigError(f"'{word}' is one word too many: {called} --help lists what there is")
    pairs = zip(waiting, words, strict=False)
    return {option.name: _convert(option, word) for option, word in pairs}


def _take(option: Option, given: list[str] | None, left: list[str]) -> object:
    """Return an option's value, and take its words from those that are left."""
    if option.kind is bool:
        if given is not None:
            raise ConfigError(f"{option.flag} takes no value, got '{given[0]}': leave it out")
        return True
    if given is None:
        given = []
        while left and not _LONG.fullmatch(left[0]) and (option.many or not given):
            given.append(left.pop(0))
    if option.many:
        return tuple(_convert(option, word) for word in given)
    if not given:
        raise ConfigError(f"{option.flag} needs {_EXPECTED[option.kind]}, got nothing")
    return _convert(option, given[0])


def _given_twice(option: Option, first: object, second: object) -> ConfigError:
    """Name both, rather than do as the last one says and be silent about the first."""
    shown = [
        " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for value in (first, second)
    ]
    together = ", with all its values" if option.many else ""
    return ConfigError(
        f"{option.flag} is given twice: {shown[0]} and {shown[1]}; give it once{together}"
    )


def _convert(option: Option, word: str) -> object:
    if option.choices and word not in option.choices:
        raise unknown_name(option.name, word, option.choices)
    read: Callable[[str], object] = _read_path if option.kind is Path else option.kind
    try:
        return read(word)
    except ValueError:
        name = option.positional or option.flag
        raise ConfigError(f"{name} must be {_EXPECTED[option.kind]}, got '{word}'") from None


def _read_path(word: str) -> Path:
    """Return a path; ~ is the user's home, which a shell leaves as it is in --out=~/runs.

    Raises: ValueError for no path at all, as an unset variable leaves it.
    """
    if not word:
        raise ValueError
    home = Path.home() if re.match(r"~(/|$)", word) else None
    return home / word[2:] if home else Path(word)


def _unknown_option(flag: str, options: Sequence[Option], called: str) -> ConfigError:
    known = {option.flag: option.positional for option in options}
    # One letter is near to nothing in particular.
    near = difflib.get_close_matches(flag, known, n=1, cutoff=0.5) if _LONG.match(flag) else []
    told = [f"{known[name]}, without a name" if known[name] else name for name in near]
    hint = f" (nearest: {told[0]})" if told else ""
    return ConfigError(f"unknown option '{flag}'{hint}: {called} --help lists what there is")
