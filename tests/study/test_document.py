"""A store that holds the results of one command alone has a report."""

from pathlib import Path

import pytest

from tests.study.made_up_views import gradient_view, learned_view, memory_view, probe, trial
from tests.study.optimisers.test_sections import typical
from tests.study.text.made_up import view as text_view
from tests.study.undrawn import carry_out
from unroll.records import Store
from unroll.report.page import render
from unroll.study.document import TEXT_TITLE, TITLE, build_document
from unroll.study.gates.settings import GateSettings
from unroll.study.gradients.settings import GradientSettings
from unroll.study.memory.settings import MemorySettings
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
    assert alone.title == TEXT_TITLE
    assert alone.lead.startswith("A character model of 2 × 128 units")
    assert [fact.label for fact in alone.facts] == ["Book"]
    trained = memory_view([trial("rnn", {6: 0.2})])
    both = build_document(Views(memory=(trained,), texts=(text_view(),)))
    assert both.title == TITLE
    assert "A character model of 2 × 128 units" in both.lead
    assert [section.part for section in both.sections][-1] == "Text"


def test_everything_together_is_one_page() -> None:
    trained = memory_view([trial("rnn", {6: 0.2}), trial("lstm", {6: 1.0})])
    views = Views(
        memory=(trained, learned_view([{10: 1.0, 31: 0.9}])),
        gradients=(gradient_view([probe("rnn"), probe("lstm")]),),
    )
    document = build_document(views)
    numbers = [section.number for section in document.sections]
    assert numbers == ["", *sorted(numbers[1:])]
    assert {"1.1", "1.2", "1.3", "1.6", "1.7"} == set(numbers[1:])
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
