"""The command line that asks for what settings say. Imports no torch, so that --help is quick."""

import shlex
from collections.abc import Collection
from dataclasses import fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def command_line(
    command: str, settings: "DataclassInstance", out: str, *, always: Collection[str] = ()
) -> str:
    """Return `unroll COMMAND` with what `given_words` says, and where its results go."""
    words = given_words(settings, always=always)
    return shlex.join(["unroll", *command.split(), *words, "--out", out])


def given_words(settings: "DataclassInstance", *, always: Collection[str] = ()) -> list[str]:
    """Return what to type for every setting that is not the default, in their order.

    Those named in `always` stand there whatever they are, and positional ones without a name.
    """
    words = []
    for field in fields(settings):
        value = getattr(settings, field.name)
        if field.name in always or value != field.default:
            told = option_words(field.name, value)
            words += told[1:] if "positional" in field.metadata else told
    return words


def option_words(name: str, value: object) -> list[str]:
    """Return what to type for an option.

    >>> option_words("max_steps", 10), option_words("cells", ("rnn", "gru"))
    (['--max-steps', '10'], ['--cells', 'rnn', 'gru'])
    >>> option_words("directed", True)
    ['--directed']
    """
    flag = f"--{name.replace('_', '-')}"
    if value is True:
        return [flag]
    values = value if isinstance(value, tuple) else (value,)
    return [flag, *map(str, values)]
