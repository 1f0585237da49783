"""A report in other forms: as Markdown, and its figures as files, for a document of one's own."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from unroll.records import Store
from unroll.records.atomic import write_atomically
from unroll.report.markdown import to_markdown
from unroll.report.page import figure_svg
from unroll.report.section import Document, Figure
from unroll.study.document import load_document

FIGURES = "figures"
"""The folder of figures in a store's directory."""
MARKDOWN_NAME = "report.md"


def write_figures(directory: Path) -> Path:
    """Write each figure of a directory's report as SVG, and what it was drawn from as CSV.

    Returns the folder. Raises: MissingExtraError without the extra `report`; StoreError when the
    directory cannot be read or written.
    """
    return _write_figures(directory, _read(directory))


def write_markdown(directory: Path) -> Path:
    """Write a directory's report as Markdown, with LaTeX formulas, and its figures beside it.

    Returns the file. Raises: as write_figures.
    """
    document = _read(directory)
    path = directory / MARKDOWN_NAME
    write_atomically(path, to_markdown(document, FIGURES).encode())
    _write_figures(directory, document)
    return path


def _read(directory: Path) -> Document:
    with Store.read(directory) as store:
        return load_document(store)


def _write_figures(directory: Path, document: Document) -> Path:
    folder = directory / FIGURES
    for figure in _figures(document):
        folder.mkdir(exist_ok=True)
        write_atomically(folder / f"{figure.id}.svg", figure_svg(figure).encode())
        write_atomically(folder / f"{figure.id}.csv", _sheet(figure).encode())
    return folder


def _figures(document: Document) -> Iterator[Figure]:
    blocks = [*document.opening, *(b for section in document.sections for b in section.blocks)]
    return (block for block in blocks if isinstance(block, Figure))


def _sheet(figure: Figure) -> str:
    """Return a figure's measurements as CSV, a head and a line for each."""
    text = io.StringIO()
    heads = list(dict.fromkeys(name for row in figure.rows for name in row))
    writer = csv.DictWriter(text, heads, lineterminator="\n")
    writer.writeheader()
    writer.writerows(figure.rows)
    return text.getvalue()
