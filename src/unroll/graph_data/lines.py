"""Lines of a table with commas."""

import csv
from pathlib import Path
from typing import NamedTuple

from unroll.graph_data.refusal import GraphDataError


class Line(NamedTuple):
    """One line and where it stands."""

    number: int
    """In the file, from 1."""
    fields: list[str]
    """Without the spaces around them."""


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
