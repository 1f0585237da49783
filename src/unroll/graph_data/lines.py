"""Lines of a table with commas."""

import csv
from pathlib import Path
from typing import NamedTuple

from unroll.graph_data.refusal import GraphDataError

MOST_SHOWN = 100
"""Characters of a name that a message has room for."""


class Line(NamedTuple):
    """One line and where it stands."""

    number: int
    """In the file, from 1."""
    fields: list[str]
    """Without the spaces around them."""


def shown(text: str) -> str:
    """Return what a message shows of a name or a line, which may be of any length.

    >>> shown("C"), len(shown("C" * 5_000))
    ('C', 100)
    """
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"


def read_lines(path: Path) -> list[Line]:
    """Return the lines of a table that are not empty.

    Raises: GraphDataError, in one line, when it cannot be read or is no UTF-8 table.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            return [
                Line(reader.line_num, [field.strip() for field in fields])
                for fields in reader
                if any(field.strip() for field in fields)
            ]
    except OSError as error:
        raise GraphDataError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise GraphDataError(
            f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8"
        ) from error
    except csv.Error as error:
        raise GraphDataError(f"{path}: not a table with commas ({error})") from error
