"""The command under each figure asks for what the figure was drawn from, as it is typed."""

import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.report.reading import read
from tests.study.optimisers.test_sections import typical
from tests.study.text.test_plan import BOOK
from tests.study.text.test_plan import PART as TINY_TEXT
from tests.study.undrawn import carry_out
from unroll.cli.entry import parse
from unroll.cli.study import StudyCommand
from unroll.records import RequestRecord, Store
from unroll.report.markdown import to_markdown
from unroll.report.page import render
from unroll.report.section import Command, Document, Figure, Prose
from unroll.study.document import load_document
from unroll.study.execute import RunOptions
from unroll.study.gates.settings import GateSettings
from unroll.study.gradients.settings import GradientSettings
from unroll.study.graphs.settings import (
    ClassifySettings,
    CompareSettings,
    DepthSettings,
    HopSettings,
    ReachSettings,
)
from unroll.study.memory.settings import MemorySettings
from unroll.study.memory.view import asked_lengths
from unroll.study.optimisers.sections import optimiser_section
from unroll.study.presets import SMOKE, find_preset
from unroll.study.questions import StudySettings
from unroll.study.reproduction import anew, covering, with_command, with_commands
from unroll.study.run import run_study
from unroll.study.running.inline import InlineExecutor
from unroll.study.text.part import TextPart

FIGURE = Figure(id="one", spec={}, caption="", alt="", rows=())
OWN_CELL = """from unroll.cells import RNN


class Mine(RNN):
    pass
"""
COMMANDS = (
    MemorySettings(
        lengths=(3, 9), seeds=1, max_steps=3, batch_size=8, hidden_size=4, test_lengths=(11,)
    ),
    MemorySettings(
        cells=("rnn",),
        lengths=(9,),
        seeds=1,
        recipe="learned",
        max_steps=3,
        batch_size=8,
        hidden_size=4,
        test_lengths=(10, 31),
        init="identity:2.5",
        train="readout",
    ),
    GradientSettings(length=9, seeds=1, hidden_size=4, trained_at=(5,), max_steps=3, sequences=2),
    GateSettings(length=9, max_steps=2, batch_size=8, hidden_size=4),
    ReachSettings(edges="node 1-B,B-C,B-D", source="node 1", target="D", directed=True),
    HopSettings(shapes=("path",), models=("gcn",), distances=(1, 2), seeds=1, steps=3),
    ClassifySettings(model="gat", seeds=1, epochs=3),
    DepthSettings(depths=(1, 2), seeds=1, epochs=3),
    CompareSettings(experiment="before", seeds=1, steps=3),
)


def figures(document: Document) -> list[Figure]:
    blocks = [*document.opening, *(b for section in document.sections for b in section.blocks)]
    return [block for block in blocks if isinstance(block, Figure)]


def lines(document: Document) -> Iterator[str]:
    for figure in figures(document):
        assert figure.command, figure.id
        yield from figure.command.split("\n")


def check(document: Document, requests: list[str]) -> None:
    """Every line is one that was asked for, but for its directory; or a study of a question."""
    asked = [parse(shlex.split(text)[1:]) for text in requests]
    measured = [vars(command).get("measure") for command in asked]
    presets = {command.preset for command in asked if isinstance(command, StudyCommand)}
    text = to_markdown(document).split("\n")
    for line in lines(document):
        program, *words = shlex.split(line)
        assert program == "unroll"
        command = parse(words)
        if isinstance(command, StudyCommand):
            assert command.preset in presets
            if command.only is not None:
                chosen = find_preset(command.preset).only([command.only])
                assert {type(part) for part in chosen.parts} == {TextPart}
        else:
            assert vars(command)["measure"] in measured
        assert "--out" not in words
        assert text.count(line) >= 1


@pytest.mark.parametrize("settings", COMMANDS, ids=lambda settings: type(settings).__name__)
def test_each_figure_of_a_command_names_that_command(
    settings: StudySettings, tmp_path: Path
) -> None:
    carry_out(settings, tmp_path / "my results")
    with Store.read(tmp_path / "my results") as store:
        document = load_document(store)
        requests = [request.command for request in store.requests()]
    assert figures(document)
    check(document, requests)
    assert not [b for s in document.sections for b in s.blocks if isinstance(b, Command)] or (
        isinstance(settings, MemorySettings | ClassifySettings)
    )


def test_a_path_with_a_blank_can_be_typed(tmp_path: Path) -> None:
    cell = tmp_path / "my cells" / "mine.py"
    cell.parent.mkdir()
    cell.write_text(OWN_CELL, encoding="utf-8")
    settings = replace(COMMANDS[0], cells=(f"{cell}:Mine",))
    carry_out(settings, tmp_path / "out")
    with Store.read(tmp_path / "out") as store:
        document = load_document(store)
        check(document, [request.command for request in store.requests()])
    assert all(f"'{cell}:Mine'" in line for line in lines(document))


