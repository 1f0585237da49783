"""A report in other forms than a page."""

import csv
import io
from pathlib import Path

import pytest

from unroll.cli import main
from unroll.errors import StoreError
from unroll.records import Store
from unroll.report.section import Figure
from unroll.study.document import load_document
from unroll.study.execute import RunOptions
from unroll.study.formats import write_figures, write_markdown
from unroll.study.graphs.settings import ReachSettings
from unroll.study.run import run_command
from unroll.study.running.inline import InlineExecutor


@pytest.fixture(scope="module")
def reach(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("formats") / "out"
    run_command(ReachSettings(), RunOptions(out=out, workers=1, quiet=True), InlineExecutor())
    return out


def figures_of(directory: Path) -> list[Figure]:
    with Store.read(directory) as store:
        document = load_document(store)
    return [b for section in document.sections for b in section.blocks if isinstance(b, Figure)]


def test_each_figure_is_a_drawing_and_a_sheet(reach: Path) -> None:
    folder = write_figures(reach)
    figures = figures_of(reach)
    assert figures
    assert {path.stem for path in folder.iterdir()} == {figure.id for figure in figures}
    for figure in figures:
        assert (folder / f"{figure.id}.svg").read_text().startswith("<svg")
        rows = list(csv.DictReader(io.StringIO((folder / f"{figure.id}.csv").read_text())))
        assert len(rows) == len(figure.rows)
        assert [row[name] for row in rows for name in figure.rows[0]] == [
            "" if value is None else str(value)
            for row in figure.rows
            for value in (row.get(name) for name in figure.rows[0])
        ]


def test_markdown_links_what_lies_beside_it(
    reach: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["report", str(reach), "--format", "md"])
    assert capsys.readouterr().out == f"report: {reach / 'report.md'}\n"
    text = write_markdown(reach).read_text()
    for figure in figures_of(reach):
        assert f"(figures/{figure.id}.svg)" in text
        assert (reach / "figures" / f"{figure.id}.svg").exists()
    assert "4 updates" in text


def test_figures_from_the_command_line(reach: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["report", str(reach), "--format", "figures"])
    assert capsys.readouterr().out == f"figures: {reach / 'figures'}\n"


def test_without_a_store_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no unroll store here"):
        write_markdown(tmp_path)
    assert list(tmp_path.iterdir()) == []
