from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.study.made_up import add_trial, make_view, request, trial_record
from unroll.records import Store
from unroll.report.charts import Palette
from unroll.report.page import render
from unroll.report.section import Block, Check, Command, Figure, Prose, Section, Table
from unroll.study.document import build_document
from unroll.study.memory.sections import memory_sections
from unroll.study.memory.view import MemoryView, label_cells, view_requests
from unroll.study.views import Views

RESULTS = {
    (cell, length, seed): accuracy
    for cell, by_length in {
        "rnn": {5: (1.0, 1.0), 10: (1.0, 0.995), 20: (0.12, 0.11)},
        "lstm": {5: (1.0, 1.0), 10: (0.3, 0.2)},
    }.items()
    for length, by_seed in by_length.items()
    for seed, accuracy in enumerate(by_seed)
}


def tell(views: Sequence[MemoryView]) -> tuple[Section, ...]:
    labels = label_cells(cell for view in views for cell in view.cells)
    return memory_sections(views, labels=labels, palette=Palette.of(labels.values()))


def prose(section: Section, role: str) -> str:
    """Return the text of one part of a section."""
    return next(b.text for b in section.blocks if isinstance(b, Prose) and b.role == role)


def blocks_of(sections: tuple[Section, ...], kind: type[Block]) -> list[Block]:
    return [block for section in sections for block in section.blocks if isinstance(block, kind)]


def test_the_questions_are_answered_from_the_records(tmp_path: Path) -> None:
    sections = tell([make_view(tmp_path, RESULTS)])
    assert [section.number for section in sections] == ["1.2", "1.3", "1.6"]
    assert prose(sections[1], "measured") == (
        "Median accuracy of RNN: 1.000 at T = 5, 0.998 at T = 10, 0.115 at T = 20."
    )
    assert prose(sections[1], "follows") == (
        "The memory horizon of RNN is **T = 10** (median of 2 seeds; the same for every seed), "
        "with at most 10 optimisation steps a trial. At T = 20 it is not solved by 2 of 2 seeds "
        "(accuracy 0.115 (0.110–0.120), chance 0.100)."
    )
    assert "LSTM is **T = 5**" in prose(sections[2], "follows")
    assert prose(sections[2], "follows").endswith(
        "**RNN and LSTM.** Which one is ahead: at T = 10 RNN is, with every seed; at T = 5 neither "
        "is."
    )
    assert prose(sections[0], "follows") == (
        "RNN learns T = 5 with 2 of 2 seeds, T = 10 with 2 of 2 seeds and T = 20 with 0 of 2 "
        "seeds: what counts is an accuracy of at least 0.99 on the test sequences. The rule *stop "
        "when the mean loss moved by less than 1e-6* of report C would have fired at step 7, in 4 "
        "of 6 trials before training ended by itself; it is recorded here and not obeyed."
    )
    assert prose(sections[0], "measured") == (
        "The stopping rule was reached within 10 steps: at T = 5 in 0 of 2 seeds; at T = 10 in 0 "
        "of 2 seeds; at T = 20 in 0 of 2 seeds."
    )


def test_what_the_reports_say_stands_beside_what_was_measured(tmp_path: Path) -> None:
    sections = tell([make_view(tmp_path, RESULTS)])
    table = blocks_of(sections, Table)[-1]
    assert isinstance(table, Table)
    assert [row[:3] for row in table.rows[:3]] == [
        ("report A", "16", "23"),
        ("report B", "about 20", "10–15"),
        ("report C", "5", "10"),
    ]
    assert table.rows[3][1:3] == (
        "T = 10 (the same for every seed; tested at T = 5, 10 and 20)",
        "T = 5 (the same for every seed; tested at T = 5 and 10)",
    )


def test_the_parameter_formula_is_checked_against_the_network(tmp_path: Path) -> None:
    def check(parameters: int, directory: Path) -> bool:
        with Store.create(directory) as store:
            record = replace(trial_record("rnn", 10, 0), parameters=parameters)
            key = add_trial(store, record, {10: 1.0})
            sections = tell([view_requests(store, [request([key])])])
        (block,) = blocks_of(sections, Check)
        assert isinstance(block, Check)
        return block.passed

    n = 8
    formula = (n * 1 + n * n + n) + 10 * (n + 1)
    assert check(formula, tmp_path / "right")
    assert not check(formula + 1, tmp_path / "wrong")


def test_every_figure_of_two_protocols_has_a_name_of_its_own(tmp_path: Path) -> None:
    view = make_view(tmp_path, RESULTS)
    sections = tell([view, view])
    names = [block.id for block in blocks_of(sections, Figure) if isinstance(block, Figure)]
    assert len(names) == 2 * 8
    assert len(set(names)) == len(names)
    render(build_document(Views(memory=(view, view))))


def test_a_study_of_one_cell_tells_only_of_it(tmp_path: Path) -> None:
    def numbers(cell: str) -> list[str]:
        results = {k: v for k, v in RESULTS.items() if k[0] == cell}
        return [s.number for s in tell([make_view(tmp_path / cell, results)])]

    assert numbers("rnn") == ["1.2", "1.3"]
    assert numbers("lstm") == ["1.6"]


def test_a_cells_name_cannot_break_the_page(tmp_path: Path) -> None:
    name = "</script><script>alert(1)</script>.py:A*b*`c`"
    page = render(build_document(Views(memory=(make_view(tmp_path, {(name, 10, 0): 1.0}),))))
    assert "<script>alert" not in page


def test_a_section_names_the_commands_of_its_own_cells(tmp_path: Path) -> None:
    view = replace(make_view(tmp_path, RESULTS), commands=("unroll a rnn", "unroll b lstm"))
    told = {
        section.number: [block.command for block in section.blocks if isinstance(block, Figure)]
        for section in tell([view])
    }
    both = "unroll a rnn\nunroll b lstm"
    assert told == {
        "1.2": ["unroll a rnn"] * 2,
        "1.3": ["unroll a rnn"],
        "1.6": [both] * 3 + ["unroll b lstm"] * 2,
    }
    assert not [b for section in tell([view]) for b in section.blocks if isinstance(b, Command)]


def test_an_unfinished_study_says_so(tmp_path: Path) -> None:
    document = build_document(Views(memory=(make_view(tmp_path, RESULTS, missing=4),)))
    assert document.lead.endswith(
        "**Not finished:** 4 trials of the last command are missing here; run it again to go on."
    )


def test_trials_that_failed_are_not_compared(tmp_path: Path) -> None:
    view = make_view(tmp_path, RESULTS)
    trials = tuple(
        replace(t, best={}, record=replace(t.record, status="failed"))
        if t.settings.cell == "lstm"
        else t
        for t in view.trials
    )
    sections = tell([replace(view, trials=trials)])
    assert "Which one is ahead" not in prose(sections[2], "follows")
    assert "LSTM has no accuracy: no trial came to its test." in prose(sections[2], "measured")


def test_one_seed_is_called_one_seed(tmp_path: Path) -> None:
    alone = {key: accuracy for key, accuracy in RESULTS.items() if key[2] == 0}
    follows = prose(tell([make_view(tmp_path, alone)])[2], "follows")
    assert "not solved by 1 of 1 seed (" in follows
    assert "at T = 10 RNN is, on one seed; at T = 5 neither is." in follows
    assert "every seed" not in follows
