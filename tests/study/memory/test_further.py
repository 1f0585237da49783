from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.study.made_up import add_trial, request, trial_record
from tests.study.made_up_views import CURRICULUM, learned_view, memory_view, trial
from unroll.records import Store
from unroll.report.page import render
from unroll.report.section import Figure, Prose, Section, Table
from unroll.study.document import build_document
from unroll.study.memory.further import further_section
from unroll.study.memory.opening import opening_blocks, opening_sentence
from unroll.study.memory.series import Series, find_series
from unroll.study.memory.summary import retained_lines, table_notes
from unroll.study.memory.view import MemoryView, load_views
from unroll.study.views import Views

LABELS = {"rnn": "rnn", "lstm": "lstm"}
FAR = {10: 1.0, 11: 1.0, 100: 1.0, 1_000: 0.4}
NEAR = {10: 1.0, 11: 1.0, 100: 0.2, 1_000: 0.1}
NOTHING = {10: 0.1, 11: 0.1, 100: 0.1, 1_000: 0.1}
CLIFF = memory_view([trial("rnn", {n: a}, length=n) for n, a in ((5, 1.0), (10, 0.2))])


def frozen(tested: Sequence[Mapping[int, float]], **settings: object) -> MemoryView:
    stuck = {"lessons": ((1, 4),)} | settings
    return learned_view(tested, trained="readout", **stuck)  # type: ignore[arg-type]


def tell(*views: MemoryView) -> Section:
    section = further_section(views, LABELS)
    assert section is not None
    return section


def prose(section: Section, role: str) -> str:
    return next(b.text for b in section.blocks if isinstance(b, Prose) and b.role == role)


def one_series(*tested: Mapping[int, float]) -> Series:
    (found,) = find_series([learned_view(tested)], LABELS)
    return found


def test_the_last_length_solved_is_the_last_before_the_first_failure() -> None:
    assert one_series(FAR).last_solved == 100
    assert one_series(FAR, NEAR).last_solved == 11
    assert one_series(NOTHING).last_solved is None
    assert one_series({10: 1.0, 11: 0.5, 100: 1.0}).last_solved == 10
    assert one_series({10: 0.99, 11: 0.9899}).last_solved == 10
    # A length that one seed was not tested at is not known to be solved.
    assert one_series(FAR, {10: 1.0, 100: 1.0}).last_solved == 10


def test_the_opening_needs_a_cliff_and_what_goes_past_it() -> None:
    further = learned_view([FAR])
    assert opening_blocks([CLIFF], LABELS) == ()
    assert opening_blocks([further], LABELS) == ()
    assert opening_blocks([CLIFF, learned_view([{10: 1.0}])], LABELS) == ()
    assert opening_blocks([CLIFF, learned_view([FAR], cell="lstm")], LABELS) == ()
    (figure,) = opening_blocks([CLIFF, further], LABELS)
    assert isinstance(figure, Figure)
    assert {row["series"] for row in figure.rows} == {
        "assignment: trained at each T",
        "learned: T ≤ 10",
    }
    assert len(figure.rows) == 2 + len(FAR)


def test_the_opening_sentence_says_how_far_and_whether_it_was_learned() -> None:
    trained = learned_view([FAR, FAR])
    said = opening_sentence([CLIFF, trained, frozen([NOTHING, NOTHING])], LABELS)
    assert said == (
        "The same equations, trained by recipe `learned` for 1.5 s on lengths up to 10, answer "
        "lengths up to **T = 100** in all 2 seeds. With the recurrence frozen as it began, the "
        "same start reaches 0.100 (it never gets past T = 4 of its curriculum): what it remembers "
        "is learned."
    )
    to_the_end = learned_view([{10: 1.0, 1_000: 1.0}])
    assert opening_sentence([to_the_end], LABELS).endswith(
        "answer lengths up to **T = 1,000** in its one seed, the longest length tested."
    )
    assert opening_sentence([CLIFF], LABELS) == ""


@pytest.mark.parametrize(
    ("control", "verdict"),
    [
        (NOTHING, "**what it remembers is learned**"),
        (NEAR, "**by construction it remembers up to T = 11; the rest is learned**"),
        (FAR, "**remembered by construction, not learned**"),
        (dict.fromkeys(FAR, 1.0), "**remembered by construction, not learned**"),
    ],
)
def test_the_control_decides_what_was_learned(control: Mapping[int, float], verdict: str) -> None:
    section = tell(learned_view([FAR]), frozen([control]))
    assert prose(section, "follows") == (
        f"RNN with `identity:1`, recurrence frozen as it began: {control[10]:.3f} at T = 10 (it "
        f"never gets past T = 4 of its curriculum); {verdict}."
    )


