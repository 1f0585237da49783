"""What a page lets its reader bring: books, graphs, and the page's own files."""

import itertools
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.docs.pages import Shown, programs_of, text_of
from tests.graph_data import planetoid_files
from tests.text.samples import DATA
from unroll.cli import main
from unroll.graph_data import DATA_NAMES, PLANETOID_NAMES

BOOK = "There was once a king who slept; Sleeping beauty is red. A fox saw him!\n" * 150
FETCHED = (
    "*** START OF THE PROJECT GUTENBERG EBOOK TALES ***\n\n"
    f"{BOOK}\n*** END OF THE PROJECT GUTENBERG EBOOK TALES ***\n"
)
BOOKS = ("grimm.txt", "book.txt", "tiny_shakespeare.txt")


def bring_files(folder: Path, page: str) -> None:
    """Write the programs of a page and the cell of our example."""
    for name, code in (programs_of("docs/own-cell.md") | programs_of(page)).items():
        (folder / name).write_text(code)


def bring_books(folder: Path) -> None:
    """Write a small book under each name that the pages use."""
    for name in BOOKS:
        (folder / name).write_text(BOOK)
    (folder / "letter.txt").write_text("The king's fox.\n")


def bring_real_books(folder: Path) -> None:
    """Link this machine's books under the names that the pages use, where it has them."""
    for name in BOOKS:
        source = DATA / ("grimm.txt" if name == "book.txt" else name)
        if source.is_file():
            (folder / name).symlink_to(source)
    (letter,) = re.findall(
        r"`letter\.txt`:\n\n```text\n(.*?)```", text_of("docs/book.md"), re.DOTALL
    )
    (folder / "letter.txt").write_text(letter)
    if (DATA / "planetoid").is_dir():
        (folder / "planetoid").symlink_to(DATA / "planetoid")


def bring_graphs(words: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Put what a command reads where it looks for it: the page's own tables, and a tiny Cora."""
    given = dict(itertools.pairwise(words))
    data, edges = given.get("--data", "karate"), Path(given.get("--edges", ""))
    if edges.suffix == ".csv":
        write_tables(edges.parent)
    if data in PLANETOID_NAMES:
        root = planetoid_files.write(Path(given.get("--root", "fetched")), data)
        monkeypatch.setattr("unroll.graph_data.loading.fetch_planetoid", lambda *_: root)
    elif data not in DATA_NAMES:
        write_tables(Path(data))


def write_tables(folder: Path) -> None:
    """Write the tables that the page on graphs shows."""
    graphs = text_of("docs/graphs.md")
    tables = re.findall(r"`tales/(\S+)`:\n\n```text\n(.*?)```", graphs, re.DOTALL)
    assert [name for name, _ in tables] == ["edges.csv", "nodes.csv"]
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables:
        (folder / name).write_text(table)


def bring_a_store(command: Shown, folder: Path) -> None:
    """Measure something small where a report is asked of a study that was not run here."""
    directory = folder / command.words[2]
    if command.words[1] == "report" and not directory.exists():
        main(["graph", "reach", "--quiet", "--out", str(directory)])
