"""Where no rate was searched for, 1.6 tells how to; the commands it names can be typed."""

import shlex
from dataclasses import replace
from pathlib import Path

from tests.study.made_up import make_view
from unroll.cli.entry import parse
from unroll.cli.study import MemoryCommand
from unroll.report.section import Command, Prose
from unroll.study.memory.rates import rate_blocks
from unroll.study.memory.settings import MemorySettings
from unroll.study.memory.tables import MemoryTables
from unroll.study.memory.view import MemoryView

ASKED = MemorySettings(cells=("lstm",), lengths=(5,), seeds=2, max_steps=30)


def tables(view: MemoryView, *commands: str) -> MemoryTables:
    return MemoryTables(view=replace(view, commands=commands), labels={"lstm": "lstm"})


def test_one_rate_is_told_with_what_would_adjust_it(tmp_path: Path) -> None:
    view = make_view(tmp_path, {("lstm", 5, 0): 1.0})
    prose, command = rate_blocks(tables(view, ASKED.command("out")), has_search=False)
    assert isinstance(prose, Prose)
    assert isinstance(command, Command)
    assert prose.text == (
        "The rate is 0.001 at every length: what adjusting it changes is not measured here. Recipe "
        "`assignment-tuned` does adjust it: of 4 rates, validation chooses one for each cell and "
        "length."
    )
    asked = parse(shlex.split(command.text)[1:])
    assert isinstance(asked, MemoryCommand)
    assert asked.measure == replace(ASKED, recipe="assignment-tuned")


def test_nothing_is_told_where_rates_were_searched_or_given(tmp_path: Path) -> None:
    view = make_view(tmp_path, {("lstm", 5, 0): 1.0})
    assert rate_blocks(tables(view, ASKED.command("out")), has_search=True) == []
    for other in (replace(ASKED, rate=1e-4), replace(ASKED, recipe="learned")):
        assert rate_blocks(tables(view, other.command("out")), has_search=False) == []