def test_a_control_alone_that_solves_it_is_a_construction() -> None:
    section = tell(frozen([NEAR], lessons=((1, 4), (9, 10))))
    assert prose(section, "follows") == (
        "RNN with `identity:1`, recurrence frozen as it began: 1.000 at T = 10; **remembered by "
        "construction, not learned**."
    )
    assert "**" not in prose(tell(frozen([NOTHING])), "follows")


def test_without_a_control_none_is_claimed() -> None:
    assert prose(tell(learned_view([FAR])), "follows") == (
        "No control was run here: `--train readout` freezes the cell as it began."
    )


def test_what_remembers_nothing_has_not_learned_to_remember() -> None:
    views = [learned_view([NOTHING]), frozen([NOTHING])]
    for said in (prose(tell(*views), "follows"), opening_sentence(views, LABELS)):
        assert "what it remembers is learned" not in said
        assert "neither remembers anything" in said


@pytest.mark.parametrize(
    "other",
    [{"encoding": "scalar"}, {"hidden_size": 9}, {"batch_size": 5}, {"clip_norm": 2.0}],
    ids=["encoding", "hidden size", "batch", "clip"],
)
def test_a_network_is_judged_by_the_control_of_its_own_start(other: dict[str, object]) -> None:
    views = [learned_view([FAR]), frozen([NEAR], **other)]
    assert "the rest is learned" not in prose(tell(*views), "follows")
    assert "the same start" not in opening_sentence(views, LABELS)


def test_a_control_that_was_not_tested_as_far_does_not_bound_what_is_by_construction() -> None:
    # It solves every length that it was tested at, and so may well solve the others.
    section = tell(learned_view([FAR]), frozen([{10: 1.0, 11: 1.0}]))
    assert "the rest is learned" not in prose(section, "follows")
    assert prose(section, "follows").endswith(
        "; **by construction it remembers up to T = 11 at least; its control was not tested "
        "further up to T = 100**."
    )
    # Nor is anything known of lengths below the first that the control was tested at.
    shorter = tell(learned_view([{5: 1.0, 10: 0.2}]), frozen([{10: 0.1}]))
    assert prose(shorter, "follows").endswith(
        "; **its control was not tested further up to T = 5**."
    )


def test_every_way_of_training_is_a_column() -> None:
    views = [
        learned_view([FAR], initialisation="identity:2"),
        learned_view([FAR], initialisation="identity:3"),
        learned_view([FAR], initialisation="identity:3", curriculum=None),
    ]
    table = next(block for block in tell(*views).blocks if isinstance(block, Table))
    by_name = {row[0]: row[1:] for row in table.rows}
    assert by_name["initialisation"].count("identity:2") == 1
    assert by_name["initialisation"].count("identity:3") == 2
    assert by_name["curriculum"].count("none") == 2
    assert [column.title for column in table.columns[2:]] == [
        "rnn: learned, identity:2",
        "rnn: learned, identity:3",
        "rnn: learned, identity:3, no curriculum",
    ]


def test_ways_of_one_name_are_columns_apart() -> None:
    narrow, wide = learned_view([FAR]), learned_view([NEAR], length=11, hidden_size=9)
    table = next(block for block in tell(narrow, wide).blocks if isinstance(block, Table))
    assert [column.title for column in table.columns[2:]] == [
        "rnn: learned, 8 units",
        "rnn: learned, 9 units",
    ]


def test_no_two_series_have_one_name() -> None:
    # Begun at T = 4 and at T = 2, and with another budget.
    earlier = CURRICULUM | {"start": 2}
    views = [
        learned_view([FAR]),
        learned_view([NEAR], curriculum=earlier),
        learned_view([NOTHING], max_steps=99),
    ]
    assert [series.name for series in find_series(views, LABELS)] == [
        "learned, from T = 4, at most 10 steps: trained up to T = 10",
        "learned, from T = 2, at most 10 steps: trained up to T = 10",
        "learned, from T = 4, at most 99 steps: trained up to T = 10",
    ]
    # What else a command may be given leaves no trace in a network: then a number tells.
    twice = [learned_view([FAR]), learned_view([FAR])]
    assert [series.name for series in find_series(twice, LABELS)] == [
        "learned: trained up to T = 10",
        "learned (2): trained up to T = 10",
    ]


