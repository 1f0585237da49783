"""The notebook of the documentation: ten cells that run, and outputs that are theirs."""

import re
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from mkdocs.config import load_config
from mkdocs.structure.files import Files

from tests.report.test_notebook import read

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "docs/notebook.ipynb"
EXECUTE = runpy.run_path(str(ROOT / "scripts/notebook.py"))["execute"]
MOST_BYTES = 1_000_000
SMALLER = {
    "lengths": "(5,)",
    "seeds": "1",
    "max_steps": "3",
    "steps": "3",
    "length": "12",
    "inits": '("uniform",)',
    "characters": "100",
    "positions": "4",
    "furthest": "8",
    "distances": "(1, 2)",
}
"""What the quick suite gives instead, wherever a cell names such a setting."""
SETTING = re.compile(rf"\b({'|'.join(SMALLER)})=(\([^()]*\)|\w+)")
IN_PROCESS = """import unroll.study.execute as _execute
from unroll.study.running.inline import InlineExecutor as _Inline
_Pool = globals().get("_Pool", _execute.WorkerPool)
_execute.WorkerPool = {pool}
"""
"""What the quick suite puts in front of a cell: a worker process takes seconds to begin."""
PICTURES = {2: 1, 3: 1, 4: 1, 6: 1, 7: 1, 8: 1, 9: 2, 10: 1}
"""Figures that each cell shows."""
TABLES = {2: 1, 4: 1, 6: 1, 7: 1, 8: 2}
"""Tables that each cell shows, at least."""


def load() -> nbformat.NotebookNode:
    """Read the notebook as it is committed."""
    return nbformat.reads(NOTEBOOK.read_text(), as_version=4)  # type: ignore[no-any-return, no-untyped-call]


def codes(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Return the cells that are run."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def check_outputs(notebook: nbformat.NotebookNode) -> None:
    """Hold that every cell shows what it should, and nothing went wrong or was told in passing."""
    nbformat.validate(notebook)
    for number, cell in enumerate(codes(notebook), start=1):
        outputs: list[Any] = cell.outputs
        assert outputs, number
        assert all(output.output_type != "error" for output in outputs), number
        streams = [output.name for output in outputs if output.output_type == "stream"]
        assert set(streams) <= {"stdout"}, number
        pages = [read(o.data["text/html"]) for o in outputs if "text/html" in o.get("data", {})]
        assert sum(len(page.found("img")) for page in pages) == PICTURES.get(number, 0), number
        assert sum(len(page.found("table")) for page in pages) >= TABLES.get(number, 0), number


def test_it_has_ten_cells_and_text_between_them() -> None:
    kinds = [cell.cell_type for cell in load().cells]
    assert kinds == ["markdown", "code"] * 10


def test_the_outputs_that_are_committed_are_whole() -> None:
    notebook = load()
    check_outputs(notebook)
    assert [cell.execution_count for cell in codes(notebook)] == list(range(1, 11))


def test_nothing_in_it_tells_of_the_machine_it_ran_on() -> None:
    text = NOTEBOOK.read_text()
    assert len(text.encode()) <= MOST_BYTES
    assert not re.search(r"/home/|/root|/tmp|/usr|/work|[A-Z]:\\\\|file://", text)
    notebook = load()
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert [cell.metadata for cell in notebook.cells] == [{}] * len(notebook.cells)


def with_few_workers(source: str) -> str:
    """Return a cell that runs in the kernel's process, but for the first with a cell of our own.

    That one's worker has to find the file that the notebook wrote.
    """
    if "%%" in source:
        return source
    pool = "_Pool" if "leaky.py:Leaky" in source else "lambda _: _Inline()"
    return IN_PROCESS.format(pool=pool) + source


def test_it_runs_in_a_smaller_form(tmp_path: Path) -> None:
    notebook = load()
    reduced = {name for cell in codes(notebook) for name, _ in SETTING.findall(cell.source)}
    assert reduced == set(SMALLER)
    for cell in codes(notebook):
        smaller = SETTING.sub(lambda found: f"{found[1]}={SMALLER[found[1]]}", cell.source)
        cell.source = with_few_workers(smaller)
    check_outputs(EXECUTE(notebook, tmp_path))


def test_the_page_of_the_documentation_is_the_notebook() -> None:
    hook = runpy.run_path(str(ROOT / "docs/extensions/notebook.py"))
    config = load_config(str(ROOT / "mkdocs.yml"))
    files = config.plugins.run_event("files", Files([]), config=config)
    source = files.src_uris["notebook.md"]
    notebook = load()
    for cell in notebook.cells:
        assert cell.source in source.content_string
    places = "".join(re.findall("<div class='outputs'.*", source.content_string))
    page = SimpleNamespace(file=source)
    shown = read(hook["on_page_content"](places, page, config=config, files=files))
    assert len(shown.found("img")) == sum(PICTURES.values())
    told = "".join(shown.text)
    texts = [o.text for cell in codes(notebook) for o in cell.outputs if o.output_type == "stream"]
    assert texts
    assert all(text in told for text in texts)


@pytest.mark.slow
def test_it_runs_as_it_is_written(tmp_path: Path) -> None:
    check_outputs(EXECUTE(load(), tmp_path))
