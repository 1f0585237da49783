"""The programs of the pages, and what the pages say of them."""

import re
import runpy
import shlex
from pathlib import Path

import pytest

from tests.docs.brought import bring_books, bring_graphs
from tests.docs.pages import PAGES, commands_of, programs_of, text_of
from tests.docs.smaller import STEPS
from tests.study.undrawn import carry_out
from unroll.cells.source import find_cell
from unroll.cli import main
from unroll.engines import choose_engine
from unroll.study.graphs.settings.compare import EXPERIMENTS
from unroll.study.memory.settings import MemorySettings


def test_the_cells_in_the_text_run_through_a_study(tmp_path: Path) -> None:
    specs = []
    for name, code in programs_of("docs/own-cell.md").items():
        (tmp_path / name).write_text(code)
        specs.append(f"{tmp_path / name}:{Path(name).stem.title()}")
    settings = MemorySettings(
        cells=("rnn", *specs), lengths=(5,), seeds=1, max_steps=30, hidden_size=8, batch_size=8
    )
    trials = carry_out(settings, tmp_path / "out").summary["trials"]
    assert [trial["status"] for trial in trials] == ["budget"] * 3
    assert choose_engine(find_cell(specs[1]).load()(1, 8), 8) == "parallel"


def test_the_cell_in_the_text_has_twenty_lines_of_code_at_most() -> None:
    code = programs_of("docs/own-cell.md")["leaky.py"]
    assert len([line for line in code.splitlines() if line.strip()]) <= 20


def test_the_program_on_text_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ((name, code),) = programs_of("docs/book.md").items()
    monkeypatch.chdir(tmp_path)
    bring_books(tmp_path)
    Path(name).write_text(re.sub(r"(steps|positions)=\d+", rf"\1={STEPS}", code))
    runpy.run_path(name)
    told = capsys.readouterr().out
    assert told.startswith("{'carried_nats': ")
    assert "horizon, and the first distance beyond it: " in told


def test_the_page_on_graphs_shows_every_experiment() -> None:
    shown = re.findall(r"^\| `(\w+)` \|", text_of("docs/graphs.md"), re.MULTILINE)
    assert shown == list(EXPERIMENTS)


@pytest.mark.parametrize("page", PAGES)
def test_the_counts_of_updates_on_a_page_are_those_that_are_printed(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in commands_of(page):
        if command.words[:3] == ("unroll", "graph", "reach"):
            bring_graphs(command.words, monkeypatch)
            main(command.words[1:])
            told = capsys.readouterr().out.splitlines()
            unseen = [line for line in command.output if line not in (*told, "…")]
            assert unseen == [], shlex.join(command.words)


def test_the_program_on_graphs_prints_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ((name, code),) = programs_of("docs/graphs.md").items()
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(code)
    runpy.run_path(name)
    told = capsys.readouterr().out
    assert f"```console\n$ python {name}\n{told}```" in text_of("docs/graphs.md")
