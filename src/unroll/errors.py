"""What a user can get wrong, said in one line: what was expected, what came, what to do."""

import difflib
from collections.abc import Iterable


class UnrollError(Exception):
    """A mistake that the user can mend; the command line prints it and exits with code 2."""


class ConfigError(UnrollError):
    """A setting has a value that cannot be used, or a name that nobody knows."""


class ShapeError(UnrollError):
    """A tensor does not have the axes that the receiving function works on."""


class CellError(UnrollError):
    """A recurrent cell cannot be found, imported or used through the cell interface."""


class StoreError(UnrollError):
    """A run directory cannot be read or written as it should be."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> ConfigError:
    """Return the error for a name outside `known`, with the nearest name offered.

    >>> print(unknown_name("cell", "lstmm", ["gru", "lstm", "rnn"]))
    unknown cell 'lstmm': expected one of gru, lstm, rnn (nearest: lstm)
    """
    choices = sorted(known)
    near = difflib.get_close_matches(name, choices, n=1, cutoff=0.5)
    hint = f" (nearest: {near[0]})" if near else ""
    return ConfigError(f"unknown {kind} '{name}': expected one of {', '.join(choices)}{hint}")


def in_one_line(error: BaseException) -> str:
    """Return an error as one line: ours as they are, others with the name of their class."""
    if isinstance(error, UnrollError):
        return str(error)
    return " ".join(f"{type(error).__name__}: {error}".split())
