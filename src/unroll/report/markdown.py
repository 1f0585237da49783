"""One document as Markdown, with its formulas in LaTeX: for a student's own report.

Figures are named, not drawn: they lie beside it as files.
"""

import re
from collections.abc import Iterator, Sequence

from unroll.report.latex import display_latex
from unroll.report.markup import inline_markdown, literal_markdown, plain
from unroll.report.section import (
    Block,
    Check,
    Command,
    Document,
    Equation,
    Fact,
    Figure,
    Notice,
    Progress,
    Prose,
    Scalar,
    Section,
    Table,
)

ROLES = {
    "asked": "What is asked",
    "ran": "What was run",
    "measured": "What was measured",
    "follows": "What follows",
}
"""The headings of the four parts of a section."""


def to_markdown(document: Document, figures: str = "figures") -> str:
    """Return the whole report; its figures are linked as `figures/ID.svg`."""
    parts = [f"# {inline_markdown(document.title)}", f"*{inline_markdown(document.question)}*"]
    if document.progress is not None:
        parts.append(_progress(document.progress))
    parts += [inline_markdown(document.lead)] if document.lead else []
    parts += [_block(block, figures) for block in document.opening]
    parts += [_facts(document.facts)] if document.facts else []
    parts += list(_sections(document.sections, figures))
    if document.settings:
        rows = [(s.name, s.value, plain(s.reason)) for s in document.settings]
        parts += ["## Settings", _grid(("setting", "value", "reason"), rows)]
    parts += [_facts(document.provenance)] if document.provenance else []
    return "\n\n".join(part for part in parts if part) + "\n"


def _sections(sections: Sequence[Section], figures: str) -> Iterator[str]:
    """Yield the sections, each under its number, and the parts that they belong to."""
    part = ""
    for section in sections:
        if section.part and section.part != part:
            yield f"# {inline_markdown(section.part)}"
        part = section.part or part
        yield f"## {section.number} {inline_markdown(section.title)}".replace("  ", " ")
        for block in section.blocks:
            yield _block(block, figures)


def _block(block: Block, figures: str) -> str:
    match block:
        case Prose():
            heading = f"### {ROLES[block.role]}\n\n" if block.role else ""
            return heading + inline_markdown(block.text)
        case Equation():
            return display_latex(block.text)
        case Table():
            return _table(block)
        case Figure():
            alt = re.sub(r"[\[\]\n]", " ", block.alt)
            return f"![{alt}]({figures}/{block.id}.svg)\n\n{inline_markdown(block.caption)}"
        case Command():
            return f"{block.label}:\n\n```bash\n{block.text}\n```"
        case Check():
            mark = "✓" if block.passed else "✗ **Failed.**"
            detail = f" ({inline_markdown(block.detail)})" if block.detail else ""
            return f"{mark} {inline_markdown(block.label)}{detail}"
        case Notice():
            return "> " + inline_markdown(block.text).replace("\n", "\n> ")
        case Progress():
            return _progress(block)


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
