from dataclasses import replace

import pytest

from tests.study.ablation.made_up import SMALL, view
from unroll.report.charts import Palette
from unroll.report.section import Block, Figure, Prose, Section, Table
from unroll.study.ablation.findings import ablation_lead, lessons, told_horizon
from unroll.study.ablation.rows import Row
from unroll.study.ablation.sections import ablation_section
from unroll.study.ablation.summary import ablation_notes, summarise_ablation
from unroll.study.ablation.view import AblationView
from unroll.study.document import build_document
from unroll.study.results import group, horizons_of

ONE_RATE = replace(SMALL, rates=(3e-3,))


def encoding_decides(row: Row, _seed: int) -> int:
    """One-hot alone brings everything, nothing else anything."""
    return 20 if "encoding" in row.changes else 5


def seeds_differ(_row: Row, seed: int) -> int:
    """Every way comes as far, on one seed far, on the other not at all."""
    return 20 if seed else 0


def tell(made: AblationView) -> Section:
    section = ablation_section([made], labels={"rnn": "rnn"}, palette=Palette.of(["rnn"]))
    assert section is not None
    return section


def find(section: Section, kind: type[Block]) -> list[Block]:
    return [block for block in section.blocks if isinstance(block, kind)]


def test_what_moves_the_horizon_is_told_with_its_numbers() -> None:
    assert lessons(view(ONE_RATE, encoding_decides)) == (
        "**RNN.** T = 5 by `assignment`, 20 or more by `learned`. Alone it moves the horizon: "
        "encoding (T = 20 or more). Not to be left out of `learned`: encoding (T = 5) without it. "
        "What the spread over seeds covers both ways: initialisation, clipping and curriculum."
    )


def test_nothing_is_claimed_where_ranges_overlap() -> None:
    assert lessons(view(ONE_RATE, seeds_differ)) == (
        "**RNN.** T = none (none–20) by `assignment`, none (none–20) by `learned`. No change alone "
        "moves the horizon by more than the seeds differ. All changes together carry it no further "
        "than the seeds differ. What the spread over seeds covers both ways: encoding, "
        "initialisation, clipping and curriculum."
    )


def test_a_change_that_harms_is_told_too() -> None:
    def reach(row: Row, _seed: int) -> int:
        if row.place == "assignment":
            return 10
        return 20 if "clip_norm" not in row.changes else 5

    text = lessons(view(ONE_RATE, reach))
    assert "Alone it does harm: clipping (T = 5)." in text
    assert "Without it training goes further: clipping (T = 20 or more)." in text


def test_a_section_has_one_figure_one_table_and_what_follows() -> None:
    made = view(ONE_RATE, encoding_decides)
    section = tell(made)
    (figure,) = find(section, Figure)
    (table,) = find(section, Table)
    assert isinstance(figure, Figure)
    assert isinstance(table, Table)
    assert figure.id == "ablation"
    assert figure.command.startswith("unroll ablation --cells rnn --seeds 2 --budget 20000")
    assert len(figure.rows) == 10 * 2
    assert [row[1] for row in table.rows][:2] == ["assignment", "assignment + encoding"]
    assert table.rows[1] == (
        "rnn", "assignment + encoding", "encoding", "20 or more", "0.003"
    )  # fmt: skip
    prose = [block.role for block in find(section, Prose) if isinstance(block, Prose)]
    assert prose == ["asked", "ran", "measured", "follows"]
    document = build_document(group(made))
    assert section.title in [part.title for part in document.sections]


def test_every_way_has_a_horizon_under_a_name_of_its_own() -> None:
    found = horizons_of(group(view(ONE_RATE, encoding_decides)))
    assert found["rnn, assignment"].median == 5
    assert found["rnn, learned − curriculum"].is_open
    assert len(found) == 10


def test_the_summary_holds_every_seed() -> None:
    made = view(ONE_RATE, encoding_decides)
    first = summarise_ablation(made)["rows"][0]
    assert first["row"] == "assignment"
    assert first["changed"] == []
    assert first["horizon"]["per_seed"] == [5, 5]
    assert [rung["length"] for rung in first["lengths"]] == [5, 10]
    above, below = ablation_notes(made)
    assert "median of 2 seeds (range); 20,000 sequence-steps a trial" in above
    assert "*" not in below


def test_two_seeds_that_differ_have_a_range() -> None:
    made = view(ONE_RATE, seeds_differ)
    ladder = next(iter(made.ladders.values()))
    assert told_horizon(ladder.horizon()) == "none (none–20)"


def test_nothing_recorded_is_no_section() -> None:
    empty = AblationView(ladders={}, protocol={}, missing=0, commands=())
    palette = Palette.of([])
    assert ablation_section([empty], labels={}, palette=palette) is None