def test_what_was_never_tested_elsewhere_is_not_said_to_be() -> None:
    ran = prose(tell(learned_view([{10: 1.0}])), "ran")
    assert "then tested at lengths never trained on" not in ran


def test_one_seed_is_one_seed() -> None:
    assert "1 seeds" not in prose(tell(learned_view([FAR])), "ran")
    assert ", 1 seed;" in prose(tell(learned_view([FAR])), "ran")
    both = tell(learned_view([FAR]), learned_view([FAR, FAR], initialisation="identity:2"))
    assert ", 1 and 2 seeds;" in prose(both, "ran")


def test_lessons_are_told_as_far_as_they_went() -> None:
    table = next(
        block
        for block in tell(learned_view([FAR]), frozen([NOTHING])).blocks
        if isinstance(block, Table) and block.columns[2].title == "longest T trained at"
    )
    assert [row[2:5] for row in table.rows] == [("10", "50", "10"), ("4", "–", "10")]


def test_a_study_whose_every_trial_failed_has_a_report() -> None:
    view = learned_view([{}])
    failed = replace(view.trials[0].record, status="failed", error="it broke", lessons=())
    view = replace(view, trials=(replace(view.trials[0], record=failed),))
    render(build_document(Views(memory=(view,))))


def test_the_document_opens_with_the_cliff_and_the_further_section_follows_it() -> None:
    views = (learned_view([FAR, FAR]), frozen([NEAR, NEAR]), CLIFF)
    document = build_document(Views(memory=views))
    assert [type(block) for block in document.opening] == [Figure]
    assert [section.number for section in document.sections] == ["1.2", "1.3", ""]
    assert "answer lengths up to **T = 100** in all 2 seeds" in document.lead
    assert "The same equations further" in render(document)


def test_requests_of_older_versions_are_told_with_new_ones(tmp_path: Path) -> None:
    with Store.create(tmp_path) as store:
        keys = [
            add_trial(store, trial_record("rnn", length, 0), {length: 1.0}) for length in (5, 10)
        ]
        old, new = (request([key], f"unroll memory {key}") for key in keys)
        store.add_request(old)
        added: dict[str, Any] = {"curriculum": None, "by_cell": {}, "trained": "all"}
        store.add_request(replace(new, settings=new.settings | added))
        (view,) = load_views(store)
        assert [t.settings.length for t in view.trials] == [5, 10]
        assert view.commands == (old.command, new.command)
        store.add_request(replace(new, settings=new.settings | added | {"trained": "readout"}))
        assert len(load_views(store)) == 2


def test_memory_by_initialisation_is_never_called_learned() -> None:
    def latched(tested: Sequence[Mapping[int, float]], trained: str) -> MemoryView:
        view = learned_view(tested, trained=trained, initialisation="latch", curriculum=None)
        return replace(view, protocol={**view.protocol, "recipe": "latch", "curriculum": None})

    trained, control = latched([FAR], "all"), latched([FAR], "readout")
    assert prose(tell(trained, control), "follows").endswith(
        "**remembered by construction, not learned**."
    )
    stuck = latched([NOTHING], "readout")
    assert prose(tell(trained, stuck), "follows").endswith(
        "**it began as a memory, so this is not called learned; its control remembers nothing**."
    )
    (series,) = find_series([trained], LABELS)
    assert series.name == "latch, by initialisation: trained at T = 10"
    assert opening_sentence([CLIFF, trained], LABELS) == ""
    assert prose(tell(trained), "measured").endswith(", by initialisation.")
    assert prose(tell(trained), "follows") == (
        "What began as a memory is not called learned. No control was run here: `--train readout` "
        "freezes the cell as it began."
    )
    document = build_document(Views(memory=(trained,)))
    assert "By initialisation, not by learning (recipe `latch`), it remembers" in document.lead
    (line,) = retained_lines(trained)
    assert line == "rnn trained at T = 10 retains T = 100, by initialisation"
    assert table_notes(trained)[1][1] == (
        "by initialisation: it began as a memory, so this is not called learned"
    )
