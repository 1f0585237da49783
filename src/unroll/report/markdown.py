"""One document as Markdown, with its formulas in LaTeX: for a student's own report.

Figures are named, not drawn: they lie beside it as files.
"""

import re
from collections.abc import Iterator, Sequence

from unroll.report.latex import display_latex
from unroll.report.markup import inline_markdown, literal_markdown, plain
from unroll.report.section import (
    ROLES,
    Block,
    Check,
    Command,
    Document,
    Equation,
    Fact,
    Figure,
    Notice,
    Part,
    Progress,
    Prose,
    Scalar,
    Section,
    Table,
)


def to_markdown(document: Document, figures: str = "figures") -> str:
    """Return the whole report; its figures are linked as `figures/ID.svg`."""
    parts = [f"# {literal_markdown(document.title)}"]
    parts += [f"*{inline_markdown(document.question)}*"] if document.question else []
    parts += [literal_markdown(f"unroll · {document.about}")] if document.about else []
    if document.progress is not None:
        parts.append(_progress(document.progress))
    parts += [inline_markdown(document.lead)] if document.lead else []
    parts += [_block(block, figures) for block in document.opening]
    parts += [_facts(document.facts)] if document.facts else []
    parts += list(_sections(document.sections, figures))
    if document.settings:
        rows = [(s.name, s.value, plain(s.reason)) for s in document.settings]
        grid = _grid(("setting", "value", "reason"), rows)
        parts += ["## Settings", inline_markdown(document.settings_of), grid]
    parts += [_facts(document.provenance)] if document.provenance else []
    return "\n\n".join(part for part in parts if part) + "\n"


def _sections(sections: Sequence[Section], figures: str) -> Iterator[str]:
    """Yield the sections, each under its number, and the parts that they belong to."""
    part: Part | None = None
    for section in sections:
        if section.part and section.part != part:
            yield _heading(2, section.part.number, section.part.title)
        part = section.part
        level = 3 if part else 2
        yield _heading(level, section.number, section.title)
        for block in section.blocks:
            yield _block(block, figures, level + 1)


def _heading(level: int, number: str, title: str) -> str:
    return f"{'#' * level} {literal_markdown(f'{number} {title}'.strip())}"


def _block(block: Block, figures: str, level: int = 3) -> str:
    """Return a block; a part of a section begins with a heading of that level."""
    match block:
        case Prose():
            heading = f"{'#' * level} {ROLES[block.role]}\n\n" if block.role else ""
            return heading + inline_markdown(block.text)
        case Equation():
            return display_latex(block.text)
        case Table():
            return _table(block)
        case Figure():
            return _figure(block, figures)
        case Command():
            return f"{literal_markdown(block.label)}:\n\n{_typed(block.text)}"
        case Check():
            mark = "✓" if block.passed else "✗ **Failed.**"
            detail = f" ({inline_markdown(block.detail)})" if block.detail else ""
            return f"{mark} {inline_markdown(block.label)}{detail}"
        case Notice():
            return "> " + inline_markdown(block.text).replace("\n", "\n> ")
        case Progress():
            return _progress(block)


def _figure(figure: Figure, folder: str) -> str:
    """Return a figure by name, its caption, and what to type to get it again."""
    alt = literal_markdown(re.sub(r"\s", " ", figure.alt))
    shown = f"![{alt}]({folder}/{figure.id}.svg)\n\n{inline_markdown(figure.caption)}"
    return f"{shown}\n\n{_typed(figure.command)}" if figure.command else shown


def _typed(command: str) -> str:
    """Return a command as a block of code, in a fence that it cannot close."""
    ticks = max((len(found) for found in re.findall("`+", command)), default=0)
    fence = "`" * max(3, ticks + 1)
    return f"{fence}bash\n{command}\n{fence}"


def _progress(progress: Progress) -> str:
    return f"> Still running: {progress.done} of {progress.total} {progress.unit} are finished."


def _table(table: Table) -> str:
    """Return a table under its caption; texts keep their line breaks."""
    heads = [inline_markdown(column.title) for column in table.columns]
    aligned = tuple(column.numeric for column in table.columns)
    return f"{inline_markdown(table.caption)}\n\n{_grid(heads, table.rows, aligned)}"


def _grid(
    heads: Sequence[str], rows: Sequence[Sequence[Scalar]], numeric: Sequence[bool] = ()
) -> str:
    """Return rows as a table; what stands in a cell is taken as it is written."""
    signs = ["---:" if right else "---" for right in numeric] or ["---"] * len(heads)
    lines = [heads, signs, *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Scalar) -> str:
    text = "–" if value is None else literal_markdown(str(value))
    return text.replace("\n", "<br>")


def _facts(facts: Sequence[Fact]) -> str:
    return "\n".join(f"- **{fact.label}**: {literal_markdown(fact.value)}" for fact in facts)
