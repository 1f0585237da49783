"""A store that holds the results of one command alone has a report."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.study.made_up_views import gradient_view, learned_view, memory_view, probe, trial
from tests.study.optimisers.test_sections import typical
from tests.study.text.made_up import view as text_view
from tests.study.undrawn import carry_out
from unroll.records import Store
from unroll.report.page import render
from unroll.study.document import QUESTION, TEXT_TITLE, TITLE, build_document
from unroll.study.gates.settings import GateSettings
from unroll.study.gradients.settings import GradientSettings
from unroll.study.memory.settings import MemorySettings
from unroll.study.parts import TEXT
from unroll.study.questions import StudySettings
from unroll.study.views import Views

FROZEN = MemorySettings(
    cells=("gru",),
    lengths=(9,),
    seeds=1,
    max_steps=2,
    batch_size=8,
    hidden_size=4,
    train="readout",
)


@pytest.mark.parametrize(
    ("settings", "numbers"),
    [
        (GateSettings(length=9, max_steps=2, batch_size=8, hidden_size=4), ["1.5"]),
        (FROZEN, [""]),
    ],
    ids=["gates", "frozen"],
)
def test_one_command_alone_has_a_report(
    tmp_path: Path, settings: StudySettings, numbers: list[str]
) -> None:
    carry_out(settings, tmp_path)
    with Store.read(tmp_path) as store:
        document = build_document(Views.load(store))
    assert [section.number for section in document.sections] == numbers


def test_a_comparison_of_optimisers_alone_has_a_report() -> None:
    document = build_document(Views(optimisers=(typical(),)))
    assert [section.number for section in document.sections] == ["1.4"]


def test_texts_alone_have_a_title_of_their_own() -> None:
    alone = build_document(Views(texts=(text_view(),)))
    assert (alone.title, alone.question) == (TEXT_TITLE, QUESTION)
    assert alone.lead.startswith("A character model of 2 × 128 units")
    assert [fact.label for fact in alone.facts] == ["Book"]
    trained = memory_view([trial("rnn", {6: 0.2})])
    both = build_document(Views(memory=(trained,), texts=(text_view(),)))
    assert both.title == QUESTION
    assert "A character model of 2 × 128 units" in both.lead
    assert TEXT in [section.part for section in both.sections]


def test_the_lead_has_a_paragraph_for_each_part_by_its_name() -> None:
    trained = memory_view([trial("rnn", {6: 0.2}), trial("lstm", {6: 1.0})])
    document = build_document(Views(memory=(trained,), texts=(text_view(),)))
    first, second = document.lead.split("\n\n")
    assert first == (
        "**Through time.** A network reads the digits of a palindrome one by one and has to say "
        "the last, which is the first: the longer the palindrome, the further that digit has to "
        "travel. Trained by recipe `assignment`, it remembers this far: RNN **not even T = "
        "6** (the only length tried) and LSTM **T = 6 or more** (1 seed)."
    )
    assert second.startswith("**Text.** A character model of 2 × 128 units")
    alone = build_document(Views(memory=(trained,)))
    assert alone.title == TITLE
    assert alone.lead.startswith("A network reads")


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        ((), ""),
        (("2026-11-21T17:20:03+00:00", "2026-11-21T19:00:00+00:00"), "21 November 2026"),
        (
            ("2026-12-01T00:00:01+00:00", "2026-11-30T23:59:59+00:00"),
            "30 November 2026 to 1 December 2026",
        ),
    ],
)
def test_the_line_above_the_title_says_when(asked: tuple[str, ...], about: str) -> None:
    views = Views(optimisers=(typical(),), asked=asked)
    assert build_document(views).about == about


def test_the_line_above_the_title_names_the_study() -> None:
    named = replace(text_view(), commands=("unroll study --preset quick --book b --out o",))
    moment = ("2026-11-21T17:20:03+00:00",)
    assert build_document(Views(texts=(named,), asked=moment)).about == (
        "quick study, 21 November 2026"
    )
    other = replace(text_view(), commands=("unroll text train --preset quick --out o",))
    assert build_document(Views(texts=(other,), asked=moment)).about == "21 November 2026"


def test_everything_together_is_one_page() -> None:
    trained = memory_view([trial("rnn", {6: 0.2}), trial("lstm", {6: 1.0})])
    views = Views(
        memory=(trained, learned_view([{10: 1.0, 31: 0.9}])),
        gradients=(gradient_view([probe("rnn"), probe("lstm")]),),
    )
    document = build_document(views)
    numbers = [section.number for section in document.sections]
    assert numbers == ["1.1", "1.2", "1.3", "1.6", "", "1.7"]
    assert "before training" in render(document)


def test_a_store_of_gradients_alone_says_on_what_it_was_measured() -> None:
    document = build_document(Views(gradients=(gradient_view([probe("rnn")]),)))
    assert {fact.label: fact.value for fact in document.facts} == {
        "Cells": "rnn",
        "Lengths T": "6 digits",
        "Seeds": "1",
    }
    assert document.provenance == ()


def test_the_last_lines_tell_of_measurements_as_of_trials(tmp_path: Path) -> None:
    settings = GradientSettings(
        cells=("rnn",), inits=("uniform",), length=5, seeds=2, sequences=2, hidden_size=4
    )
    carry_out(settings, tmp_path)
    with Store.read(tmp_path) as store:
        last = {f.label: f.value for f in build_document(Views.load(store)).provenance}
    assert set(last) == {"Versions", "Machine", "Work"}
    assert last["Work"].startswith("2 measurements, ")
    carry_out(FROZEN, tmp_path)
    with Store.read(tmp_path) as store:
        last = {f.label: f.value for f in build_document(Views.load(store)).provenance}
    assert last["Work"].startswith("1 trial, ")
    assert "; 2 measurements, " in last["Work"]
