"""Lines, tables and blocks of a report as a terminal shows them."""

import io
import sys
from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from unroll.report.markup import plain
from unroll.report.section import (
    Block,
    Check,
    Command,
    Equation,
    Figure,
    Notice,
    Progress,
    Prose,
    Section,
    Table,
)


def standard_error(*, quiet: bool) -> Console:
    """Return standard error as the place where a run tells of itself; `quiet` tells nothing."""
    # In a notebook rich would make an output of every line, whatever stream it is meant for; and
    # there, where colours are asked for in every stream, it would take any for a terminal.
    return Console(
        stderr=True,
        quiet=quiet,
        highlight=False,
        force_jupyter=False,
        force_terminal=None if sys.stderr.isatty() else False,
    )


def terminal_width() -> int:
    """Return how many columns there are."""
    return Console(force_jupyter=False).width


def to_text(parts: Sequence[str | Grid]) -> str:
    """Return lines and tables one below the other, as wide as the terminal; no line is folded."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=terminal_width(),
        highlight=False,
        markup=False,
        force_jupyter=False,
        force_terminal=False,
    )
    for part in parts:
        if part:
            console.print(part, soft_wrap=isinstance(part, str))
    return stream.getvalue().rstrip()


def block_text(block: Block | Section) -> str:
    """Return one block, or a whole section, as plain text; a figure as its caption."""
    return to_text(list(_parts(block)))


def _parts(block: Block | Section) -> Iterator[str | Grid]:
    match block:
        case Section():
            yield f"{block.number} {plain(block.title)}".strip()
            for part in block.blocks:
                yield from ("\n", *_parts(part))
        case Table():
            yield plain(block.caption)
            yield _grid(block)
        case Figure():
            yield f"[{block.id}] {plain(block.caption)}"
        case Check():
            detail = f" ({plain(block.detail)})" if block.detail else ""
            verdict = "✓" if block.passed else "✗ failed:"
            yield f"{verdict} {plain(block.label)}{detail}"
        case Prose() | Notice():
            yield plain(block.text)
        case Equation() | Command():
            yield block.text
        case Progress():
            yield f"still running: {block.done} of {block.total} {block.unit} are in"


def _grid(table: Table) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, header_style="")
    for column in table.columns:
        right = column.numeric
        grid.add_column(Text(plain(column.title)), justify="right" if right else "left")
    for row in table.rows:
        # Text, so that nothing in a user's words is read as a style.
        grid.add_row(*(Text("–" if value is None else str(value)) for value in row))
    return grid