def test_two_requests_of_one_protocol_are_both_named(tmp_path: Path) -> None:
    for distance in (1, 2):
        asked = HopSettings(
            shapes=("path",), models=("gcn",), distances=(distance,), seeds=1, steps=3
        )
        carry_out(asked, tmp_path)
    with Store.read(tmp_path) as store:
        document = load_document(store)
        requests = [request.command for request in store.requests()]
    check(document, requests)
    assert {figure.command for figure in figures(document)} == {"\n".join(map(anew, requests))}


def test_a_comparison_of_optimisers_names_its_command() -> None:
    view = replace(typical(), commands=("unroll optimisers --seeds 2 --out runs/x",))
    section = optimiser_section([view])
    assert section is not None
    told = {block.command for block in section.blocks if isinstance(block, Figure)}
    assert told == {"unroll optimisers --seeds 2"}


def test_a_book_is_asked_for_again_by_its_study(tmp_path: Path) -> None:
    book = tmp_path / "my book.txt"
    book.write_text(BOOK * 60, encoding="utf-8")
    carry_out(TINY_TEXT.of_book(book), tmp_path / "out")
    with Store.read(tmp_path / "out") as store:
        document = load_document(store)
        check(document, [request.command for request in store.requests()])
    assert {*lines(document)} == {
        f"unroll study --preset quick --book '{book}' --only {number}"
        for number in ("2.1a", "2.1b")
    }
    below = [
        [line for b in s.blocks if isinstance(b, Command) for line in b.text.split("\n")]
        for s in document.sections
        if s.number in ("2.1c", "2.3")
    ]
    written = "unroll text write runs/tiny --prompt"
    for told, number, option in zip(
        below, ("2.1c", "2.3"), ("--temperature 2", "--beams 2"), strict=True
    ):
        assert told[0] == f"unroll study --preset quick --book '{book}' --only {number}"
        assert told[1].startswith(written)
        assert told[1].endswith(option)
        parse(shlex.split(told[1])[1:])


@pytest.mark.slow
def test_each_figure_of_a_whole_study_names_what_measures_it(tmp_path: Path) -> None:
    options = RunOptions(out=tmp_path / "study", workers=1, quiet=True)
    with pytest.MonkeyPatch.context() as patch:
        # Drawn once, below, instead of each time that something is finished.
        patch.setattr("unroll.study.execute.write_document", lambda *_: tmp_path / "report.html")
        run_study(SMOKE, options, InlineExecutor())
    with Store.read(options.out) as store:
        document = load_document(store)
        check(document, [request.command for request in store.requests()])
    assert {number for s in document.sections if (number := s.number)} == {
        *("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"),
        *("2.1a", "2.1b", "2.1c", "2.2", "2.3"),
        *("3.1", "3.2", "GAT", "3.3", "3.4a", "3.4b"),
    }
    page = read(render(document))
    typed = {line.text.rstrip("\n") for line in page.all("span", class_="line")}
    assert {*lines(document)} <= typed
    for section in document.sections:
        roles = {block.role for block in section.blocks if isinstance(block, Prose)}
        assert {"asked", "ran", "measured", "follows"} <= roles, section.title
        for block in section.blocks:
            if isinstance(block, Command):
                for line in block.text.split("\n"):
                    parse(shlex.split(line)[1:])


def test_only_the_directory_is_left_out() -> None:
    assert anew("unroll memory --cells rnn") == "unroll memory --cells rnn"
    assert anew("unroll gates --out runs/x") == "unroll gates"
    # A value may be spelt as the option is.
    assert anew("unroll graph reach --source --out --target B") == (
        "unroll graph reach --source --out --target B"
    )


def test_a_figure_keeps_its_own_command_and_the_rest_stands_below() -> None:
    own = with_command(FIGURE, ["unroll gates --out a", "unroll gates --out b"])
    assert own.command == "unroll gates"
    prose = Prose(text="x")
    told = with_commands([prose, own, FIGURE], ["unroll memory --out a"])
    assert told == [prose, own, replace(FIGURE, command="unroll memory")]
    assert with_commands([prose, own], ["unroll memory", "unroll text x --out a"], "Again") == [
        prose,
        own,
        Command(text="unroll memory\nunroll text x", label="Again"),
    ]


def _request(command: str, *trials: str) -> RequestRecord:
    return RequestRecord(kind="memory", settings={}, command=command, trials=trials, started="")


def test_a_command_that_asks_for_nothing_new_is_not_listed() -> None:
    study = [_request("unroll a", "x", "y"), _request("unroll b", "z")]
    look = _request("unroll look", "y", "z")
    assert covering([*study, look]) == ("unroll a", "unroll b")
    assert covering([look, *study]) == ("unroll look", "unroll a")
    whole = _request("unroll whole", "x", "y", "z")
    assert covering([*study, whole, replace(whole, command="again")]) == ("unroll whole",)


def test_a_length_that_nobody_tested_before_is_something_new() -> None:
    first = _request("unroll memory --test-lengths 31 100 --seeds 1", "x")
    assert asked_lengths(first) == {("x", ""), ("x", "31"), ("x", "100")}
    further = _request("unroll memory --test-lengths 31 1000 --out d", "x")
    less = _request("unroll memory", "x")
    assert covering([first, less, further], asked_lengths) == (first.command, further.command)