@pytest.mark.parametrize("cells", [("rnn",), ("rnn", "lstm")])
def test_the_figure_draws_each_change_twice(cells: tuple[str, ...]) -> None:
    found = view(replace(ONE_RATE, cells=cells), encoding_decides)
    labels = {cell: cell for cell in cells}
    section = ablation_section([found], labels=labels, palette=Palette.of(cells))
    assert section is not None
    (figure,) = find(section, Figure)
    assert isinstance(figure, Figure)
    drawn = [row for rows in figure.spec["datasets"].values() for row in rows if "way" in row]
    ways = {(row["cell"], row["change"], row["way"]) for row in drawn}
    assert len(ways) == 2 * sum({"rnn": 4, "lstm": 5}[cell] for cell in cells)
    alone = next(r for r in drawn if r["change"] == "encoding" and r["way"].startswith("assign"))
    assert (alone["low"], alone["reached"], alone["high"], alone["open"]) == (20, 20, 20, True)


def test_where_nothing_is_solved_that_is_what_is_told() -> None:
    assert lessons(view(ONE_RATE, lambda _row, _seed: 0)) == (
        "**RNN.** No row solves the shortest length, T = 5: raise `--budget`."
    )


def test_one_seed_has_no_spread() -> None:
    made = view(replace(ONE_RATE, seeds=1), encoding_decides)
    assert lessons(made) == (
        "**RNN.** T = 5 by `assignment`, 20 or more by `learned`. Alone it moves the horizon: "
        "encoding (T = 20 or more). Not to be left out of `learned`: encoding (T = 5) without it. "
        "Without effect both ways: initialisation, clipping and curriculum. All of it is of one "
        "seed: another may differ."
    )
    same = lessons(view(replace(ONE_RATE, seeds=1), lambda _row, _seed: 10))
    assert same == (
        "**RNN.** T = 10 by `assignment`, 10 by `learned`. No change alone moves the horizon. All "
        "changes together carry it no further. Without effect both ways: encoding, "
        "initialisation, clipping and curriculum. All of it is of one seed: another may differ."
    )
    assert ablation_notes(made)[0].splitlines()[1] == (
        "from T = 9 on): 1 seed; 20,000 sequence-steps a trial"
    )


def test_nothing_is_taught_while_trials_are_missing() -> None:
    made = replace(view(ONE_RATE, encoding_decides), missing=3)
    assert lessons(made) == ""
    assert [b.role for b in tell(made).blocks if isinstance(b, Prose)] == [
        "asked",
        "ran",
        "measured",
    ]
    asked = (
        "Between recipe `assignment` and recipe `learned` several things change at once. Which of "
        "them carries a digit further?"
    )
    assert ablation_lead([made], is_running=True) == asked
    assert ablation_lead([made], is_running=False) == (
        f"{asked} **Not finished:** 3 trials of the last command missing here; run it again to go "
        "on."
    )


def test_nothing_is_taught_of_a_cell_whose_climb_was_interrupted() -> None:
    made = view(ONE_RATE, encoding_decides)
    longest = max(ONE_RATE.lengths)
    climbed = [row for row, found in made.ladders.items() if longest in found.lengths]
    assert climbed
    assert made.unfinished == ()
    shortened = {
        row: replace(found, trials=tuple(t for t in found.trials if t.settings.length < longest))
        for row, found in made.ladders.items()
    }
    interrupted = replace(made, ladders=shortened)
    assert interrupted.unfinished == ("rnn",)
    assert lessons(interrupted) == "RNN is not finished: run its command again."


def test_a_report_of_an_ablation_alone_has_its_title_and_leads_with_its_result() -> None:
    made = view(ONE_RATE, encoding_decides)
    document = build_document(group(made))
    assert document.title == "Which change of training carries a memory further?"
    assert document.lead.endswith(lessons(made))


def test_what_changes_is_listed_for_each_cell() -> None:
    (ran,) = [
        b.text
        for b in tell(view(ONE_RATE, encoding_decides)).blocks
        if isinstance(b, Prose) and b.role == "ran"
    ]
    assert (
        "What changes for RNN: digit one-hot instead of scalar, parameters begin as identity:1 "
        "instead of uniform, norm clipped at 1 instead of 10 and T grows from 4 as it is learned. "
        "Each trial may use 20,000 sequence-steps"
    ) in ran


def test_the_terminal_wraps_the_paragraph() -> None:
    _, below = ablation_notes(view(ONE_RATE, encoding_decides))
    assert max(map(len, below.splitlines())) <= 79
    assert len(below.splitlines()) > 1
