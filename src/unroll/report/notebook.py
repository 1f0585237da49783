"""Blocks of a report as HTML that a notebook shows: nothing in it runs, nothing is fetched.

A figure is a drawing inside an `img` element: several on one page do not mix up the names inside
them, and a notebook that does not trust its outputs shows them all the same. It has a light ground
of its own; text and tables take the colours of the page, so that a dark one can be read.
"""

import re
from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from rich.table import Table as Grid

from unroll.report.equation import display_math
from unroll.report.extra import MissingExtraError
from unroll.report.markup import inline, paragraphs
from unroll.report.page import figure_svg
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

CLASS = "unroll-shown"
STYLE = f"""<style>
.{CLASS} {{ max-width: 46rem; line-height: 1.5; }}
.{CLASS} figure {{ display: block; width: auto; margin: 0.9em 0; text-align: left; }}
.{CLASS} img {{ display: block; max-width: 100%; background: #fffefb; border-radius: 4px; }}
.{CLASS} figcaption {{
  max-width: none; margin: 0.35em 0; font-size: 0.9em; font-style: normal; opacity: 0.85; }}
.{CLASS} .wide {{ overflow-x: auto; }}
.{CLASS} table.rows {{ border-collapse: collapse; margin: 0.4em 0; font-size: 0.92em; }}
.{CLASS} table.rows tr, .{CLASS} table.rows th, .{CLASS} table.rows td {{ background: none; }}
.{CLASS} table.rows th, .{CLASS} table.rows td {{
  border: 0; border-bottom: 1px solid rgba(128, 128, 128, 0.35); padding: 0.25em 1em 0.25em 0;
  text-align: left; vertical-align: top; white-space: normal; }}
.{CLASS} table.rows .number {{ text-align: right; font-variant-numeric: tabular-nums; }}
.{CLASS} table.rows .letter {{ white-space: pre-wrap; min-width: 18em; }}
.{CLASS} table.rows .heeded td {{ font-weight: 600; }}
.{CLASS} pre {{
  padding: 0; overflow-x: auto; background: none; font-size: 0.85em; white-space: pre; }}
.{CLASS} .failed {{ color: #d8382c; font-weight: 600; }}
.{CLASS} .soft {{ font-size: 0.9em; opacity: 0.75; }}
</style>"""
_FEW_LINES = 1
"""A text that breaks its lines more often has reasons to."""
_UNQUOTED = " !$'()*+,-./:;=?@_~"
"""What a drawing may hold as it is, inside an attribute between double quotation marks."""


def framed(parts: Iterable[str]) -> str:
    """Return pieces of HTML as one output, with the style that they take."""
    inside = "\n".join(part for part in parts if part)
    return f'{STYLE}\n<div class="{CLASS}">\n{inside}\n</div>'


def block_html(block: Block | Section) -> str:
    """Return one block, or a whole section under its title, without the style.

    Every text is escaped. Without the extra `report` a figure is told in words.
    """
    match block:
        case Section():
            title = f"<h3>{escape(f'{block.number} {block.title}'.strip())}</h3>"
            return "\n".join((title, *map(block_html, block.blocks)))
        case Figure():
            return _figure(block)
        case Table():
            return _table(block)
        case Check():
            return _check(block)
        case Prose():
            return paragraphs(block.text)
        case Notice():
            return f"<blockquote>{paragraphs(block.text)}</blockquote>"
        case Equation():
            return f'<div class="wide">{display_math(block.text)}</div>'
        case Command():
            return f"<p>{escape(block.label)}:</p><pre>{escape(block.text)}</pre>"
        case Progress():
            return f"<p>Still running: {block.done} of {block.total} {escape(block.unit)}.</p>"


def told_html(parts: Iterable[str | Grid]) -> str:
    """Return what a terminal is told, lines and tables, as HTML."""
    return "\n".join(
        _grid(part) if isinstance(part, Grid) else _lines(part.strip()) for part in parts if part
    )


def _lines(text: str) -> str:
    """Return lines as a paragraph, or as they are where blanks set them in columns."""
    tag = "pre" if re.search(r"\S {2,}", text) or text.count("\n") > _FEW_LINES else "p"
    return f"<{tag}>{escape(text)}</{tag}>"


def _figure(figure: Figure) -> str:
    words = escape(figure.alt)
    try:
        drawing = quote(figure_svg(figure), safe=_UNQUOTED)
    except MissingExtraError as error:
        return f'<p>{words}</p>\n<p class="soft">Not drawn: {escape(str(error))}</p>'
    return (
        f'<figure><img alt="{words}" src="data:image/svg+xml;charset=utf-8,{drawing}">\n'
        f"<figcaption>{inline(figure.caption)}</figcaption></figure>"
    )


def _table(table: Table) -> str:
    kinds = [
        "number" if column.numeric else "letter" if column.verbatim or column.wide else ""
        for column in table.columns
    ]
    heads = [inline(column.title) for column in table.columns]
    rows = [["–" if value is None else escape(str(value)) for value in row] for row in table.rows]
    body = _rows(heads, kinds, rows, table.highlight)
    return f"<figure><figcaption>{inline(table.caption)}</figcaption>\n{body}</figure>"


def _grid(grid: Grid) -> str:
    """Return a terminal's table; its texts are taken to the letter."""
    kinds = ["number" if column.justify == "right" else "" for column in grid.columns]
    heads = [escape(str(column.header)) for column in grid.columns]
    cells = [[escape(str(cell)) for cell in column.cells] for column in grid.columns]
    return _rows(heads, kinds, [list(row) for row in zip(*cells, strict=True)])


def _rows(
    heads: list[str],
    kinds: list[str],
    rows: list[list[str]],
    heeded: frozenset[int] = frozenset(),
) -> str:
    """Return cells, which are HTML already, as a table that scrolls where it is too wide."""

    def line(tag: str, values: list[str]) -> str:
        cells = zip(values, kinds, strict=True)
        return "".join(
            f'<{tag} class="{kind}">{value}</{tag}>' if kind else f"<{tag}>{value}</{tag}>"
            for value, kind in cells
        )

    head = f"<thead><tr>{line('th', heads)}</tr></thead>" if any(heads) else ""
    body = "\n".join(
        f'<tr class="heeded">{line("td", row)}</tr>'
        if index in heeded
        else f"<tr>{line('td', row)}</tr>"
        for index, row in enumerate(rows)
    )
    return f'<div class="wide"><table class="rows">{head}<tbody>\n{body}\n</tbody></table></div>'


def _check(check: Check) -> str:
    mark = "✓" if check.passed else '<span class="failed">✗ Failed.</span>'
    detail = f' <span class="soft">({inline(check.detail)})</span>' if check.detail else ""
    return f"<p>{mark} {inline(check.label)}{detail}</p>"
